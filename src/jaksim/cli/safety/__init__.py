"""Commands about harm in a running trial."""
