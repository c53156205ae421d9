"""The large-sample twin of a simulated trial: expected tables, analytic power and size, control variates."""
