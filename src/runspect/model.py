"""Frozen values that cross layers, processes and threads."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from runspect.dataclass import dataclass, field

Json = Any
"""A JSON value: None, bool, int, float, str, list or dict. Non-finite floats are allowed inside the process."""

State = Literal["running", "quiet", "finished", "failed", "killed", "crashed", "gone", "unknown"]
STATES: tuple[State, ...] = ("running", "quiet", "finished", "failed", "killed", "crashed", "gone", "unknown")

Rank = Literal["container", "tool", "weak"]
"""How much a claim says about where a run begins: a Hydra job > a W&B run > the directory of a CSV."""

ClaimKind = Literal["series", "config", "console", "status", "store"]
"""What a file holds of a run. `series` and rank `container` or `tool` make a run; the others only add to one.

A `store` holds many runs, which are known once it is read; they are told apart by (root of the claim, key).
"""

FACTS = (
    # of the run itself
    "name",
    "project",
    "group",
    "job_type",
    "entity",
    "run_id",
    "parent",
    "record",
    "notes",
    "hypothesis",
    "tags",
    "started",
    "ended",
    "submitted",
    # how it ended
    "exit_code",
    "signal",
    "end_state",
    "end_reason",
    "heartbeat",
    "max_steps",
    "reached_steps",
    "console_verdict",
    "objectives",
    "best_metric",
    "best_step",
    "best_checkpoint",
    # who, where, what was executed
    "host",
    "user",
    "pid",
    "process_started",
    "command",
    "program",
    "args",
    "cwd",
    "executable",
    "scheduler",
    "slurm_job_id",
    "job_id",
    "ci",
    "ci_job_url",
    "ci_branch",
    "ci_pull_request",
    "ci_pipeline",
    "sweep_number",
    "override_dirname",
    # code
    "git_commit",
    "git_commit_time",
    "git_branch",
    "git_dirty",
    "git_remote",
    "git_patch",
    "git_patch_sha256",
    "git_root",
    "git_untracked",
    # environment
    "python",
    "os",
    "cpu",
    "cpu_count",
    "gpu",
    "gpu_count",
    "gpu_memory",
    "gpu_driver",
    "cuda",
    "memory",
    "memory_peak",
    "gpu_memory_peak",
    "environment",
    "packages",
    "packages_sha256",
    "writer",
    # data
    "dataset",
    "dataset_version",
    "data",
    "seed",
    "seeds",
    "registered_models",
)
"""Names of the facts that readers may report (`Batch.facts`). Times are float seconds since 1970, UTC; `submitted` is when a job was put into its queue.

`end_state` is a `State` that the tool itself recorded; `reached_steps` with `max_steps` tells that the goal was
reached; `console_verdict` is e.g. "traceback: ValueError"; `packages` is the file that lists them; `tags` a list;
`objectives` a list such as ["value: maximize"]; `parent` is one of the ids of the run that this one belongs to; `record`
the id of the record that `runspect record` kept of the program, where the tool's own log bears it;
`environment` holds variables, `seeds` arguments; `data` is a list of {"path", "size", "files", "sha256"}; memory in bytes.
"""

TIME_FACTS = frozenset(("started", "ended", "heartbeat", "submitted", "git_commit_time"))
"""The facts that are times."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A reader's word that a file belongs to the run at `root`. All paths are relative to the walked root, posix."""

    reader: str
    path: str
    root: str
    """Directory of the run that the file speaks of; "." is the walked root itself."""
    rank: Rank
    kind: ClaimKind
    strength: int = 1
    """3: a file at its place in a tool's own directory; 2: a signature of this very format; 1: a generic format (CSV,
    JSONL). The strongest claim on a file wins."""
    tool: str = ""
    """The tool that wrote it, as shown to people: "tensorboard", "wandb", "lightning", "hf-trainer", "hydra", "csv"."""
    hints: tuple[tuple[str, str], ...] = ()
    """What `resolve` may want to know without opening the file; the names are listed in `resolve.HINTS`."""
    members: tuple[str, ...] = ()
    """Directories beside the file whose files are read with it: they are claimed by nobody, and when one of them changes,
    the file counts as changed."""

    def hint(self, name: str) -> str:
        """The value of a hint, or "" when it was not given."""
        for key, value in self.hints:
            if key == name:
                return value
        return ""


@dataclass(frozen=True, slots=True)
class Part:
    """A file's role in a resolved run."""

    claim: Claim
    use: Literal["read", "also_in", "row"] = "read"
    """`also_in`: the same content stands elsewhere in the run; listed, not read. `row`: a store that holds the run."""
    prefix: str = ""
    """Put before the metric names of this file, with a slash: "train" gives "train/loss"."""
    shared: bool = False
    """A config that several runs could own; shown as shared."""
    run: str = ""
    """What a store calls the run, where the run is a container's that holds the store."""


@dataclass(frozen=True, slots=True)
class RunPlan:
    """One run as `resolve` sees it: where it is and which files make it up."""

    root: str
    """Directory relative to the walked root."""
    key: str
    """"" or what tells apart several runs under one root."""
    name: str
    """Default name, from the path; a name that the tool recorded wins over it."""
    tools: tuple[str, ...]
    parts: tuple[Part, ...]
    ids: tuple[str, ...] = ()
    """Ids known from the claims alone, for example ("wandb-id:idfinished01",)."""
    parent: str | None = None
    """Root of the parent run, if it has one."""
    group: str | None = None
    """Directory that groups runs (a Hydra sweep), if there is one."""


@dataclass(frozen=True, slots=True)
class Artifact:
    """A file that a run produced and runspect never opens. `path` is relative to the walked root."""

    path: str
    kind: Literal["checkpoint", "model", "image", "video", "audio", "table", "archive", "other"]
    size: int
    modified: float
    step: int | None = None


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that could not be read: one line in the health view."""

    path: str
    offset: int | None
    """Byte offset, where one is known."""
    reader: str
    what: str
    effect: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that is known of whether a run still lives; `state.decide` judges it against a clock."""

    end_state: State | None = None
    end_reason: str = ""
    exit_code: int | None = None
    marks_end: bool = False
    """The tool always writes an end record, so its absence means that the process was stopped from outside."""
    started: float | None = None
    ended: float | None = None
    pid: int | None = None
    process_started: float | None = None
    """When exactly that process began, s since 1970, where the tool tells: its number may be given anew."""
    host: str = ""
    last_write: float | None = None
    """Newest modification time of the run's files."""
    newest_record: float | None = None
    """Time stamp inside the newest record, where the format has one."""
    cadence_s: float | None = None
    """Median seconds between the run's own records."""
    heartbeat: float | None = None
    beat_s: float | None = None
    """Seconds between the signs of life that the tool gives of itself, whatever the training does."""
    reached_steps: int | None = None
    max_steps: int | None = None
    console_verdict: str = ""
    gone: bool = False
    """All its files have vanished."""
    hollow: str = ""
    """Why none of the files in which a run tells of itself says anything: they are empty, or git-LFS pointers."""
    bare: bool = False
    """There is nothing but configs and empty files: it never got to log."""


@dataclass(frozen=True, slots=True)
class SortKey:
    """One level of a sort order; `column` is a column spec."""

    column: str
    descending: bool = False


@dataclass(frozen=True, slots=True)
class Arrival:
    """How a run that came or ended does against its main reference."""

    rid: int
    name: str
    state: str
    verdict: str
    text: str


@dataclass(frozen=True, slots=True)
class RunOrder:
    """The answer to a filter and a sort: ids only, so that 100,000 runs stay small."""

    rids: tuple[int, ...]
    total: int
    """Runs in scope, archived ones left out unless they were asked for."""
    live: int
    generation: int


@dataclass(frozen=True, slots=True)
class RunRow:
    """What a table shows of one run: `values` in the order of the requested column specs."""

    rid: int
    uid: str
    name: str
    state: State
    reason: str
    values: tuple[Json, ...]
    """Raw values; `columns.cell` turns them into text. A sparkline is a string of 0 to 8 digits, a missing value None."""
    star: bool = False
    archived: bool = False


IMPORTED = "imported"
"""Key of the op that tells of a run without logs."""
WAS_ID = "was:"
"""Before the id of a place, in an export: it is the run that was there, and the same run where both are."""
IMPORT_ID = "import:"
"""How the uids of such runs begin."""


@dataclass(frozen=True, slots=True)
class Op:
    """One change to an annotation.

    `target` is "run:UID"; `key` one of "tag:NAME" (value True or False), "note", "star", "archive", "name",
    "project", "imported" (a run without logs, as an object), "hypothesis", "verdict"; value None removes. Other targets are
    "hyp:ID" with the keys of `columns.hypotheses`, and "project:NAME" with "baseline".
    """

    target: str
    key: str
    value: Json


HIDDEN_BY_RULE = "hidden by .runspectignore"
"""Kind under which files and directories are counted that an ignore file hides."""
PASSED_OVER = "directories passed over"
"""Kind under which directories are counted that cannot hold runs: environments, caches, data sets."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the engine is with a directory."""

    phase: Literal["walking", "reading", "idle"]
    done: int
    total: int
    where: str = ""


@dataclass(frozen=True, slots=True)
class Push:
    """News from the engine, coalesced: which runs changed, never their data."""

    rids: frozenset[int] = frozenset()
    generation: int = 0
    everything: bool = False
    """Too many changed to list them: ask again for what is on the screen."""
    progress: Progress | None = None
    broken: bool = False
    """The link just broke and is being made anew; made by the client itself."""
    lost: bool = False
    """The link broke and was made anew; made by the client itself."""


@dataclass(frozen=True, slots=True)
class LogPage:
    """A piece of a console log. Lines have no escape sequences and hold the last state of carriage-return bars."""

    path: str
    lines: tuple[str, ...]
    first_offset: int
    """Byte offset of the first line."""
    next_offset: int
    """Byte offset behind the last line: ask again from here to follow."""
    size: int
    files: tuple[str, ...] = field(default=())
    """All console logs of the run, relative to its root directory."""
    pending: str = ""
    """A last line that is still being written (a progress bar): not in `lines`, and asked for again by `next_offset`."""


Facts = Mapping[str, Json]
