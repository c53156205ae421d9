"""The verbs' part in effects that are pooled over many trials."""
