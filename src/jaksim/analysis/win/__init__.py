"""Analyses of pairs of patients: Wilcoxon, van Elteren, win ratio, win odds, net benefit."""
