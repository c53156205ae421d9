"""How the `[adaptation]` table of each kind is read, one kind per file, each with `KEYS` and `read(values, parts)`."""
