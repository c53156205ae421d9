"""Reports about harm in a running trial."""
