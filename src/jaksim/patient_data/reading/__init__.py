"""Files and tables of patients as columns, whatever wrote them."""
