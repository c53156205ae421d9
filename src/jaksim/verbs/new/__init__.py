"""The way in: which scenarios there are, a copy of one, files of a trial of one's own."""
