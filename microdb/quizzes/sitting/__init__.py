"""Taking a quiz: what is fixed while it is open, what an answer may be, and simulated readers."""
