"""Frames on a connected socket, and its end."""

from __future__ import annotations

import socket
from collections.abc import Callable
from contextlib import suppress

from runspect.protocol import Frame, decode, encode


def exchange(connection: socket.socket, request: Frame) -> Frame:
    """Send a request and read the frame that follows; no byte more, which belongs to whoever reads on."""
    connection.sendall(encode(request))
    return decode(reader(lambda count: _receive(connection, count)))


def reader(read: Callable[[int], bytes]) -> Callable[[int], bytes]:
    """What `protocol.decode` reads through, over a `read` that returns less only at the end."""

    def read_exactly(count: int) -> bytes:
        data = read(count) if count else b""
        if len(data) != count:
            raise ConnectionError("the engine is gone")
        return data

    return read_exactly


def await_end(connection: socket.socket) -> None:
    """Wait until the other side hangs up."""
    while connection.recv(1 << 16):
        pass


def hang_up(connection: socket.socket) -> None:
    """Break a connection, also under the feet of a thread that reads from it."""
    with suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)


def _receive(connection: socket.socket, count: int) -> bytes:
    data = b""
    while len(data) < count and (more := connection.recv(count - len(data))):
        data += more
    return data
