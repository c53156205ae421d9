"""A trial whose patients each have characteristics of their own, made ready for the path door."""
