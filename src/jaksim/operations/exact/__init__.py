"""What operations bring about, by distributions rather than by simulation."""
