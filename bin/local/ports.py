"""Ports on this machine's loopback."""

import random
import socket

# Below the range from which systems take the port of an outgoing connection: one of those could sit on an
# engine's port at the moment the engine is started again.
FIRST, LAST = 20000, 32000


def listening_socket(port: int) -> socket.socket:
    """A socket bound to a port of the loopback, not listening yet; OSError when another program listens there."""
    bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        # Connections inherit it. A server that is handed a descriptor does not know it holds TCP and would not
        # set it: every answer to a kept-alive connection would wait 40 ms for an acknowledgement.
        bound.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        bound.bind(("127.0.0.1", port))
    except OSError:
        bound.close()
        raise
    return bound


def is_free(port: int) -> bool:
    try:
        listening_socket(port).close()
    except OSError:
        return False
    return True


def draw() -> int:
    """A free port, by chance, so that two homes made at once differ."""
    choices = random.SystemRandom().sample(range(FIRST, LAST), 200)
    return next(port for port in choices if is_free(port))
