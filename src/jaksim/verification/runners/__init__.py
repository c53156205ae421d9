"""One module per family of worked results: from the inputs of a case to what the tool answers."""
