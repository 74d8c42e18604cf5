"""The lines of the README's table of figures: each names the figures that it shows, in the order of the table of budgets."""

from __future__ import annotations

from dataclasses import dataclass

LEET = "leet"
"""The benchmark of the peer that is measured apart from ours: it takes a minute."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line; its figures are names, or globs of names, in one benchmark."""

    row: int
    """Of the table of budgets; 0 for what has no budget there."""
    what: str
    benchmark: str
    figures: tuple[str, ...]
    leet: str = ""
    """A glob of the figure of LEET for the same work."""
    noted: bool = False
    """Whether the figure's note is told, too."""


LINES = (
    Line(1, "`runspect --version`, times bare Python", "start", ("runspect --version, times*",)),
    Line(2, "first painted frame, engine up / not yet up", "start", ("first painted*, engine up", "first painted*, engine not up"), "first frame*"),
    Line(3, "first true frame, 10,000 runs, engine up / not yet up", "start", ("first true*, engine up", "first true*, engine not up"), "list of 500 runs*"),
    Line(3, "the same at 200x60 in 256 colours, engine up", "start", ("first true*, 200x60, 256",)),
    Line(4, "`ls --json`: newest 50 / 15 fields of 10,000 runs", "start", ("ls*: newest 50", "ls*: 15 fields")),
    Line(4, "`ls --json`: 10,000 whole objects", "start", ("ls*: whole objects",)),
    Line(5, "key → frame, 10,000 runs, 160x45, p50 / p99", "keys", ("cursor*, 160x45, truecolor, p50", "cursor*, 160x45, truecolor, p99"), "cursor move*"),
    Line(5, "key → frame, 10,000 runs, 200x60, p50 / p99", "keys", ("cursor*, 200x60, truecolor, p50", "cursor*, 200x60, truecolor, p99")),
    Line(5, "key → frame, 100,000 runs, p50 / p99", "many_runs", ("cursor*, p50", "cursor*, p99")),
    Line(5, "one-line scroll → frame, 10,000 runs, 160x45, p50 / p99", "keys", ("one-line scroll →*, 160x45, truecolor, p50", "one-line scroll →*, 160x45, truecolor, p99")),
    Line(5, "one-line scroll → frame, 10,000 runs, 200x60, p50 / p99", "keys", ("one-line scroll →*, 200x60, truecolor, p50", "one-line scroll →*, 200x60, truecolor, p99")),
    Line(5, "one-line scroll → frame, 100,000 runs, p50 / p99", "many_runs", ("one-line scroll →*, p50", "one-line scroll →*, p99")),
    Line(5, "page → frame, 10,000 runs, 160x45, p50 / p99", "keys", ("page →*, 160x45, truecolor, p50", "page →*, 160x45, truecolor, p99")),
    Line(6, "key → frame while 10,000 runs are indexed, p99", "while_indexing", ("*being indexed, p99",)),
    Line(6, "the same, times idle", "while_indexing", ("p99 of the two*",)),
    Line(7, "bytes: cursor move / one-line scroll / page, 160x45", "keys", ("cursor move, 160x45, truecolor, median", "one-line scroll, 160x45, truecolor, median", "page, 160x45, truecolor, median")),
    Line(8, "bytes of a live update of one row", "live_many", ("*(jsonl): a live update of one row",)),
    Line(8, "50 live runs at 10 Hz, to the terminal: JSONL / event files", "live_many", ("50*(jsonl): to the terminal", "50*(tb): to the terminal")),
    Line(9, "sort / filter of 10,000 runs, key → frame", "sorting", ("sort*", "filter of*")),
    Line(9, "sort / filter of 100,000 runs, key → frame", "many_runs", ("sort*", "filter of*")),
    Line(10, "memory of the screen / the engine, 10,000 runs", "rest", ("memory of the screen*", "memory of the engine*"), "*memory"),
    Line(10, "memory of the engine that has just indexed 10,000 runs", "cold", ("engine after it, memory",)),
    Line(10, "memory of the screen / the engine, 100,000 runs", "many_runs", ("memory of the screen*", "memory of the engine*")),
    Line(11, "at rest, 10,000 runs: CPU of screen and engine", "rest", ("at rest*: CPU*",), "at rest*"),
    Line(11, "at rest, 10,000 runs: to the terminal", "rest", ("at rest: to the terminal",)),
    Line(12, "one live run open, CPU of screen and engine", "live", ("both",), "one live run*"),
    Line(13, "10 series x 1 M points, thinned and drawn: first / again", "curves", ("10 series*first time", "10 series*drawn again")),
    Line(13, "the same, zoom or pan: picture / key → screen", "curves", ("10 series*: zoomed", "10 series*: zoom or pan key*")),
    Line(13, "the same, drawing alone, CPU", "curves", ("10 series*: drawing alone, CPU",)),
    Line(13, "10 series x 100,000 points, none thinned, drawing, CPU", "charts", ("line chart, 10 series x 100,000*",)),
    Line(14, "overlay of 100 runs x 1,000 points: first / again", "curves", ("overlay of 100*first time", "overlay of 100*again"), "100 runs overlaid"),
    Line(14, "overlay of 500 runs x 1,000 points: first / again", "curves", ("overlay of 500*first time", "overlay of 500*again")),
    Line(14, "500 marked runs, key → charts on the screen", "curves", ("500 marked runs: key*",)),
    Line(15, "run of 100k steps x 10 metrics reopened, engine up / not up", "reopen", ("*, engine up", "*, engine not up"), "run of 100k*"),
    Line(15, "the same for the first time, nothing known", "reopen", ("*first time",), "run of 100k*"),
    Line(16, "append → painted, one run, p50 / p95", "latency", ("*painted, one run, nothing else, p50", "*painted, one run, nothing else, p95")),
    Line(16, "the same, both cores busy, 2,000 runs being indexed", "latency", ("append → painted*being indexed*p50", "append → painted*being indexed*p95")),
    Line(16, "append → painted, 50 runs at 10 Hz, p50 / p95", "live_many", ("50*(jsonl): append*p50", "50*(jsonl): append*p95")),
    Line(17, "10,000 directories watched", "directories", ("*directories watched",)),
    Line(17, "the same, memory", "directories", ("*watched, memory of the engine",)),
    Line(17, "30,000 changes behind an overflow, all found", "directories", ("*behind an overflow, all found",)),
    Line(18, "unchanged tree of 100,000 files, CPU", "scale", ("unchanged tree*CPU of the engine",)),
    Line(19, "event files, records: any mix", "readers", ("event file, mixed",)),
    Line(19, "event files, records: regular, torch / TF2", "readers", ("event file, regular (torch)", "event file, regular (TF2*")),
    Line(20, "`.wandb`: 0.31 / 0.15", "readers", ("W&B log, 0.31", "W&B log, 0.15")),
    Line(21, "JSONL", "text_readers", ("jsonl",)),
    Line(21, "CSV", "text_readers", ("csv, clean",)),
    Line(22, "cold, 10,000 runs, 305 MB: first rows / all rows visible", "cold", ("*first rows visible", "*table of all runs visible")),
    Line(22, "cold, 10,000 runs, 305 MB, 12 M points: all indexed", "cold", ("*: all indexed",)),
    Line(22, "cold, event files, points a CPU second", "cold_events", ("cold*",)),
    Line(22, "cold, 100 M points of CSV, points a CPU second", "hundred_million", ("cold*",)),
    Line(23, "ingest into the index, points a CPU second", "store", ("ingest*",)),
    Line(24, "index, 12 M points of JSONL", "cold", ("index on the disk*",)),
    Line(24, "index, 100 M points of CSV", "hundred_million", ("the index of them",)),
    Line(25, "100 M points: list filtered, sorted / its window / both", "hundred_million", ("list, filtered by two params*", "window*", "both*")),
    Line(25, "100 M points: one series / 20 series", "hundred_million", ("one series*", "20 series*")),
    Line(25, "12 queries of the README, 10,000 runs x 60 params: the slowest", "queries", ("slowest query",), noted=True),
    Line(26, "open the index of 5 M points", "store", ("opening the index",)),
    Line(26, "open the index of 100 M points", "hundred_million", ("opening the index of them",)),
    Line(27, "engine killed with -9: fresh process / connected client answers", "faults", ("*fresh process, 10,000 runs", "*that was connected")),
    Line(28, "acknowledged annotations lost over 1,000 kills", "kills", ("acknowledged*",)),
    Line(0, "over a link of 50 kB/s and 80 ms: first frame", "link", ("first frame*",)),
    Line(0, "the same: key → last byte, move / page / charts, p50", "link", ("cursor move →*p50", "page →*p50", "charts →*p50")),
    Line(0, "the same: behind the last of a key held for 2 s", "link", ("down held*",)),
    Line(0, "one run of 10 M points: cold / charts on the screen / memory", "extremes", ("cold: one run of 1 metric*", "one run of 1 metric*screen", "one run of 1 metric*memory*")),
    Line(0, "one run of 5,000 metrics: cold / charts on the screen / memory", "extremes", ("cold: one run of 5,000*", "one run of 5,000*screen", "one run of 5,000*memory*")),
    Line(0, "cold: 100,000 runs of an `mlflow.db`", "many_runs", ("cold*",)),
    Line(0, "cold: MLflow files / Hydra sweep / `mlflow.db`", "scale", ("cold: MLflow*runs", "cold: Hydra*runs", "cold: mlflow.db*runs")),
    Line(0, "growth: cold index by runs", "growth", ("growth: cold index by runs*",), noted=True),
    Line(0, "growth: cold index by steps of one run", "growth", ("growth: cold*by steps*",), noted=True),
    Line(0, "growth: cold index by metrics of one run", "growth", ("growth: cold*by metrics*",), noted=True),
    Line(0, "growth: list filtered, by runs", "growth", ("growth: list, filtered",), noted=True),
    Line(0, "growth: list sorted by a metric, by runs", "growth", ("growth: list, sorted*",), noted=True),
    Line(0, "growth: window of 50 runs, by runs", "growth", ("growth: window*",), noted=True),
    Line(0, "growth: `ls --json` of 5 fields, by runs", "growth", ("growth: ls*",), noted=True),
    Line(0, "growth: overlay, by runs x 1,000 points", "growth", ("growth: overlay*",), noted=True),
    Line(0, "`runspect record` beside a trainer: CPU / memory", "recorded", ("*beside a trainer", "*resident memory*")),
    Line(0, "the same before a command in a repository of 100,000 files", "recorded", ("start of a command*",)),
    Line(0, "`import runspect.recorder` beyond bare Python, CPU", "recording", ("import*",)),
    Line(0, "1,000,000 calls of `run.log` with three values, CPU", "recording", ("*calls of log*",)),
    Line(0, "points lost to `kill -9`", "recording", ("points lost*",)),
)  # fmt: skip
"""By the rows of the table of budgets, then what has none: the slow link, extremes, growth, the recorder."""
