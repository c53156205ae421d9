"""Commands that a first hour begins with: what scenarios there are, files of a trial of one's own."""
