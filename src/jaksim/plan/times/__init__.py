"""Plans for times to an event: hazards, calendar, tests, and the question they make."""
