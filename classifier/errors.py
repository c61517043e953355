"""The two ways in which the classifier stops: a mistake that a person can mend, and a wish to stop."""


class ClassifierError(ValueError):
    """A mistake of the person: the text says what was wanted, what was given and what to do."""


class Cancelled(Exception):
    """The progress callback returned False; nothing was changed."""
