"""Data sets of clinical trials in the form of CDISC ADaM."""
