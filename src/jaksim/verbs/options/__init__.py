"""What can be said to each verb."""
