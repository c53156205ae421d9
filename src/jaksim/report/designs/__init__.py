"""Reports of several designs."""
