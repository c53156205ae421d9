"""All trials of several drugs calibrated together: each keeps its natural history, effects share a hierarchy."""
