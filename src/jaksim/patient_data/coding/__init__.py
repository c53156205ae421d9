"""What codes, words and numbers of a column mean."""
