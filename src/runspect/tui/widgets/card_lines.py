"""A run as lines of a card: every fact with its source, or "not recorded"."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich.cells import cell_len

from runspect.columns import age_text, duration_text
from runspect.columns.cells import value_text
from runspect.columns.fact_text import fact_text
from runspect.dataclass import dataclass
from runspect.masking import printable
from runspect.roles import STATE_GLYPH
from runspect.tui.fit import cut, fit, shown_name
from runspect.tui.glyphs import Glyphs, plain
from runspect.tui.widgets.card_findings import finding_lines
from runspect.tui.widgets.card_stages import stage_spans
from runspect.tui.widgets.card_text import moment_text, most_common, number_cell, seconds_of, size_text, wrapped
from runspect.tui.widgets.card_versus import versus_spans
from runspect.tui.widgets.painted import Line, Span

Run = dict[str, Any]
"""The object of `runspect show --json`."""

FACT_GROUPS: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = (
    ("Data", (("dataset", "dataset"), ("dataset_version", "version"), ("seed", "seed"))),
    (
        "Code",
        (
            ("git_commit", "commit"),
            ("git_branch", "branch"),
            ("git_dirty", "uncommitted"),
            ("git_patch", "patch"),
            ("git_remote", "remote"),
        ),
    ),
    (
        "Execution",
        (
            ("command", "command"),
            ("program", "program"),
            ("args", "arguments"),
            ("cwd", "directory"),
            ("host", "host"),
            ("user", "user"),
            ("pid", "process"),
            ("exit_code", "exit code"),
            ("slurm_job_id", "Slurm job"),
        ),
    ),
    (
        "Environment",
        (
            ("python", "python"),
            ("executable", "executable"),
            ("os", "system"),
            ("cpu", "cpu"),
            ("cpu_count", "cpus"),
            ("gpu", "gpu"),
            ("gpu_count", "gpus"),
            ("cuda", "cuda"),
            ("memory", "memory"),
            ("packages", "packages"),
            ("writer", "logged by"),
        ),
    ),
)
"""What a card always says of a run, recorded or not; facts that are in no group come after these."""
WHERE_RECORDED: dict[str, tuple[tuple[str, str], ...]] = {
    "Data": (("seeds", "seeds"), ("data", "data")),
    "Code": (
        ("git_untracked", "untracked"),
        ("git_patch_sha256", "patch digest"),
        ("git_root", "repository"),
    ),
    "Execution": (
        ("signal", "signal"),
        ("process_started", "process began"),
        ("memory_peak", "peak memory"),
        ("gpu_memory_peak", "peak on GPU"),
        ("scheduler", "scheduler"),
        ("job_id", "job"),
        ("ci", "CI"),
        ("ci_job_url", "CI job"),
        ("ci_branch", "CI branch"),
        ("ci_pull_request", "pull request"),
        ("ci_pipeline", "pipeline"),
        ("console_verdict", "console ends"),
    ),
    "Environment": (
        ("gpu_memory", "GPU memory"),
        ("gpu_driver", "GPU driver"),
        ("packages_sha256", "their digest"),
        ("environment", "variables"),
    ),
}
"""What it says beside that where it is known."""

_LABEL = 14


@dataclass(frozen=True, slots=True)
class Page:
    """How wide a column of the card is, what it may draw, what time it is."""

    width: int
    glyphs: Glyphs
    now: float


def left_lines(run: Run, page: Page) -> list[Line]:
    """What the run is, and every fact."""
    lines = [*_identity(run, page), *stage_lines(run, page), *versus_lines(run, page)]
    facts = dict(run["facts"])
    named = (*(group for _, group in FACT_GROUPS), *WHERE_RECORDED.values())
    grouped = {name for group in named for name, _ in group}
    for title, group in FACT_GROUPS:
        lines += [(), _title(title)]
        lines += [line for name, label in group for line in _fact(name, label, facts.get(name), page)]
        more = [(name, label) for name, label in WHERE_RECORDED[title] if name in facts]
        lines += [line for name, label in more for line in _fact(name, label, facts[name], page)]
    lines += _provenance(run, page)
    lines += finding_lines(run.get("lint") or (), page.width, page.glyphs)
    others = [name for name in facts if name not in grouped and name not in _SAID]
    if others:
        lines += [(), _title("Also recorded")]
        lines += [line for name in others for line in _fact(name, name, facts[name], page)]
    return lines


def right_lines(run: Run, page: Page) -> list[Line]:
    """Metrics, params, artefacts, files, problems."""
    return [
        *_metrics(run, page),
        *_params(run, page),
        *_artifacts(run, page),
        *_files(run, page),
        *_problems(run, page),
    ]


def heading(run: Run, width: int, glyphs: Glyphs) -> Line:
    """Name and state in one line."""
    _, _, role = STATE_GLYPH.get(run["state"], STATE_GLYPH["unknown"])
    tags = [span for tag in run["tags"] for span in ((" ", "plain"), (printable(tag), "tag"))]
    reason = f"{run['state']}" + (
        f": {printable(run['reason'])}" if run["reason"] and run["reason"] != run["state"] else ""
    )
    room = max(8, width - 8 - min(cell_len(reason), width // 2))
    spans: list[Span] = [
        (" ", "plain"),
        (glyphs.state(run["state"]), role),
        (" ", "plain"),
        ((glyphs.star + " ") if run.get("star") else "", "warn"),
        (cut(run["name"], room, glyphs.cut, "middle"), "strong"),
        ("   ", "plain"),
        (cut(reason, width // 2, glyphs.cut), role),
        ("  ", "plain"),
        *tags,
    ]
    return spans


_SAID = frozenset(
    (
        "name",
        "project",
        "group",
        "started",
        "ended",
        "tags",
        "notes",
        "end_state",
        "end_reason",
        "heartbeat",
        "run_id",
        "host",
    )
)


def _identity(run: Run, page: Page) -> list[Line]:
    started, ended = run["started"], run["ended"] or run["updated"]
    took = None if not started or not ended else seconds_of(ended) - seconds_of(started)
    values: list[tuple[str, str | None]] = [
        ("note", run["note"]),
        ("started", moment_text(started, page.now)),
        ("ended" if run["ended"] else "last write", moment_text(ended, page.now)),
        ("took", None if took is None else duration_text(took, live=run["state"] == "running")),
        ("steps", None if run["steps"] is None else f"{run['steps']:,}"),
        ("project", run["project"]),
        ("group", run["group"]),
        ("parent", run["parent"]),
        ("tools", ", ".join(run["tools"])),
        *((("provenance", origin),) if (origin := _origin(run)) is not None else ()),
        ("root", run["root"]),
        ("path", run["path"]),
        ("id", run["uid"]),
    ]
    values[1:1] = [(label, text) for label, text, _ in _tested(run)]
    asides = {label: aside for label, _, aside in _tested(run)}
    rough = took is not None and not run["ended"] and run["state"] != "running"
    lines: list[Line] = [_title("Run")]
    for label, value in values:
        ends_nowhere = rough and label == "took"
        source = "to the last write; no end was recorded" if ends_nowhere else asides.get(label, "")
        look = "accent" if label == "note" or label in asides else "plain"
        lines += _labelled(label, f"~{value}" if ends_nowhere else value, source, page, look=look)
    return lines


def _tested(run: Run) -> list[tuple[str, str, str]]:
    """What it was to show and whether it did, where somebody said so: (label, text, what else is known of it)."""
    found = []
    if told := run.get("hypothesis_about"):
        lead = "in retrospect" if told["retrospective"] else told["lead"]
        found.append(("hypothesis", told["text"], told["id"]))
        if lead:
            found.append(("written", lead, ""))
    if said := run.get("verdict_about"):
        who = f"{said['who']}, in retrospect" if said["retrospective"] else said["who"]
        found.append(("verdict", ": ".join(filter(None, (said["verdict"], said["note"]))), who))
    return found


def _origin(run: Run) -> str | None:
    """The score, and what is missing in words of the parts."""
    told: dict[str, Any] | None = run.get("provenance")
    if not told:
        return None
    missing = ", ".join(part["part"] for part in told["parts"] if part["gap"])
    return f"{told['score']} of 100" + (f", gaps: {missing}" if missing else "")


def _provenance(run: Run, page: Page) -> list[Line]:
    """The score, then each gap and what would close it; what is known stands among the facts."""
    told: dict[str, Any] | None = run.get("provenance")
    if not told:
        return []
    lines: list[Line] = [(), [(" Provenance", "title"), (f"  {told['score']} of 100", "dim")]]
    for part in told["parts"]:
        if part["gap"]:
            lines += _labelled(part["part"], part["gap"], "", page, look="warn")
            lines += [[(" " * (_LABEL + 4), "plain"), (piece, "quiet")] for piece in _pieces(part["closes"], page)]
    if all(not part["gap"] for part in told["parts"]):
        lines.append([("   nothing is missing", "quiet")])
    return lines


def stage_lines(run: Run, page: Page) -> list[Line]:
    """How far it has come and by which steps, and what its gate says; nothing where neither is known."""
    told = stage_spans(run)
    if not told:
        return []
    lines: list[Line] = [(), [(" Stage", "title"), (f"  {printable(run['stage'])}", "accent")]]
    for label, text, look in told:
        lines += _labelled(plain(label, page.glyphs), plain(text, page.glyphs), "", page, look=look)
    return lines


def versus_lines(run: Run, page: Page) -> list[Line]:
    """How it does against champion, baseline and the best before it; nothing where nobody looked."""
    told: dict[str, Any] | None = run.get("versus")
    if not told:
        return []
    verdict = told["verdict"] or ""
    lines: list[Line] = [(), [(" Versus", "title"), (f"  {verdict}", "warn" if "worse" in verdict else "dim")]]
    for label, text, look in versus_spans(told):
        lines += _labelled(label, plain(text, page.glyphs), "", page, look=look)
    return lines


def _pieces(text: str, page: Page) -> list[str]:
    return wrapped(printable(text), max(8, page.width - _LABEL - 5), page.glyphs.cut)


def _fact(name: str, label: str, fact: dict[str, Any] | None, page: Page) -> list[Line]:
    if fact is None or fact.get("value") is None:
        return _labelled(label, None, "", page)
    return _labelled(label, fact_text(name, fact["value"]), fact.get("source") or "", page)


def _labelled(label: str, value: str | None, source: str, page: Page, look: str = "plain") -> list[Line]:
    """A label, its value over as many lines as it needs (four at most), its source where there is room."""
    start: Span = ("   " + fit(label, _LABEL, page.glyphs.cut) + " ", "dim")
    room = page.width - _LABEL - 5
    if not value:
        return [(start, ("not recorded" if label != "note" else page.glyphs.none, "quiet"))]
    pieces = wrapped(printable(value), max(8, room), page.glyphs.cut)
    lines: list[list[Span]] = [[start, (pieces[0], look)]]
    lines += [[(" " * (_LABEL + 4), "plain"), (piece, look)] for piece in pieces[1:]]
    lines[-1] += _source(source, room - cell_len(pieces[-1]), page)
    return list(lines)


def _source(source: str, room: int, page: Page) -> list[Span]:
    """Where a value comes from, in so many cells behind it; an ellipsis where there is too little room to say it."""
    if not source or room < 3:
        return [(page.glyphs.cut, "quiet")] if source and room >= 1 else []
    if room - 2 < min(8, cell_len(source)):
        return [("  " + page.glyphs.cut, "quiet")]
    return [("  " + cut(source, room - 2, page.glyphs.cut, "middle"), "quiet")]


def _metrics(run: Run, page: Page) -> list[Line]:
    metrics: dict[str, dict[str, Any]] = run["metrics"]
    if not metrics:
        return [_title("Metrics"), [("   none", "quiet")]]
    columns = ("last", "min", "max", "last_step", "n") if page.width >= 74 else ("last", "min", "max")
    width = max(10, min(max(cell_len(shown_name(name)) for name in metrics), page.width - 5 - 11 * len(columns)))
    head: Line = [("   " + " " * width, "dim"), *((f"{title.replace('_', ' '):>11}", "dim") for title in columns)]
    lines: list[Line] = [_title("Metrics", len(metrics)), head]
    for name, summary in metrics.items():
        cells = [number_cell(summary.get(column), count=column in ("last_step", "n")) for column in columns]
        bad = "warn" if summary.get("nonfinite") else "plain"
        lines.append(
            [
                ("   " + fit(shown_name(name), width, page.glyphs.cut, where="middle"), "plain"),
                *((f"{cell:>11}", bad if n == 0 else "dim") for n, cell in enumerate(cells)),
            ]
        )
    return lines


def _params(run: Run, page: Page) -> list[Line]:
    params: dict[str, Any] = run["params"]
    if not params:
        return [(), _title("Params"), [("   no config was found", "quiet")]]
    lines: list[Line] = [(), _title("Params", len(params))]
    sources = run["sources"]
    width = max(8, min(max(cell_len(shown_name(key)) for key in params), page.width // 2 - 4))
    common = most_common(sources.values())
    if common:
        lines[-1] = (*lines[-1], (f"   {cut(common, page.width - 24, page.glyphs.cut, 'middle')}", "quiet"))
    for key, value in params.items():
        text = value_text(value)
        source = sources.get(key, "")
        room = page.width - width - 6
        spans: list[Span] = [
            ("   " + fit(shown_name(key), width, page.glyphs.cut, where="middle") + "  ", "dim"),
            (cut(text, room, page.glyphs.cut), "plain"),
        ]
        if source != common:
            spans += _source(source, room - cell_len(text), page)
        lines.append(spans)
    return lines


def _artifacts(run: Run, page: Page) -> list[Line]:
    artifacts: list[dict[str, Any]] = run.get("artifacts") or []
    if not artifacts:
        return []
    lines: list[Line] = [(), _title("Artefacts", len(artifacts))]
    width = max(16, page.width - 40)
    for artifact in artifacts:
        step = "" if artifact.get("step") is None else f"step {artifact['step']:,}"
        when = age_text(artifact.get("modified"), page.now)
        lines.append(
            [
                ("   " + fit(artifact["kind"], 11, page.glyphs.cut), "dim"),
                (fit(artifact["path"], width, page.glyphs.cut, where="middle"), "plain"),
                (f"{size_text(artifact['size']):>9} {when:>4}  {step}", "dim"),
            ]
        )
    return lines


def _files(run: Run, page: Page) -> list[Line]:
    lines: list[Line] = [(), _title("Files", len(run["files"]))]
    reader = min(24, max([12, *(cell_len(file["reader"] or "") for file in run["files"])])) + 2
    width = max(16, page.width - 15 - reader)
    for file in run["files"]:
        lines.append(
            [
                ("   " + fit(file["reader"] or "", reader - 2, page.glyphs.cut) + "  ", "dim"),
                (fit(file["path"], width, page.glyphs.cut, where="middle"), "plain"),
                (f"  {size_text(file['size']):>8}", "dim"),
            ]
        )
    for path in run["also_in"]:
        lines.append(
            [("   " + fit("also in", reader), "quiet"), (cut(path, width + 9, page.glyphs.cut, "middle"), "dim")]
        )
    return lines


def _problems(run: Run, page: Page) -> list[Line]:
    problems: Sequence[dict[str, Any]] = run.get("problems_list") or ()
    if not problems:
        return []
    lines: list[Line] = [(), _title("Problems", len(problems))]
    for problem in problems:
        at = "" if problem.get("offset") is None else f" at byte {problem['offset']:,}"
        lines.append([("   " + cut(f"{problem['path']}{at}", page.width - 4, page.glyphs.cut, "middle"), "plain")])
        lines.append(
            [("     " + cut(f"{problem['what']}: {problem['effect']}", page.width - 6, page.glyphs.cut), "warn")]
        )
    return lines


def _title(text: str, count: int | None = None) -> Line:
    return [(f" {text}", "title"), ("" if count is None else f"  {count:,}", "dim")]


def beside(left: Sequence[Line], right: Sequence[Line], width: int, bar: str) -> list[Line]:
    """Two columns as one: the left one padded to `width` cells, a bar between."""
    lines: list[Line] = []
    for number in range(max(len(left), len(right))):
        one = left[number] if number < len(left) else ()
        two = right[number] if number < len(right) else ()
        used = sum(cell_len(text) for text, _ in one)
        lines.append((*one, (" " * (width - used), "plain"), (bar, "faint"), *two))
    return lines
