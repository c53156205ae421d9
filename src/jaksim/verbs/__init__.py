"""The verbs: what can be asked of a scenario or of data, as functions of Python."""
