"""What front and keeper tell each other: short lines over two pipes."""

from __future__ import annotations

import os
from collections.abc import Iterator


class Wire:
    """One end of a pair of pipes; mutable. The other process's death is the end of what can be read."""

    def __init__(self, read: int, write: int) -> None:
        self.read = read
        self._write = write
        self._rest = b""
        self.is_open = True

    def tell(self, *words: object) -> None:
        """Send a line; one to a dead process is lost."""
        try:
            os.write(self._write, " ".join(map(str, words)).encode() + b"\n")
        except OSError:
            return

    def told(self) -> Iterator[list[str]]:
        """Lines that came, by words; call it when `read` is ready. At the end `is_open` is False."""
        data = os.read(self.read, 1 << 12)
        if not data:
            self.is_open = False
            return
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            yield line.decode("ascii", "replace").split(" ")

    def descriptors(self) -> tuple[int, int]:
        """Both of this end."""
        return self.read, self._write

    def close(self) -> None:
        """Close this end."""
        for descriptor in (self.read, self._write):
            os.close(descriptor)


def pair() -> tuple[Wire, Wire]:
    """Two ends; each process closes the other's."""
    first, second = os.pipe(), os.pipe()
    return Wire(first[0], second[1]), Wire(second[0], first[1])
