"""Drafting a quiz: the micrographs that it can ask about, leakage, and the conditions for opening it."""
