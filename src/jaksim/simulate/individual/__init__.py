"""Simulation of patients who each have characteristics of their own: the checked door to the jitted kernels."""
