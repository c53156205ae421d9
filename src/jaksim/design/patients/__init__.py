"""Patients of one replicate, one row each."""
