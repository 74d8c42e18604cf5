"""What the name of an event file says: host, process and start of its writer."""

from __future__ import annotations

import re

from runspect.dataclass import dataclass

_STANDARD = re.compile(r"tfevents(?:\.(?P<start>\d{9,11})(?:\.\d+)?\.(?P<rest>.+))?\Z", re.DOTALL)
_WITH_PID = re.compile(r"(?P<host>.+?)\.(?P<pid>\d+)\.\d+(?:\.?[^\d.].*)?\Z", re.DOTALL)


@dataclass(frozen=True, slots=True)
class WriterName:
    """The writer of a file; unknown parts are None or ""."""

    start: int | None = None
    """Unix seconds."""
    host: str = ""
    pid: int | None = None


def writer_in(name: str) -> WriterName | None:
    """The writer told by a name such as `events.out.tfevents.1700000000.host.4242.0`.

    torch and TF2 put the process id there, tensorboardX and TF1 do not. None when the name has not this form.
    """
    found = _STANDARD.search(name)
    if found is None:
        return None
    if found["start"] is None:
        return WriterName()
    start, rest = int(found["start"]), found["rest"]
    if with_pid := _WITH_PID.match(rest):
        return WriterName(start, with_pid["host"], int(with_pid["pid"]))
    return WriterName(start, rest)
