"""The embedded default: a Postgres and a Valkey from wheels, and the supervisor behind `manage.py quickstart`.

Only the management command and `apps` know Django; the rest can be imported before settings are read, and by tests.
"""


class StackError(Exception):
    """The stack cannot start; the text says what was wanted, what was found and what to do."""


class InUse(StackError):
    """The VAR or the port is taken: wrong use, nothing is broken."""
