"""What may come between a patient and the endpoint, as a scenario tells it: keys, reading, and what is assumed."""
