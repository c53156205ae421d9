"""Back ends of reports: one module for each format, and the table that finds it."""
