"""Methods for times to an event: each module holds one `METHOD` of its own name."""
