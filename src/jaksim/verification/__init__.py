"""Worked results of other software and of papers, which the installed tool can be audited with."""
