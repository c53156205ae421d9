"""Data of patients: columns read, checked and tabulated, and the analyses that need patients rather than counts."""
