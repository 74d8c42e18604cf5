"""Ops that others wrote: which of them may come into the history and the index."""

from __future__ import annotations

import json

from runspect.journal.lines import Line, Odd
from runspect.journal.shapes import fault

TARGETS = ("run:", "hyp:", "dataset:", "project:")


def checked(line: Line, latest: int) -> Line | Odd:
    """An op from a shared file, if the index can hold it and it leaves a later one its turn.

    `latest`: nanoseconds since 1970.
    """
    kind = next((each for each in TARGETS if line.target.startswith(each)), "")
    if not kind or line.target == kind or not line.key or not line.id:
        return Odd(f"speaks of {line.target[:60]!r}, which is nothing that runspect knows")
    if not 0 <= line.ts <= latest:
        return Odd("its time is far in the future, or before 1970")
    if wrong := fault(line.target, line.key, line.value):
        return Odd(wrong)
    texts = [line.id, line.who, line.target, line.key, line.value, line.client, line.group, line.undoes, line.redoes]
    try:
        encoded = json.dumps(texts, ensure_ascii=False)
        encoded.encode()
    except UnicodeEncodeError:
        return Odd("holds half a character")
    except RecursionError:
        return Odd("is nested too deeply")
    return line if "\\u0000" not in encoded else Odd("holds a character that is no text")
