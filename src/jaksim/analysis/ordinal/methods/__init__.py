"""Methods for an ordered status: each module holds one `METHOD` of its own name."""
