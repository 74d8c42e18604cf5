"""A report as a file: which form it has, and how it takes the place of the one before."""

from __future__ import annotations

import contextlib
import hashlib
import os
from dataclasses import replace
from pathlib import Path
from typing import Literal

from runspect.errors import UsageError
from runspect.practice.report.document import Report

Form = Literal["md", "html"]


def text_of(report: Report, form: str) -> str:
    """The report as Markdown ("md") or HTML ("html")."""
    if form == "html":
        from runspect.rendering.html import html

        return html(report)
    from runspect.rendering.markdown import markdown

    return markdown(report)


def digest_of(report: Report) -> str:
    """SHA-256 of all that it says below its head: of one index always the same, whatever its form."""
    return hashlib.sha256(text_of(replace(report, head=()), "md").encode("utf-8", "replace")).hexdigest()


def replace_file(path: Path, text: str) -> None:
    """Write a file as a whole: who reads it meanwhile sees the old one or the new one.

    Raises:
        UsageError: It cannot be written; says why.
    """
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        beside.write_text(text, encoding="utf-8", errors="replace")
        beside.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            beside.unlink()
        raise UsageError(f"{path}: cannot be written: {error.strerror}") from error
