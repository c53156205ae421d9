"""Trials in calendar time: when the data are cut, what is decided then, how the trial ends."""
