"""A program that receives webhooks: a real HTTP server that keeps what it gets and answers as it is told."""

import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ssl import SSLContext
from typing import Any

PIECE = 65_536


@dataclass
class Request:
    path: str
    headers: Mapping[str, str]
    body: str


@dataclass
class Receiver:
    """``answers`` are statuses, the next first and the last for ever.

    ``pause``: seconds before each byte of the content. ``written``: bytes of contents that were handed to the network.
    """

    port: int = 0
    answers: list[int] = field(default_factory=lambda: [200])
    headers: dict[str, str] = field(default_factory=dict)
    content: bytes = b"thanks"
    delay: float = 0.0
    pause: float = 0.0
    written: int = 0
    got: list[Request] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}/hook?from=microdb"


@contextmanager
def receiving(tls: SSLContext | None = None) -> Iterator[Receiver]:
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            receiver.got.append(Request(self.path, dict(self.headers), body))
            time.sleep(receiver.delay)
            status = receiver.answers.pop(0) if len(receiver.answers) > 1 else receiver.answers[0]
            try:
                self.send_response(status)
                for name, value in receiver.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(receiver.content)))
                self.end_headers()
                step = 1 if receiver.pause else PIECE
                for start in range(0, len(receiver.content), step):
                    time.sleep(receiver.pause)
                    receiver.written += self.wfile.write(receiver.content[start : start + step])
            except OSError:  # the other side has heard enough
                return

        def log_message(self, *_: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    receiver.port = server.server_port
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
