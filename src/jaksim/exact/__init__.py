"""Exact answers of the disease model: transition probabilities, occupation, first passage, laws of endpoints."""
