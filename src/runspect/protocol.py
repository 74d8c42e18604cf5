"""What engine and clients say to each other: the only module that both sides import.

A frame is `u32 header length | JSON header | u64 body length | body`, little endian. The header holds
`{v, id, kind, name, args, body}`; `kind` is request, reply, error, push or cancel; `body` says what the body is:
none, json or arrow. Every request has one reply or error with its id; pushes have id 0 and come at any time.
"""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Literal

from runspect import __version__
from runspect.dataclass import dataclass, field
from runspect.errors import EngineError
from runspect.model import Json

PROTOCOL = 1
"""Raised when an engine and a client of different numbers cannot understand each other."""

WATCH_SETTING = "RUNSPECT_WATCH"
"""Environment variable of a client; "poll" forces polling of what it watches."""

MAX_HEADER = 16 << 20
MAX_BODY = 4 << 30

Kind = Literal["request", "reply", "error", "push", "cancel"]
BodyKind = Literal["none", "json", "arrow"]

_U32 = struct.Struct("<I")
_U64 = struct.Struct("<Q")


@dataclass(frozen=True, slots=True)
class Frame:
    """One message, either way."""

    kind: Kind
    id: int
    name: str
    args: dict[str, Json] = field(default_factory=dict)
    body_kind: BodyKind = "none"
    body: bytes = b""


def encode(frame: Frame) -> bytes:
    """The bytes of a frame."""
    header = json.dumps(
        {
            "v": PROTOCOL,
            "id": frame.id,
            "kind": frame.kind,
            "name": frame.name,
            "args": frame.args,
            "body": frame.body_kind,
        },
        separators=(",", ":"),
    ).encode()
    return b"".join((_U32.pack(len(header)), header, _U64.pack(len(frame.body)), frame.body))


def decode(read_exactly: Callable[[int], bytes]) -> Frame:
    """Read one frame through `read_exactly(n)`, which returns n bytes or raises ConnectionError.

    Raises:
        EngineError: The other side does not speak this protocol.
        ConnectionError: The link broke.
    """
    (length,) = _U32.unpack(read_exactly(4))
    if length > MAX_HEADER:
        raise EngineError("the other side does not speak runspect's protocol")
    try:
        header = json.loads(read_exactly(length))
        frame_kind, body_kind = header["kind"], header["body"]
        frame_id, name, args = int(header["id"]), str(header["name"]), dict(header["args"])
    except (ValueError, KeyError, TypeError) as error:
        raise EngineError("the other side does not speak runspect's protocol") from error
    (body_length,) = _U64.unpack(read_exactly(8))
    if body_length > MAX_BODY:
        raise EngineError("the other side does not speak runspect's protocol")
    body = read_exactly(body_length) if body_length else b""
    return Frame(frame_kind, frame_id, name, args, body_kind, body)


def hello() -> dict[str, Json]:
    """The arguments of the first request of a client, and of the engine's reply to it."""
    return {"protocol": PROTOCOL, "version": __version__, "schema": _schema_mark()}


def numbers(version: str) -> tuple[int, ...]:
    """A version as numbers that compare: "0.10.2" > "0.9"; what follows the numbers does not count."""
    found: list[int] = []
    for part in version.split("."):
        digits = part[: len(part) - len(part.lstrip("0123456789"))]
        if not digits:
            break
        found.append(int(digits))
    while found and found[-1] == 0:
        found.pop()
    return tuple(found)


def _schema_mark() -> str:
    """Tells apart two builds of one version whose indexes differ."""
    try:
        return f"{zlib.crc32(Path(__file__).with_name('index').joinpath('schema.sql').read_bytes()):08x}"
    except OSError:  # installed in an archive
        return ""


REQUESTS: dict[str, str] = {
    # name: arguments -> reply. `scope` is a list of absolute directories, [] for all known roots.
    "hello": "protocol, version, schema, client -> protocol, version, schema, pid, note, leaving?: it makes way, connect again",
    "watch": "scope, poll -> {}: keep these directories indexed and push their changes to this client; poll: without events",
    "sync": "scope, token -> {runs}: bring the index up to date with the disk; pushes progress meanwhile",
    "order": "scope, query, sort:[[column, descending]], archived, window:{columns, top, page, at_hand:[rid], show_secrets}|null -> json "
    "RunOrder; with a window also rows: as of `window` those of its runs that are not at hand, of the first page where none stands so low",
    "window": "scope, rids, columns, show_secrets -> json rows of RunRow",
    "runs": "scope, query, sort, fields|null, archived, show_secrets, limit|null -> json bytes of `ls --json`",
    "run": "scope, run, show_secrets -> json bytes of `show --json`",
    "recorded": "scope, rids, metrics -> json {runs:[[rid, name]], longest:{metric: points}, values:{metric: [[points, last, lowest, "
    "highest]|null a run]}}: what a chart of these runs needs besides the curves",
    "resolve": "scope, run -> {rid, uid, name}; error `ambiguous` with candidates",
    "series": "scope, run, metric -> json {step, time, value, segment}: raw points, never thinned",
    "curves": "rids, metrics, x:step|time|relative, width, span:[lo,hi]|null -> arrow(rid, metric, x, y, step): thinned",
    "bands": "groups:[[rid]], metrics, x, width, span -> arrow(group, metric, x, mean, std, n, lost): each group's mean and spread",
    "exported": "scope, rids, show_secrets -> json [object of `ls --json` with rid, key, facts, ids, files, consoles, artifacts, texts, infinite]",
    "points": "rids, after:[segment, row]|null, most -> {metrics, after, stamp, lost} + arrow(rid, code, segment, step, time, value): all "
    "points that count, page by page; another stamp, or lost: begin anew",
    "texts": "rid, after -> json [[place, key, step, time, text]]: what a run logged as text, page by page",
    "choices": "scope, query, rids|null -> json {params:[{name, runs, distinct}], metrics:[{name, runs}], facts:[...], "
    "tags:[{name, runs}], usual_params:[name], usual_metrics:[name], usual_words:[column], objective, directions:{metric: down|up}, unmet}: unmet says why no run "
    "can be judged by the objective of the policy",
    "bests": "scope, query, archived, columns -> json [[column, runs, low, high, best|null]]: metric columns over all listed runs",
    "distinct": "scope -> json [[kind, name, runs, distinct values]]: kind is field, metric or fact",
    "complete": "scope, query, position -> json {start, items:[[text, what]]}",
    "explain": "scope, query -> json {query, words, sql, params}: what a query is made into",
    "moved": "scope, query, metric, show_secrets -> json {metric, direction, runs, measured, effects:[...]}: what params do to it",
    "groups": "scope, query, by, columns, sort, archived, ignore, show_secrets -> json [{title, keys, n, rids, runs, values}]",
    "members": "scope, query, by, sort, archived, ignore, show_secrets -> json [[title, keys, rids, head|null]]: groups without cells",
    "spreads": "scope, groups:[[rid]], columns, judge, show_secrets -> json [[[Spread], {state: runs}, best rid|null]]: their cells",
    "pivot": "scope, query, across:[row, column], metric, show_secrets -> json {rows, columns, metric, direction, cells, best}",
    "check": "scope, query, against|null, metric, tolerance:[size, relative]|null, noise|null -> json {against, passed, failed, "
    "skipped, runs:[{uid, name, path, state, dataset, reference|null, step|null, cases:[{what, outcome, why, value, reference, "
    "percent, sigmas, seeds}]}]}: runs against a reference, for a pipeline; null is what the policy says",
    "best": "scope, query, dataset, metric, direction|null, most, show_secrets -> json [{dataset, version, title, metric, direction, "
    "judged_by, runs, compared, ties, states, best:[run], second:run|null, differs, note}]: the best runs of each data set",
    "repeated": "scope -> json [rid]: the runs whose config is that of one that began before them and has finished",
    "effects": "scope, query, dataset, metric, direction|null, param, show_secrets -> json {runs, ended, measured, without_config, arms, pairs, "
    "confounded, alone, judged, notes, effects:[{param, metric, direction, pairs, confounded, trend|null, more, changes}]}: paired differences",
    "trajectory": "scope, query, dataset, metric, direction|null, show_secrets -> json [{dataset, version, place, title, metric, direction, "
    "judged_by, runs, compared, undated, note, improvements, dead_ends}]: the best so far over time, see `index.reads.trajectory`",
    "graveyard": "scope, query, weeks|null, show_secrets -> json {runs, failed, hours, weeks, causes:[{cause, runs, hours, untimed, per_week, "
    "trend, reasons, last}]}: runs that ended badly by cause",
    "cycle": "scope, query, weeks|null, measure|null -> json {answer, measure, title, sentence, runs, measures}: whether it gets shorter",
    "review": "scope, query, dataset, metric, direction|null, run|null, rivals, show_secrets -> json {dataset, version, title, metric, "
    "direction, judged_by, runs, compared, states, others, guards, directions, standard, run, rivals:[run], champion, baseline, failed, causes}: what a report "
    "of one run is made of",
    "happened": "scope, query, since, until -> json {runs, touched, began, ended, projects, failed, causes, stages}: what happened between two moments",
    "hypotheses": "scope, show_secrets -> json bytes of `hypothesis list --json`",
    "tried": "scope, params:{key: value}, query, partial, apart_from:run|null, most, ignore, seeds, show_secrets -> json {params, ignored, "
    "unknown, partial, dataset, runs, without_config, finished, equal_runs, equal:[run], nearest:[run]}: runs with this config, or nearly",
    "versus": "scope, run, other:run|null, show_secrets -> json bytes of `versus --json`: a run against champion, baseline, best and other",
    "arrivals": "scope, rids -> json [[rid, name, state, verdict, text]]: how those of these runs do that can be compared, in a line each",
    "lint": "scope, query, rules:[id], since|null, weeks, most|null -> json {runs, judged, rules:{id: {title, on, about, broken}}, "
    "process, findings:[...]}: what breaks the policy's rules; with weeks {weeks:[...], rules}: how many runs of each week keep them",
    "tidy": "scope, query, rules:[kind], most|null -> json {rules:{kind: runs}, findings:[...]}: what is to be put in order",
    "strays": "scope -> json {known, why, found:[...], unseen:[...]}: trainings on this machine that nothing is read of",
    "gate": "scope, run, to, report:{path, size, sha256}|null -> json {rid, uid, name, stage, stages, to, gate: as in `gate --json`|null}",
    "stages": "scope, run, show_secrets -> json {rid, uid, name, stage, stages, history:[...]}: what was said of the stage of a run",
    "registry": "scope, show_secrets -> json {stages, models:[{name, latest, versions}], without_model}: what came beyond the first stage",
    "next_version": "model -> json number: what a new version of this model is to ask for",
    "tags": "scope, tag|null -> json [{name, runs, yours, tools}]; with a tag [[rid, uid]] of the runs that people tagged so",
    "places": "scope, rids, shared -> json [{rid, uid, name, state, directory, others}]; shared: also who else has files there",
    "health": "scope -> json bytes of `health --json`",
    "annotate": "scope, op_id, client, who, ops:[[target, key, value]] -> {changed, note}: durable when acknowledged; a resend does nothing",
    "undo": "scope, op_id, client, who, redo -> {text}: takes back (or redoes) this client's last annotation",
    "shared": "scope -> json {directories:[{directory, base|null, journal, also:[base], at_home, faults}], note}: where annotations of the runs "
    "in each directory go; at_home: how many of them only the user sees",
    "take_along": "scope -> {taken}: copies these into the shared folder",
    "tail": "rid, file|null, offset|null, lines -> json LogPage; offset null is the end of the file",
    "sql": "text, limit, show_secrets -> json {columns, rows, truncated}: one read-only statement",
    "roots": " -> json [{root, runs, live, updated, mode}]",
    "seen": "scope -> json {kind: count}: what lies there besides logs, for a directory without runs",
    "status": " -> json {pid, version, uptime_s, clients, roots, watching, index, index_bytes, rss_bytes, lag_s, behind, note}",
    "stop": " -> {}: answer, then leave",
}
"""Every request by name. Errors carry args {type, message, exit_code, start?, end?, near?, candidates?}."""
