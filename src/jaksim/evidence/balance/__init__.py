"""Benefit and risk of a treatment from published figures: differences, numbers needed, and their weighted sum."""
