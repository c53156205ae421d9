"""Many simulated trials, patient by patient."""
