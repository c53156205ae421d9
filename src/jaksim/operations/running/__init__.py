"""A trial that is running: its log so far, what the log tells of its sites, and who comes from now on."""
