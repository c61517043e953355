"""What the classifier refuses, in words that the person who gave it can act on."""


class ClassifierError(ValueError):
    """A mistake in what was given: the text says what was wanted, what was given and what to do."""
