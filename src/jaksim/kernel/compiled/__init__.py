"""Compiled kernels: where they are kept on disk, and how they are called from there."""
