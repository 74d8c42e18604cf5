"""Which columns a new table shows."""

from __future__ import annotations

from runspect.columns import default_specs, parse_column, varying


def test_params_that_vary_come_most_telling_first() -> None:
    params = [
        ("seed", 40, 40), ("lr", 40, 3), ("opt", 40, 2), ("model", 40, 1), ("rare", 4, 2), ("output_dir", 40, 40),
        ("data.root_path", 40, 5), ("run_name", 40, 40), ("dropout", 30, 17),
    ]  # fmt: skip
    assert varying(params, runs=40) == ("opt", "lr", "dropout", "rare")
    assert varying(params, runs=40, limit=1) == ("opt",)
    assert varying([]) == ()


def test_among_few_runs_every_value_counts() -> None:
    assert varying([("lr", 3, 3), ("seed", 3, 3)]) == ("lr", "seed")


def test_default_columns() -> None:
    specs = default_specs(("val/loss",), ("lr", "opt"))
    assert specs == ("state", "name", "age", "took", "~val/loss", "val/loss", "val/loss:best", "lr", "opt", "tags")
    assert default_specs(("x", "y"), best=False) == ("state", "name", "age", "took", "~x", "x", "y", "tags")
    assert default_specs(()) == ("state", "name", "age", "took", "tags")
    for spec in specs:
        parse_column(spec)


def test_a_rate_drawn_anew_for_every_run_is_no_id() -> None:
    drawn = [("optim.lr", 40, 40), ("trial_hash", 40, 40), ("opt", 40, 3)]
    assert varying(drawn, runs=40) == ("opt", "optim.lr")
