"""People: who they are, what they know, and the tokens of their scripts."""
