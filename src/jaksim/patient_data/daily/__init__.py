"""Daily scores of patients."""
