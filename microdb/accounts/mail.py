"""The e-mail backend: a message is queued once the transaction is committed, so no request waits for a mail server."""

from collections.abc import Sequence
from typing import Any

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction

from microdb.accounts.tasks import deliver

FIELDS = ("subject", "body", "from_email", "to", "cc", "bcc", "reply_to")


class QueuedEmailBackend(BaseEmailBackend):
    """Plain text only: alternatives and attachments are refused."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        for message in email_messages:
            if message.attachments or getattr(message, "alternatives", None):
                raise ValueError("The site's e-mails are plain text; send files and HTML in another way.")
            fields = {name: getattr(message, name) for name in FIELDS} | {"headers": dict(message.extra_headers)}
            _queue_on_commit(fields)
        return len(email_messages)


def _queue_on_commit(fields: dict[str, Any]) -> None:
    def queue() -> None:
        deliver.delay(fields)

    # A queue that does not answer is logged; what was stored stays, and the person can ask for another e-mail.
    transaction.on_commit(queue, robust=True)
