"""Which scenarios a sweep visits, and how one of them is computed."""
