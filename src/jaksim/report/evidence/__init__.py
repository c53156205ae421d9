"""Reports of the catalogue: studies, facts and what they say together."""
