"""How adaptive designs are conducted, one kind per file, each with a `design(cells, tests, seed, engine)`."""
