"""Questions about wins and losses: from stated win statistics, from distributions, from two times."""
