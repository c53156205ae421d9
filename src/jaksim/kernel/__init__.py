"""Jitted inner loops on plain arrays: numba and numpy only, no checks, no allocation inside the loops.

Everything here is reached through `jaksim.simulate`, which checks the arguments and fixes their dtypes, so that each
kernel is compiled for one signature.
"""
