"""Recorded text in a POSIX shell script: always one word of it, never anything that is obeyed, by the shell or a terminal.

Invisible characters and bytes that are no UTF-8 are written as octal numbers, a line break as `$nl`, so that what is read
is what is run.
"""

from __future__ import annotations

import os
import re

from runspect.masking import printable

NEWLINE = "nl='\n'\n"
"""What a script must begin with for `$nl`."""
_PLAIN = re.compile(r"[A-Za-z0-9_./+@%,-][A-Za-z0-9_./+@%,:=-]*\Z")


def quoted(text: str) -> str:
    """Text as a word of the shell (POSIX.1-2017, Shell Command Language, 2.2). It must hold no NUL."""
    if _PLAIN.match(text) and "=" not in text.partition("/")[0]:
        return text
    return "".join(_piece(piece) for piece in re.findall(r"\n|[^\n]+", text)) or "''"


def comment(text: str) -> str:
    """Text for a comment: one line."""
    return printable(os.fsencode(text).decode("utf-8", "replace"))


def placed(text: str, root: str, variable: str = "code") -> str:
    """Like `quoted`, with the directory `root` in it, where it stands for a path, replaced by a variable of the script."""
    if not root or root == "/" or root not in text:
        return quoted(text)
    parts = _place(root).split(text)
    return f'"${variable}"'.join(quoted(part) if part else "" for part in parts) or "''"


def moved(text: str, old: str, new: str) -> str:
    """Text with a directory in it, where it stands for a path, called otherwise."""
    return _place(old).sub(lambda found: new, text) if old and old != "/" else text


def _place(directory: str) -> re.Pattern[str]:
    """Where a directory stands for a path: `/d`, `/d/x`, `--out=/d`, `/a:/d`."""
    return re.compile(rf"(?:(?<=\A)|(?<=[=:,])){re.escape(directory.rstrip('/'))}(?=\Z|[/:,])")


def _piece(text: str) -> str:
    if text == "\n":
        return '"$nl"'
    found = ""
    for run, odd in _runs(text):
        found += _odd(run) if odd else "'" + run.replace("'", "'\\''") + "'"
    return found


def _runs(text: str) -> list[tuple[str, bool]]:
    """Stretches of characters that can be seen, and of those that cannot."""
    runs: list[tuple[str, bool]] = []
    for char in text:
        odd = "\udc80" <= char <= "\udcff" or (char != "'" and printable(char) != char)
        if runs and runs[-1][1] == odd:
            runs[-1] = (runs[-1][0] + char, odd)
        else:
            runs.append((char, odd))
    return runs


def _odd(text: str) -> str:
    data = text.encode("utf-8", "surrogateescape")
    return "\"$(printf '" + "".join(f"\\{byte:03o}" for byte in data) + "')\""
