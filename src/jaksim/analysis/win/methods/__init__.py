"""Methods for pairs of patients: each module holds one `METHOD` of its own name."""
