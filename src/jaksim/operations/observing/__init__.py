"""What is observed of a trial that is conducted, by each door."""
