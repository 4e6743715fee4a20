"""Results for people: one summary as a dict, and the writers that show it."""
