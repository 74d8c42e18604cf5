from __future__ import annotations

import json
import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from runspect.practice.export.columns import ParamKinds
from runspect.practice.export.head import ending
from runspect.practice.export.names import Names, component
from runspect.practice.export.rows import lines


@given(st.lists(st.text(max_size=150), max_size=8))
def test_names_are_safe_and_each_once(texts: list[str]) -> None:
    names = Names()
    given_out = [names.unique(text) for text in texts]
    assert len({name.casefold() for name in given_out}) == len(texts)
    for name in given_out:
        assert name and name not in (".", "..") and not set(name) & set("/\\\0:") and name[0] not in ".-"
        assert len(name.encode()) < 200


def test_devices_of_windows_are_no_names() -> None:
    assert component("NUL") == "run-NUL" and component("con.txt") == "run-con.txt" and component("console") == "console"


_points = st.lists(
    st.tuples(
        st.integers(0, 3), st.integers(0, 1), st.integers(-2, 5), st.sampled_from([1.5, 2.5, math.nan]), st.floats()
    ),
    max_size=30,
)


@given(_points)
def test_lines_hold_every_point_in_order(points: list[tuple[int, int, int, float, float]]) -> None:
    metrics = ("loss", "step", "time", "metrics")
    points = sorted(points, key=lambda point: point[1])
    columns: list[tuple[float, ...]] = list(zip(*points, strict=True)) or [()] * 5
    kinds = (np.int64, np.int64, np.int64, np.float64, np.float64)
    keys = ("code", "segment", "step", "time", "value")
    arrays = {key: np.array(column, kind) for key, column, kind in zip(keys, columns, kinds, strict=True)}
    found: dict[str, list[str]] = {}
    for line in b"".join(lines(metrics, arrays)).splitlines():
        row = json.loads(line)
        step, time = row.pop("step"), row.pop("time", math.nan)
        for name, value in {**row, **row.pop("metrics", {})}.items():
            if not isinstance(value, dict):
                found.setdefault(name, []).append(repr((step, time, value)))
    wanted: dict[str, list[str]] = {}
    for code, _, step, time, value in points:
        wanted.setdefault(metrics[code], []).append(repr((step, time, value)))
    assert found == wanted


def test_what_lives_is_only_known_to_have_lived() -> None:
    def of(state: str, reason: str, **facts: object) -> tuple[str, str, int | None]:
        return ending({"state": state, "reason": reason, "facts": facts})

    assert of("running", "pid 3 is alive") == ("unknown", "it was running when it was exported: pid 3 is alive", None)
    assert of("failed", "exit code 3, out of memory", exit_code=3) == ("failed", "out of memory", 3)
    assert of("finished", "exit code 0", exit_code=0) == ("finished", "", 0)
    assert of("finished", "the tool recorded finished") == ("finished", "", None)
    assert of("gone", "files deleted", exit_code=1) == ("failed", "", 1)
    assert of("gone", "files deleted")[0] == "unknown"


def test_a_param_has_the_type_of_all_its_values() -> None:
    kinds = ParamKinds()
    for params in ({"a": 1, "b": 1, "c": True, "d": [1]}, {"a": 0.5, "b": "x", "c": False, "d": None, "e": 2**70}):
        kinds.see(params)
    assert {column.name: column.kind for column in kinds.columns()} == {
        "params.a": "number",
        "params.b": "text",
        "params.c": "flag",
        "params.d": "text",
        "params.e": "number",
    }
