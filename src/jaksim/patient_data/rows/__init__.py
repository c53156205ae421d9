"""What a row of a data set stands for."""
