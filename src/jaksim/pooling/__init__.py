"""Effects of drugs from many trials at once: what each trial tells, and the hierarchy that puts them together."""
