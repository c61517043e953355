"""The only kind of error whose text people see."""

STATUS_OF_CODE = {
    "duplicate": 409,
    "idempotency_key_reused": 409,
    "in_progress": 409,
    "already_started": 409,
    "client_key_reused": 409,
    "batch_cancelled": 409,
    "changed": 409,
    "not_ended": 409,
    "not_started": 409,
    "wrong_offset": 409,
    "upload_finished": 409,
    "too_many_uploads": 409,
    "missing_file": 410,
    "altered_file": 410,
    "upload_expired": 410,
    "upload_lost": 410,
    "tus_version": 412,
    "too_large": 413,
    "idempotency_key_other_files": 422,
    "upload_locked": 423,
    "checksum_mismatch": 460,  # of the tus protocol
    "provider_away": 503,
}
"""HTTP status of the errors for which 400 would tell too little."""


class MicroDBError(Exception):
    """A mistake that the person can correct. The text says what was expected, what was given and what to do.

    Pages show it beside the field or row concerned, the API returns it with ``code``, and jobs store it in their row.
    Every other exception is a bug: it is logged with an id, and people see only the id.
    """

    def __init__(self, message: str, *, code: str = "invalid") -> None:
        super().__init__(message)
        self.message = message
        self.code = code

    @property
    def status(self) -> int:
        """Of the HTTP response."""
        return STATUS_OF_CODE.get(self.code, 400)


class PassingError(MicroDBError):
    """What was given is not at fault: the server lacked time, or a file that it should have. It may be tried again."""
