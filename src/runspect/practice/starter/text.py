"""The text of a policy to begin with: what was seen as settings, what could be said besides as examples.

Nothing in it changes what runspect shows of the runs it was written from: objectives are those that are guessed anyway, and what
would refuse or merge something is an example. Prose is `# …`; what becomes a setting without its `#` is `#key = …`.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import date

from runspect.columns.datasets import DATASET_KEYS
from runspect.columns.provenance import WEIGHTS
from runspect.counted import counted
from runspect.errors import UsageError
from runspect.objective import NEVER, direction
from runspect.policy import parse_policy
from runspect.practice.starter import seen
from runspect.practice.starter.seen import SeenData, SeenRun

_MOST_DATASETS = 30
_MOST_TAGS = 40
_SOME = 5
_WORD = re.compile(r"[a-z]+")
_BARE = re.compile(r"[A-Za-z0-9_-]+")

Section = Callable[["_Sight"], Iterable[str]]


class _Sight:
    """What the sections are written from."""

    def __init__(self, runs: Sequence[SeenRun], data: Sequence[SeenData]) -> None:
        self.runs = runs
        self.data = sorted(data, key=lambda each: -each.runs)
        self.objective, self.share = _main(self.data)
        self.metrics = seen.standard_metrics(runs)


def starter(runs: Sequence[SeenRun], data: Sequence[SeenData], today: date) -> str:
    """The text of the file; it can be read as a policy, whatever the runs are called."""
    sight = _Sight(runs, data)
    blocks = [_head(sight, today), *(_settled(section(sight)) for section in _SECTIONS)]
    return "\n\n".join(block for block in blocks if block) + "\n"


def _settled(lines: Iterable[str]) -> str:
    """A section, as an example only where its settings cannot be read: log text may hold anything."""
    listed = list(lines)
    try:
        parse_policy("\n".join(listed))
    except UsageError:
        listed = [line if line.startswith("#") else f"#{line}" for line in listed if line]
    return "\n".join(listed)


def _head(sight: _Sight, today: date) -> str:
    projects = Counter(run.project for run in sight.runs if run.project)
    lines = [
        "# What the runs in this directory and below are compared by. `runspect` reads it; README.md, \"The policy file\".",
        f"# Written by `runspect init` on {today.isoformat()} from {counted(len(sight.runs))}. Guesses are called so.",
        "# Lines that begin with # and no blank are examples: they become settings without it.",
    ]  # fmt: skip
    if projects:
        listed = ", ".join(f"{_text(name)} ({counted(runs)})" for name, runs in projects.most_common(_SOME))
        more = len(projects) - _SOME
        lines.append(f"# Projects: {listed}{f' and {more} more' if more > 0 else ''}.")
    return "\n".join(lines)


def _objective(sight: _Sight) -> Iterable[str]:
    yield "# The metric by which runs are judged, and what is taken of it."
    if not sight.objective:
        yield "# No metric of these runs tells by its name that it is one."
        yield '#objective = "val/loss:min"'
        return
    yield f"# A guess from the names of metrics: {sight.share:.0%} of the runs that are compared are judged by it."
    yield f"{'' if sight.share >= seen.MOST else '#'}objective = {_text(sight.objective)}"


def _ignore(sight: _Sight) -> Iterable[str]:
    yield "# Params that make no config another one, as globs; seeds, paths, names, hosts, devices and loggers are known."
    found = seen.ignorable(sight.runs)
    if found:
        yield "# A guess: their values are commits, digests, moments or addresses."
    yield f"ignore = {_list(found)}" if found else '#ignore = ["output_*", "cluster.*"]'


def _directions(sight: _Sight) -> Iterable[str]:
    logged = Counter(metric for run in sight.runs for metric in run.metrics)
    unknown = [
        metric for metric in logged if direction(metric) is None and not NEVER & set(_WORD.findall(metric.lower()))
    ]
    unknown.sort(key=lambda name: (-logged[name], name))
    yield "# Which way metrics are better whose name does not tell: up or down."
    yield "#[directions]"
    for metric in unknown[:_SOME] or ["my/score"]:
        yield f'#{_text(metric)} = "up"'


def _datasets(sight: _Sight) -> Iterable[str]:
    yield "# The params and facts that say which data set a run is on; the first one found counts."
    told = [key for key in DATASET_KEYS if any(key in run.params for run in sight.runs)]
    yield "#[dataset]"
    yield f"#keys = {_list(told or DATASET_KEYS[:3])}"
    runs = Counter[str]()
    for each in sight.data:
        if each.dataset is not None:
            runs[each.dataset] += each.runs
    for names in seen.spellings(sorted(runs, key=lambda name: (-runs[name], name))[:_MOST_DATASETS]):
        yield ""
        yield from _dataset(names, runs, sight)


def _dataset(names: Sequence[str], runs: Counter[str], sight: _Sight) -> Iterable[str]:
    name = names[0]
    yield f"# {counted(sum(runs[each] for each in names))}"
    # one table for two spellings would make them one data set, and a glob would be more than itself
    alone = len(names) == 1 and not set("*?[") & set(name) and runs[name] > 0
    mark = "" if alone else "#"
    own = _main([each for each in sight.data if each.dataset in names])[0]
    differs = own and (own != sight.objective or sight.share < seen.MOST)
    yield f"{mark}[datasets.{_key(name)}]"
    if len(names) > 1:
        yield f"#match = {_list(names)}      # these look like one"
    else:
        yield f"#match = {_list([name, f'{name}-*'])}      # its spellings"
    if own:
        yield f"{mark if differs else '#'}objective = {_text(own)}      # a guess"


def _standard(sight: _Sight) -> Iterable[str]:
    yield "# What every run should log; `runspect lint` names those that do not. These are what most of them do log."
    mark = "" if sight.metrics else "#"
    yield f"{mark}[metrics]"
    yield f"{mark}standard = {_list(sight.metrics or ['val/loss'])}"


def _required(sight: _Sight) -> Iterable[str]:
    found = seen.required_params(sight.runs)
    mark = "" if found else "#"
    yield "# What every config should tell. These are what most of them tell."
    yield f"{mark}[params]"
    yield f"{mark}required = {_list(found or ['lr', 'batch_size'])}"


def _naming(sight: _Sight) -> Iterable[str]:
    pattern, share = seen.naming_pattern(sight.runs)
    yield "# How `runspect record` calls a run that is given no name, and what `runspect lint` holds names against."
    yield "# Fields: {program} {model} {hypothesis} {project} {date} {time} {branch} {commit} {host} {user} {seed} {number}"
    yield "# and params by their names."
    if pattern and share >= seen.MOST:
        yield f"# {share:.0%} of the names are of this form."
    mark = "" if pattern and share >= seen.MOST else "#"
    yield f"{mark}[naming]"
    yield f"{mark}pattern = {_text(pattern or '{model}-{date}-{number:03}')}"


def _tags(sight: _Sight) -> Iterable[str]:
    counts = Counter(tag for run in sight.runs for tag in run.tags)
    yield "# Tags that may be given, as globs; with this table others are refused."
    if counts:
        yield "# These are in use."
    yield "#[tags]"
    yield f"#allowed = {_list([tag for tag, _ in counts.most_common(_MOST_TAGS)] or ['baseline', 'ablation', 'paper-*'])}"


def _provenance(sight: _Sight) -> Iterable[str]:
    yield "# What each part of a run's origin counts in its score."
    yield "#[provenance]"
    for part, weight in WEIGHTS.items():
        yield f"#{part} = {weight}"


def _guards(sight: _Sight) -> Iterable[str]:
    yield "# Metrics that must not get worse where the objective gets better, and by how much they may."
    yield "#[guards]"
    for metric in [each for each in sight.metrics if not sight.objective.startswith(f"{each}:")][:2] or ["test/ece"]:
        yield f'#{_text(metric)} = {{direction = "{direction(metric) or "up"}", tolerance = "2 %"}}'


def _stages(sight: _Sight) -> Iterable[str]:
    spec = sight.objective or "test/acc:max"
    op = "<=" if spec.endswith(":min") else ">="
    yield "# How far runs come, and what they must meet on the way: `runspect gate`, `runspect promote`."
    yield "#[stages]"
    yield '#names = ["exploration", "candidate", "production"]'
    yield ""
    yield "#[gates.candidate]"
    yield f"#metrics = [{_text(f'{spec} {op} 0.5')}]"
    yield '#state = "finished"'
    yield "#provenance = 70"
    yield ""
    yield "#[gates.production]"
    yield '#change = "1%"      # better than the champion'
    yield "#seeds = 3"
    yield '#parts = ["commit", "seed"]'
    yield '#report = "required"'


def _check(sight: _Sight) -> Iterable[str]:
    yield "# What `runspect check` takes for a regression in a pipeline."
    yield "#[check]"
    yield '#against = "production"      # or "best", "baseline", a run, a query'
    yield '#tolerance = "0.5 %"'


def _lint(sight: _Sight) -> Iterable[str]:
    yield "# Rules of `runspect lint` on or off, and from when on they hold."
    yield "#[lint]"
    yield "#hypothesis = true"
    yield "#since = 2026-01-01"
    yield '#stale = "60d"'


def _alerts(sight: _Sight) -> Iterable[str]:
    yield "# Queries by name; `runspect ls alert:diverged` lists what one matches, `alert:*` what any does."
    yield "#[alerts]"
    yield '#diverged = "has:nan"'
    yield '#crashed = "state in [crashed, failed] ended > 1d"'
    yield '#slow = "state:running took > 2d"'


def _record(sight: _Sight) -> Iterable[str]:
    yield "# Where `runspect record` makes runs, relative to this file."
    yield "#[record]"
    yield '#runs = "runs"'


_SECTIONS: tuple[Section, ...] = (
    _objective, _ignore, _directions, _datasets, _standard, _required, _naming, _tags, _provenance, _guards, _stages, _check, _lint,
    _alerts, _record,
)  # fmt: skip
"""In the order of the file: what stands in no table comes first."""


def _main(data: Iterable[SeenData]) -> tuple[str, float]:
    """(the objective by which most runs are judged, their share); ("", 0.0) where none is known."""
    counts = Counter[str]()
    for each in data:
        if each.spec and each.way:
            counts[_stated(each)] += each.runs
    if not counts:
        return "", 0.0
    spec, runs = counts.most_common(1)[0]
    return spec, runs / counts.total()


def _stated(data: SeenData) -> str:
    """The objective with its direction said."""
    metric, _, aggregate = (data.spec or "").rpartition(":")
    return f"{metric}:{'min' if data.way == 'down' else 'max'}" if aggregate == "best" else data.spec or ""


def _text(value: str) -> str:
    # JSON's escapes are TOML's; what no terminal should get from a file is escaped as well
    return "".join(
        char if char.isprintable() else f"\\U{ord(char):08x}" for char in json.dumps(value, ensure_ascii=False)
    )


def _list(values: Iterable[str]) -> str:
    return f"[{', '.join(map(_text, values))}]"


def _key(name: str) -> str:
    return name if _BARE.fullmatch(name) else _text(name)
