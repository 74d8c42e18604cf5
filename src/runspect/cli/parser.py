"""The arguments of a command: errors in one line, and queries that only look like options."""

from __future__ import annotations

import argparse
import os
import re
from collections.abc import Sequence
from typing import NoReturn, Self

_NEGATION = re.compile(
    r"-(?:[(@\"']|(?:cfg|config|params|facts?|metrics)\.[\w]|(?!C)[^\W\d][\w./@-]+\s*(?::|=|!=|<|>|~|\sin\b))"
)
"""A negated term of the query language: `-tag:x`, `-(a | b)`, `-@view`, `-"my key"`; but not `-C/exp:old`."""


class _Help(argparse.RawDescriptionHelpFormatter):
    """Knows how wide the terminal is without asking `shutil`, which loads every kind of archive."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, width=_columns() - 2)


class Parser(argparse.ArgumentParser):
    """An argument parser whose errors are one line: what is wrong, and how to see the usage."""

    @classmethod
    def of_command(cls, name: str, text: str | None) -> Self:
        """The parser of `runspect NAME`, described by `text` as it is."""
        return cls(prog=f"runspect {name}", description=text, formatter_class=_Help)

    def error(self, message: str) -> NoReturn:
        told, colon, missing = message.partition(" are required: ")
        if colon:  # intermixed parsing counts a positional argument of any number among them
            free = {action.metavar for action in self._actions if action.nargs in ("*", "?")}
            message = told + colon + ", ".join(name for name in missing.split(", ") if name not in free)
        self.exit(2, f"{self.prog}: {message} (see '{self.prog} --help')\n")


_MOST = 2**31 - 2
"""Larger counts are taken as this one; what asks for one more still fits an integer of C."""


def count(text: str) -> int:
    """How many, as the type of an argument: 0 or more.

    Raises:
        ArgumentTypeError: It is something else.
    """
    if not (text.isascii() and text.isdigit()):
        raise argparse.ArgumentTypeError(f"expected a number, 0 or more, not {text!r}")
    return min(int(text[:10]), _MOST)


def guarded(argv: Sequence[str]) -> list[str]:
    """The arguments with those that only look like options made plain: `--sort -lr` and the query `-tag:broken`."""
    words: list[str] = []
    for word in argv:
        if words and words[-1] in ("-s", "--sort") and word.startswith("-"):
            words[-1] = f"--sort={word}"
        elif _NEGATION.match(word):
            words.append(f" {word}")  # argparse takes what holds a space for no option
        else:
            words.append(word)
    return words


def _columns() -> int:
    try:
        return int(os.environ.get("COLUMNS", "0")) or os.get_terminal_size(1).columns or 80
    except (ValueError, OSError):
        return 80
