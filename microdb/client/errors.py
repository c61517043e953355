"""Errors of the client; their texts are sentences for the person at the keyboard."""


class ClientError(Exception):
    """Something that the person can mend, or that the server refused."""


class Unreachable(ClientError):
    """The server did not answer within the patience of the client."""


class ApiError(ClientError):
    """An answer of the server that is an error; ``code`` is stable, ``message`` is for people."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(f"{message} ({code})")
        self.status = status
        self.code = code
        self.message = message
