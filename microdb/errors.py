"""The one kind of error whose text a person sees."""


class MicroDBError(Exception):
    """A mistake that the person can mend: says what was wanted, what was given and what to do.

    Views show the text beside the thing it concerns, the API returns it with ``code``, jobs store it in their row.
    Every other exception is a bug: it is logged with an id, and only the id is shown.
    """

    def __init__(self, message: str, *, code: str = "invalid") -> None:
        super().__init__(message)
        self.message = message
        self.code = code
