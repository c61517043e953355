"""Clients that take their time: with the head of a request, with its body, or with reading the answer."""

import socket
import ssl
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress

WITHIN = 1.0
"""Seconds in which others get the login page meanwhile."""
HEAD = b"POST /accounts/login/ HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n"
SLOW = {
    "a head that never ends": HEAD + b"X-Slow: ",
    "a body that comes byte by byte": HEAD + b"Content-Length: 1000000\r\n\r\n",
    "a part of an upload that comes byte by byte": (
        b"PATCH /api/v1/datasets/steels/uploads/00000000-0000-0000-0000-000000000000/ HTTP/1.1\r\nHost: localhost\r\n"
        b"Upload-Offset: 0\r\nContent-Type: application/offset+octet-stream\r\nContent-Length: 1000000000\r\n\r\n"
    ),
    "a chunked body that comes byte by byte": HEAD + b"Transfer-Encoding: chunked\r\n\r\nf4240\r\n",
}
"""What such a client has sent before it sends single bytes."""


@contextmanager
def slow_clients(
    address: tuple[str, int], start: bytes, count: int = 40, tls: ssl.SSLContext | None = None
) -> Iterator[Sequence[socket.socket]]:
    """So many connections that have sent ``start``."""
    with ExitStack() as stack:
        opened = [stack.enter_context(socket.create_connection(address, timeout=30)) for _client in range(count)]
        if tls:
            opened = [stack.enter_context(tls.wrap_socket(one)) for one in opened]
        for one in opened:
            one.sendall(start)
        yield opened


def slowest_login_page(
    url: str, clients: Sequence[socket.socket], seconds: float, tls: ssl.SSLContext | None = None
) -> float:
    """Ask for the login page over and over while each client sends a byte now and then; the longest answer in seconds.

    Raises OSError where there is none within ten seconds.
    """
    direct = [urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=tls)]
    opener, slowest = urllib.request.build_opener(*direct), 0.0
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        for one in clients:
            with suppress(OSError):  # the server may have ended it
                one.sendall(b"x")
        start = time.monotonic()
        with opener.open(f"{url}/accounts/login/", timeout=10) as answer:
            answer.read()
        slowest = max(slowest, time.monotonic() - start)
        time.sleep(0.2)
    return slowest
