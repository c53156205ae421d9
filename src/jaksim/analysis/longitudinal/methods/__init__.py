"""Methods for daily scores: each module holds one `METHOD` of its own name."""
