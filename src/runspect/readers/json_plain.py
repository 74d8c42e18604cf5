"""A JSON file whole, NaN and Infinity allowed, as Python's writers produce them."""

from __future__ import annotations

import json

import orjson

from runspect.errors import ReaderFault
from runspect.model import Json


def load(text: str) -> Json:
    """The value of a JSON text.

    Raises:
        ReaderFault: It is no JSON, or not whole.
    """
    try:
        return orjson.loads(text)
    except ValueError:
        pass
    try:
        return json.loads(text, parse_int=integer)
    except json.JSONDecodeError as error:
        raise ReaderFault(_what(text, error), len(text[: error.pos].encode("utf-8", "replace"))) from error
    except ValueError as error:
        raise ReaderFault(f"not JSON: {str(error)[:80]}") from error
    except RecursionError as error:
        raise ReaderFault("JSON nested too deeply") from error


def integer(digits: str) -> int | str:
    """The integer of a JSON text; its digits where Python refuses so many."""
    try:
        return int(digits)
    except ValueError:
        return digits


def _what(text: str, error: json.JSONDecodeError) -> str:
    if not text.strip():
        return "an empty file"
    if "\0" in text:
        return "NUL bytes in JSON"
    return "JSON that ends in the middle" if error.pos >= len(text.rstrip()) else f"not JSON: {error.msg}"
