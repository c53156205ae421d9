"""Safety events as a scenario tells them: keys, reading, intensities solved for, and what is assumed."""
