"""Kits at the depot and at the sites, and when patients are given them."""
