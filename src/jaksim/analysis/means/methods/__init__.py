"""Methods for a count of days: each module holds one `METHOD` of its own name."""
