"""How long a live run still takes: from the goal that its params or facts tell, and how far it is."""

from __future__ import annotations

from collections.abc import Mapping

from runspect.dataclass import dataclass

LIVE = ("running", "quiet")

STEP_GOALS = (
    "max_steps", "total_steps", "num_train_steps", "max_train_steps", "train_steps", "num_steps", "n_steps",
    "training_steps", "num_training_steps", "max_iters", "max_iter", "num_iters", "num_iterations", "iterations",
    "total_iters", "total_iterations", "max_iterations", "max_update", "max_updates", "total_timesteps",
    "total_env_steps", "num_env_steps",
)  # fmt: skip
"""Last parts of params that tell how many steps a run is to make; the first one that is there counts."""

EPOCH_GOALS = (
    "max_epochs", "num_train_epochs", "num_epochs", "n_epochs", "epochs", "total_epochs", "max_epoch", "num_epoch",
    "train_epochs", "nb_epochs",
)  # fmt: skip
"""The same of epochs."""

EPOCH = "epoch"
"""Last part of the metric that tells the epoch."""

OVERSHOT = 1.05
"""A run that is further beyond its goal counts something else than the goal does."""

_LAST = "lower(regexp_extract({}, '[^./]*$'))"


_JUDGED = "regexp_matches(lower(m.name), '^(val|eval|test)')"
# the view would look for the newest rows of all metrics of all runs
_COUNTED = (
    f"SELECT s.rid, max(s.last_v) FILTER (WHERE {_LAST.format('m.name')} = '{EPOCH}' AND isfinite(s.last_v)) AS epoch,"  # noqa: S608 - constants
    f" max(s.n) FILTER (WHERE {_JUDGED}) AS judged FROM series s JOIN (SELECT rid, mid, max(upd) AS upd FROM series"
    f" WHERE rid IN (SELECT rid FROM live) AND mid IN (SELECT m.mid FROM metrics m WHERE {_JUDGED}"
    f" OR {_LAST.format('m.name')} = '{EPOCH}') GROUP BY rid, mid) USING (rid, mid, upd) JOIN metrics m USING (mid)"
    " WHERE s.live GROUP BY s.rid"
)
"""Of each live run the epoch, and how many points the validation metric with the most has."""


@dataclass(frozen=True, slots=True)
class Way:
    """How far a run is, and how far it wants to go."""

    steps: float | None
    step_goal: float | None
    """From the fact `max_steps`, else a param."""
    epoch: float | None
    epoch_goal: float | None
    judged_each_step: bool
    """A validation metric has a value at every step: the steps are epochs."""
    spent: float | None
    """Seconds from the start to the newest record."""


def goal(params: Mapping[str, float], names: tuple[str, ...]) -> float | None:
    """The first of the goals among params with their last parts in lower case and positive numbers."""
    return next((params[name] for name in names if params.get(name, 0) > 0), None)


def left(way: Way) -> float | None:
    """Seconds to go; None when it is not known."""
    done = _share(way.steps, way.step_goal)
    if done is None:
        done = _share(way.epoch, way.epoch_goal)
    if done is None and way.epoch is None and way.judged_each_step:
        done = _share(way.steps, way.epoch_goal)
    if done is None or way.spent is None or way.spent <= 0:
        return None
    return max(0.0, way.spent * (1 - done) / done)


def _share(done: float | None, wanted: float | None) -> float | None:
    if done is None or wanted is None or not 0 < done <= wanted * OVERSHOT:
        return None
    return done / wanted


def left_rows() -> str:
    """The same as `SELECT rid, v` over the index."""
    steps, epochs = _goals(STEP_GOALS), _goals(EPOCH_GOALS)
    share = f"CASE WHEN {{0}} > 0 AND {{0}} <= {{1}} * {OVERSHOT} THEN {{0}} / {{1}} END"
    stepped, counted = share.format("t.steps", "t.step_goal"), share.format("t.epoch", "t.epoch_goal")
    as_epochs = share.format("t.steps", "t.epoch_goal")
    return (
        "WITH live AS MATERIALIZED (SELECT r.rid, r.steps, epoch(r.updated) - epoch(r.started) AS spent FROM runs_now r"  # noqa: S608 - constants
        f" WHERE r.state IN {LIVE}),"
        " told AS MATERIALIZED (SELECT c.rid, c.key, coalesce(c.num, TRY_CAST(trim(c.val, '\"') AS DOUBLE)) AS num,"
        f" {_LAST.format('c.key')} AS part FROM cfg_now c WHERE c.rid IN (SELECT rid FROM live)),"
        f" counted AS MATERIALIZED ({_COUNTED})"
        " SELECT w.rid AS rid, CASE WHEN w.spent > 0 THEN greatest(0, w.spent * (1 - w.done) / w.done) END AS v FROM ("
        f"SELECT t.rid, t.spent, coalesce({stepped}, {counted},"
        f" CASE WHEN t.epoch IS NULL AND t.each THEN {as_epochs} END) AS done FROM ("
        "SELECT r.rid, CAST(r.steps AS DOUBLE) AS steps, coalesce(nullif(greatest(m.num, 0), 0), g.num) AS step_goal,"
        " e.epoch, h.num AS epoch_goal, coalesce(e.judged >= r.steps, FALSE) AS each, r.spent FROM live r"
        " LEFT JOIN (SELECT rid, num FROM facts_now WHERE name = 'max_steps') m ON m.rid = r.rid"
        f" LEFT JOIN ({steps}) g ON g.rid = r.rid LEFT JOIN ({epochs}) h ON h.rid = r.rid"
        " LEFT JOIN counted e ON e.rid = r.rid) t) w WHERE w.done IS NOT NULL"
    )


def _goals(names: tuple[str, ...]) -> str:
    listed = ", ".join(f"'{name}'" for name in names)
    return (
        f"SELECT c.rid, arg_min(c.num, struct_pack(place := list_position([{listed}], c.part), key := c.key)) AS num"  # noqa: S608 - constants
        f" FROM told c WHERE c.part IN ({listed}) AND c.num > 0 GROUP BY c.rid"
    )
