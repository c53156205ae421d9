"""Patients entering: when they come, in which stratum and at which site, and to which arm they are randomised."""
