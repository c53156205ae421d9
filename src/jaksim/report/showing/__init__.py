"""The report of what a scenario expects."""
