"""Configs of every kind as JSON."""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from runspect.masking import MASK
from runspect.recorder.config import plain_config


class Mode(Enum):
    FAST = "fast mode"


@dataclass
class Inner:
    path: Path = Path("/data")
    sizes: tuple[int, ...] = (1, 2)


@dataclass
class Outer:
    lr: float = 0.1
    inner: Inner = field(default_factory=Inner)
    mode: Mode = Mode.FAST


class Settings:
    def __init__(self) -> None:
        self.lr = 3
        self._private = 4


EXPECTED = {"lr": 0.1, "inner": {"path": "/data", "sizes": [1, 2]}, "mode": "FAST"}


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        (None, {}),
        ({"a": np.float32(0.5), "b": np.arange(3), 3: {"x"}}, {"a": 0.5, "b": [0, 1, 2], "3": ["x"]}),
        (argparse.Namespace(lr=1, inner=Inner()), {"lr": 1, "inner": EXPECTED["inner"]}),
        (SimpleNamespace(a=None, b=True), {"a": None, "b": True}),
        (Outer(), EXPECTED),
        (Settings(), {"lr": 3}),
        (5, {"config": 5}),
        (
            {"class": Inner, "function": json.dumps},
            {"class": "tests.recorder.test_config.Inner", "function": "json.dumps"},
        ),
        ({"long": 1 << 5000}, {"long": "an integer of 5,001 bits"}),
    ],
)
def test_a_config(config: object, expected: dict[str, Any]) -> None:
    found = plain_config(config)
    assert found == expected
    json.dumps(found)


def test_one_that_holds_itself_ends() -> None:
    config: dict[str, Any] = {}
    config["self"] = config
    json.dumps(plain_config(config))


def test_secrets_are_masked_and_what_only_sounds_like_one_is_not() -> None:
    config = {
        "api_key": "abc", "opt": {"hf-token": "abc", "url": "https://me:abc@host/x"}, "list": ["hf_" + "a" * 30],
        "max_tokens": 512, "pad_token": "<pad>", "note": "sorts by key",
    }  # fmt: skip
    assert plain_config(config) == {
        "api_key": MASK, "opt": {"hf-token": MASK, "url": f"https://me:{MASK}@host/x"}, "list": [MASK],
        "max_tokens": 512, "pad_token": "<pad>", "note": "sorts by key",
    }  # fmt: skip
