"""The arguments of a command: errors in one line, and queries that only look like options."""

from __future__ import annotations

import argparse
import os
import re
from collections.abc import Collection, Sequence
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

    signed = False
    """Whether words such as `-broken` are none of the options, but words of the command."""

    @classmethod
    def of_command(cls, name: str, text: str | None) -> Self:
        """The parser of `runspect NAME`, described by `text` as it is."""
        return cls(prog=f"runspect {name}", description=text, formatter_class=_Help)

    def read(self, argv: Sequence[str]) -> argparse.Namespace:
        """The arguments; all words after `--`, and queries that begin with a dash, are none of the options."""
        args = self.parse_intermixed_args(self._guarded(argv))
        for key, value in vars(args).items():
            setattr(args, key, _plain(value))
        return args

    def error(self, message: str) -> NoReturn:
        message = message.replace(repr(_GUARD)[1:-1], "").replace(_GUARD, "")
        told, colon, missing = message.partition(" are required: ")
        if colon:  # intermixed parsing counts a positional argument of any number among them
            free = {action.metavar for action in self._actions if action.nargs in ("*", "?")}
            message = told + colon + ", ".join(name for name in missing.split(", ") if name not in free)
        self.exit(2, f"{self.prog}: {message}{self._meant(message)} (see '{self.prog} --help')\n")

    def _guarded(self, argv: Sequence[str]) -> list[str]:
        words: list[str] = []
        for at, word in enumerate(argv):
            if word == "--":
                return [*words, *(f"{_GUARD}{each}" for each in argv[at + 1 :])]
            if words and words[-1] in ("-s", "--sort") and word.startswith("-"):
                words[-1] = f"--sort={word}"
            elif _NEGATION.match(word) or (self.signed and self._is_signed(word)):
                words.append(f"{_GUARD}{word}")
            else:
                words.append(word)
        return words

    def _is_signed(self, word: str) -> bool:
        """`-broken`, but not `-f`, `-C/exp` or `--force`."""
        if not re.match(r"-[^-]", word) or word in self._option_string_actions:
            return False
        return not (word[:2] in self._option_string_actions and re.match(r"[=/.~]", word[2:]))

    def _meant(self, message: str) -> str:
        """What may have been meant by an option or a choice that does not exist."""
        unknown, _, listed = message.partition(": ")
        known: Collection[str] = self._option_string_actions
        word = listed.split(" ")[0].partition("=")[0] if unknown == "unrecognized arguments" else ""
        if found := re.match(r".*invalid choice: '(.*)' \(choose from (.*)\)", message):
            word, known = found[1], [each.strip("' ") for each in found[2].split(",")]
        elif not word.startswith("-") or word in known:
            return ""
        import difflib

        close = difflib.get_close_matches(word, known, n=2, cutoff=0.6)
        return f"; did you mean {' or '.join(close)}?" if close else ""


_GUARD = "\0"
"""Before a word that argparse would take for an option; no argument of a process can hold it."""

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


def positive(text: str) -> int:
    """How many, as the type of an argument for which none makes no sense: 1 or more.

    Raises:
        ArgumentTypeError: It is something else.
    """
    if not (text.isascii() and text.isdigit() and text.strip("0")):
        raise argparse.ArgumentTypeError(f"expected a number, 1 or more, not {text!r}")
    return count(text)


def _plain(value: object) -> object:
    """What was given, without the marks of `Parser.read`."""
    if isinstance(value, str):
        return value.removeprefix(_GUARD)
    return [_plain(each) for each in value] if isinstance(value, list) else value


def _columns() -> int:
    try:
        return int(os.environ.get("COLUMNS", "0")) or os.get_terminal_size(1).columns or 80
    except (ValueError, OSError):
        return 80
