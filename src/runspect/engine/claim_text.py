"""Claims as the index stores them, and what they say of files that may still be claimed in another way."""

from __future__ import annotations

import json
from dataclasses import fields

import orjson

from runspect.model import Claim

_CLAIM = tuple(item.name for item in fields(Claim))


def claim_text(claim: Claim | None) -> str | None:
    """A claim as it is stored in the index."""
    if claim is None:
        return None
    try:
        return orjson.dumps(claim).decode()
    except (TypeError, ValueError):  # half of a surrogate pair in a hint
        return json.dumps({name: getattr(claim, name) for name in _CLAIM}, ensure_ascii=False)


def claim_from(text: str | None) -> Claim | None:
    """The reverse of `claim_text`."""
    if text is None:
        return None
    try:
        told = orjson.loads(text)
    except ValueError:  # what `claim_text` could not write so
        told = json.loads(text)
    hints = tuple((name, value) for name, value in told["hints"])
    return Claim(**{**told, "hints": hints, "members": tuple(told.get("members", ()))})


def is_young(claim: Claim) -> bool:
    """Whether what is claimed of a file may change while it grows: no metric stood in a console log so far."""
    return ("young", "yes") in claim.hints
