"""What planned analyses make of a block of tables: estimates, decisions, several hypotheses."""
