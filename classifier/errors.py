"""The two exceptions of the classifier: a mistake that the user can correct, and cancellation."""


class ClassifierError(ValueError):
    """A mistake that the user can correct. The message states what was wanted, what was given and what to do."""


class Cancelled(Exception):
    """The progress callback returned False."""
