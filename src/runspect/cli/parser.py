"""The arguments of a command: errors in one line, and queries that only look like options."""

from __future__ import annotations

import argparse
import re
from collections.abc import Sequence
from typing import NoReturn, Self

_NEGATION = re.compile(r"-[A-Za-z_][\w./@-]+\s*(?::|=|!=|<|>|~|\sin\b)")
"""A negated term of the query language."""


class Parser(argparse.ArgumentParser):
    """An argument parser whose errors are one line: what is wrong, and how to see the usage."""

    @classmethod
    def of_command(cls, name: str, text: str | None) -> Self:
        """The parser of `runspect NAME`, described by `text` as it is."""
        return cls(prog=f"runspect {name}", description=text, formatter_class=argparse.RawDescriptionHelpFormatter)

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message} (see '{self.prog} --help')\n")


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
