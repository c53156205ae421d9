"""Exact sums over replicates, the same in any order, and the operating characteristics made from them."""
