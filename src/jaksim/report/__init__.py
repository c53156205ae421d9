"""Results for readers: tables in text."""
