"""Find a free port, and explain why a port cannot be used."""

import errno
import random
import socket

from microdb.stack import StackError


def free_port() -> int:
    """A free port of 127.0.0.1, below the range from which the system takes ports for outgoing connections.

    On a port of that range, a client that retries a dead server could connect to itself and keep the server out.
    """
    for port in random.sample(range(15_000, 32_000), 200):
        if port_problem("127.0.0.1", port) is None:
            return port
    raise StackError("No free port on 127.0.0.1: 200 ports between 15000 and 32000 were tried, all were taken.")


def port_problem(host: str, port: int) -> str | None:
    """Why a server could not listen there now, None where it could."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OverflowError:
            return f"Port {port} does not exist, ports go from 1 to 65535"
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                return f"Port {port} of {host} is in use by another program"
            return f"Port {port} of {host} cannot be used ({error.strerror})"
    return None
