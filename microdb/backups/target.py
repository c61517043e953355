"""The database and the queue that a backup or a restoration works on."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

from microdb.errors import MicroDBError
from microdb.stack import StackError
from microdb.stack.preparation import connected
from microdb.stack.servers.running import running_servers


@contextmanager
def servers_of_site(*, must_exist: bool) -> Iterator[str]:
    """Connect to the site's database, and yield the address of its queue.

    Those of the environment or of a running quickstart are used; where there are none, the embedded servers of VAR run
    meanwhile. ``must_exist``: refuse to make a new, empty database for that.
    """
    if settings.DATABASES["default"]["ENGINE"] != "microdb.stack.nodatabase":
        yield settings.REDIS_URL
        return
    if must_exist and not (Path(settings.VAR) / "postgres").is_dir():
        raise MicroDBError(f"VAR={settings.VAR} holds no site: give its folder as VAR=..., or set DATABASE_URL.")
    try:
        with running_servers(settings.VAR) as addresses, connected(addresses.database_url):
            yield addresses.redis_url
    except StackError as error:
        raise MicroDBError(str(error)) from None
