"""What beat calls at night."""

from celery import shared_task

from microdb.accounts.services import drop_old_keys as drop_keys
from microdb.upkeep import checking


@shared_task  # type: ignore[untyped-decorator] # Celery has no types
def check_files() -> None:
    """Compare rows and files; the page shows what was found."""
    checking.check_files()


@shared_task  # type: ignore[untyped-decorator] # Celery has no types
def drop_old_keys() -> None:
    """Forget the requests that clients may no longer repeat."""
    drop_keys()
