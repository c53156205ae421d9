"""Models of patients one by one, replicate after replicate: kernels for analyses that adjust for covariates."""
