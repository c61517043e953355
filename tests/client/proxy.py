"""A network that can fail: a proxy between the client and the site, which drops connections when it is told to."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

PIECE = 2**16


class Proxy:
    """``down``: nothing gets through. ``cut``: so many of the next answers are lost, after the site got the request.

    ``only``: answers are cut for request lines that hold this text. ``sent``: the request lines that reached the site.
    """

    def __init__(self, site: str) -> None:
        parts = urlsplit(site)
        self._site = (parts.hostname or "", parts.port or 80)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self.down = False
        self.cut = 0
        self.only = ""
        self.bytes = 0
        self.sent: list[str] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._listener.close()

    def posts(self, ending: str) -> int:
        """How many POST requests to paths with this ending reached the site."""
        return sum(line.startswith("POST") and line.split()[1].endswith(ending) for line in self.sent)

    def _accept(self) -> None:
        while True:
            try:
                client, _address = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        """One request for each connection to the site; the client's connection ends with its answer."""
        with client:
            if self.down:
                return
            head = b""
            while b"\r\n\r\n" not in head:
                if not (piece := client.recv(PIECE)):
                    return
                head += piece
            head, _, body = head.partition(b"\r\n\r\n")
            lines = [
                line for line in head.decode("latin-1").split("\r\n") if not line.lower().startswith("connection:")
            ]
            length = next((int(line.split(":")[1]) for line in lines if line.lower().startswith("content-length:")), 0)
            while len(body) < length and (piece := client.recv(PIECE)):
                body += piece
            self.bytes += len(body)
            self.sent.append(lines[0])
            with socket.create_connection(self._site) as site:
                site.sendall("\r\n".join([*lines, "Connection: close", "", ""]).encode("latin-1") + body)
                answer = b"".join(iter(lambda: site.recv(PIECE), b""))
            if self.cut and self.only in lines[0]:
                self.cut -= 1
                return
            client.sendall(answer)


@contextmanager
def proxy_to(site: str) -> Iterator[Proxy]:
    proxy = Proxy(site)
    try:
        yield proxy
    finally:
        proxy.close()
