"""Reports of the scenarios that there are, and of files that were written."""
