"""What a charter of interim analyses has to say: when each is expected, and what its bounds mean."""
