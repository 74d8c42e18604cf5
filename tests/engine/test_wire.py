"""What a worker reads arrives as it would have been read here."""

from __future__ import annotations

import os
from typing import Any

import pytest

from runspect.engine import wire
from runspect.engine.reading import Piece
from runspect.model import Problem
from runspect.readers.contract import Batch, Cursor, Text

NAN, INF = float("nan"), float("inf")


def sent(piece: Piece) -> Piece:
    ends = os.pipe()
    with os.fdopen(ends[0], "rb") as source:
        with os.fdopen(ends[1], "wb") as sink:
            wire.send_piece(sink, piece)
        (came,) = wire.Pieces(source.fileno()).receive()
    return came


@pytest.mark.parametrize(
    "told",
    [
        {"params": {"a": NAN, "b": INF, "c": -0.0, "d": 5e-324, "e": 0.1 + 0.2}},
        {"params": {"a": {"b": [NAN, {"c": -INF}]}, "d": [1, NAN]}},
        {"params": {"a": 2**63, "b": 2**64, "c": -(2**63) - 1, "d": 10**40}},
        {"params": {"a": [2**70], "b": {"c": 2**70}}},
        {"params": {"a": 10**40, "b": "\ud800"}, "facts": {"\udcff": 10**30, "c": "\0\u2028"}},
        {"params": {"": [], "a": ["\ud800"], "b": None, "c": True}, "ids": ("x\udc80",)},
        {"writer_start": NAN},
        {"writer_start": -INF, "purge_from": 7},
        {"problems": (Problem("p\udc80", 2**65, "jsonl", "what", "effect"),)},
        {"texts": (Text("k", 1, NAN, "\ud800"), Text("long", 2**62, None, "1" * 30))},
        {"cursor": Cursor(1, 2, "head", "tail", '{"a":NaN}'), "more": True, "restart": True},
    ],
)
def test_nothing_is_changed_on_the_way(told: dict[str, Any]) -> None:
    piece = Piece(3, Batch(**{"cursor": Cursor(), **told}), True, 10, 1.5, 7, ended=True)
    assert repr(sent(piece)) == repr(piece)
