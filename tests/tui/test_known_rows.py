"""Rows that were asked for before there was news of their runs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from .conftest import OpenApp, Until, main_screen
from .test_screen import WIDE, ready


async def test_a_row_from_before_the_news_is_asked_for_again_and_takes_the_place_of_none_that_is_newer(
    tree: Path, open_app: OpenApp, until: Until
) -> None:
    app = open_app(tree)
    async with app.run_test(size=WIDE) as pilot:
        await ready(pilot, until, 4)
        rows, table = main_screen(app).runs.rows, main_screen(app).table
        await until(pilot, lambda: all(table.knows(rid) for rid in table.order))
        rid, other = table.order[:2]
        row, before = rows.row_of(rid), rows.news
        assert row is not None
        old = replace(row, name="old")
        assert rows.refresh({rid})
        rows.arrived(rows.specs, [old], before)
        assert not table.knows(rid) and table.rows[rid].name == "old"
        await until(pilot, lambda: table.knows(rid) and table.rows[rid].name == row.name)
        rows.arrived(rows.specs, [old], before)
        assert table.knows(rid) and table.rows[rid].name == row.name
        rows.arrived(rows.specs, [old], rows.news)
        assert table.knows(rid) and table.rows[rid].name == "old"
        assert table.knows(other)
        rows.refresh(None)
        rows.arrived(rows.specs, [old], before)
        assert not table.knows(rid)
        await until(pilot, lambda: all(table.knows(rid) for rid in table.order))
