"""What the patients of a scenario bring along: characteristics, their correlations, frailty."""
