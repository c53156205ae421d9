"""Cytokine, Janus kinase, STAT protein and drug as one graph, read from the facts, and what can be asked of it."""
