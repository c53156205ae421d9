"""Methods for an event that has happened or not: each module holds one `METHOD` of its own name."""
