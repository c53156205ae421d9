"""What is in the data base by when, and the analyses that wait for it."""
