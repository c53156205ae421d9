"""Families of endpoints, one module each with its record `FAMILY`."""
