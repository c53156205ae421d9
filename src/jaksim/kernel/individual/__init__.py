"""Patients who each have characteristics of their own, and with them intensities of their own."""
