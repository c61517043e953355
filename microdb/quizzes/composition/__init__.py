"""Composing a quiz: which micrographs it may ask about, and what must hold before it opens."""
