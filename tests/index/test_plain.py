"""Values as the JSON contract writes them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

from runspect.index.reads.plain import moment


def test_a_time_with_a_zone_is_written_in_utc_once() -> None:
    written = "2026-11-25T23:30:00.000000Z"
    assert moment(datetime(2026, 11, 25, 23, 30)) == written
    assert moment(datetime(2026, 11, 25, 23, 30, tzinfo=UTC)) == written
    assert moment(datetime(2026, 11, 26, 1, 30, tzinfo=timezone(timedelta(hours=2)))) == written
