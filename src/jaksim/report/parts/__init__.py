"""What several reports share: parts of a page, tables and paragraphs, numbers and words."""
