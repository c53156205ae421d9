"""What a scenario expects, without simulation."""
