"""A worker of gunicorn that takes in whole requests before it answers them, as a proxy in front would.

gunicorn's own threads read from the connection themselves, so as many slow clients as there are threads stop the site
until they end. Here waitress receives and sends in one thread that waits for all connections at once, and keeps long
bodies in temporary files; the threads that run Django get requests that are there to their last byte, and uploads by
tus in parts (``arriving``). Requests with long bodies have threads of their own, so that pages are answered while
uploads are stored.
"""

import logging
import os
import time
from typing import Any

from gunicorn.workers.base import Worker
from waitress import wasyncore
from waitress.server import TcpWSGIServer, create_server
from waitress.task import ThreadedTaskDispatcher

from microdb.stack.connections import Connection, without_bodies_for_head

CONNECTIONS = 1000
"""Of one process, at most; more wait until one ends. Each needs up to three file descriptors."""
LONGEST_BODY = 4 * 2**30
"""Bytes; as in docker/nginx.conf. Uploads by tus are cut into parts and have no limit here."""
LONG_BODY = 2**20
"""Bytes; a longer body is an upload, which takes seconds to store. Forms and most API requests are shorter."""
LONGEST_UNSENT = 2**30
"""Bytes of answers that one client has not read yet, in a temporary file; then their thread waits."""
RECEIVED_AT_ONCE = 2**18
"""Bytes."""
STEP = 1.0
"""Seconds between two looks at whether to end."""


class BufferingWorker(Worker):  # type: ignore[misc] # gunicorn has no types
    """gunicorn starts, watches and ends it like its own workers.

    ``--threads`` is how many requests run at once, and beside them half as many with long bodies.
    """

    def run(self) -> None:
        logging.getLogger("waitress.queue").setLevel(logging.ERROR)  # it warns whenever a request waits for a thread
        (listener,) = self.sockets
        connections: dict[int, Any] = {}
        server = create_server(
            without_bodies_for_head(self.wsgi),
            map=connections,
            sockets=[listener.sock],
            threads=self.cfg.threads,
            connection_limit=CONNECTIONS,
            max_request_body_size=LONGEST_BODY,
            outbuf_high_watermark=LONGEST_UNSENT,
            recv_bytes=RECEIVED_AT_ONCE,
            asyncore_use_poll=True,
            clear_untrusted_proxy_headers=False,  # Django decides whom it believes
            ident=None,
        )
        server.channel_class = Connection
        server.task_dispatcher = _Dispatcher(server.task_dispatcher, uploads=max(1, self.cfg.threads // 2))
        while self.alive and self.ppid == os.getppid():
            self.notify()
            wasyncore.loop(STEP, use_poll=True, map=connections, count=1)
            for connection in list(server.active_channels.values()):
                connection.end_silent_upload()
        self._finish(server, connections)

    def _finish(self, server: TcpWSGIServer, connections: dict[int, Any]) -> None:
        """Answer the requests that are there, and what is there of uploads. Take no others."""
        server.accepting = False
        for connection in list(server.active_channels.values()):
            connection.end_upload()
        end = time.monotonic() + self.cfg.graceful_timeout
        while time.monotonic() < end and any(one.is_busy for one in list(server.active_channels.values())):
            self.notify()
            wasyncore.loop(0.1, use_poll=True, map=connections, count=1)


class _Dispatcher:
    """Hands requests to threads: those with long bodies to a few of their own, where they wait for each other."""

    def __init__(self, others: ThreadedTaskDispatcher, uploads: int) -> None:
        self._others, self._uploads = others, ThreadedTaskDispatcher()
        self._uploads.set_thread_count(uploads)

    def add_task(self, channel: Connection) -> None:
        is_upload = channel.requests[0].body_bytes_received > LONG_BODY
        (self._uploads if is_upload else self._others).add_task(channel)
