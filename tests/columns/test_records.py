"""Raw values for other programs."""

from __future__ import annotations

import pytest

from runspect.columns import Column, parse_column, record
from runspect.model import Json

FACT = Column("fact.heartbeat", "fact", "heartbeat", "heartbeat", 16)


@pytest.mark.parametrize(
    ("column", "value", "told"),
    [
        (parse_column("started"), 1.7e9, "2023-11-14T22:13:20.000000Z"),
        (parse_column("updated"), 1.7e9 + 0.25, "2023-11-14T22:13:20.250000Z"),
        (parse_column("ended"), None, None),
        (parse_column("ended"), 1e300, 1e300),
        (FACT, 1.7e9, "2023-11-14T22:13:20.000000Z"),
        (parse_column("age"), 1.7e9, 30.5),
        (parse_column("age"), 1.8e9, 0.0),
        (parse_column("took"), 12.5, 12.5),
        (parse_column("steps"), 1700000000, 1700000000),
        (parse_column("loss:min"), 1.7e9, 1.7e9),
        (parse_column("lr"), True, True),
        (parse_column("name"), "a", "a"),
    ],
)
def test_records(column: Column, value: Json, told: Json) -> None:
    assert record(column, value, 1.7e9 + 30.5) == told
