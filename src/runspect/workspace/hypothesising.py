"""Hypotheses and verdicts as annotations: what is written where, and which hypothesis a word means."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from runspect.dataclass import dataclass
from runspect.errors import NotFound, UsageError
from runspect.model import Json, Op
from runspect.practice.hypotheses import VERDICTS, id_of
from runspect.workspace.client import Workspace

Known = Mapping[str, Json]
"""A hypothesis as the objects of `hypothesis list --json`."""


@dataclass(frozen=True, slots=True)
class Statement:
    """A hypothesis to be written down; what is "" or None is not said."""

    text: str
    due: float | None = None
    """End of its time box, seconds since 1970."""
    project: str = ""
    metric: str = ""
    branch: str = ""
    tags: tuple[str, ...] = ()
    retrospective: bool = False


def state(workspace: Workspace, told: Statement, uids: Sequence[str] = ()) -> str:
    """Write a hypothesis down; returns its id. One that is open and says the same is taken, with what is new of it.

    Args:
        uids: Runs that test it from now on; taken back, it is forgotten together with them.

    Raises:
        UsageError: There is no text.
    """
    text = one_line(told.text)
    if not text:
        raise UsageError("what is to be shown? the hypothesis is empty")
    known = workspace.hypotheses()["hypotheses"]
    same = [
        each
        for each in known
        if each["text"] == text
        and each["status"] in ("open", "overdue")
        and each["retrospective"] == told.retrospective
    ]
    id = same[0]["id"] if same else id_of(text, {each["id"] for each in workspace_wide(workspace)})
    keys: dict[str, Json] = {
        "text": text, "due": told.due, "project": told.project, "metric": told.metric, "branch": told.branch,
        "root": workspace.scope[0] if workspace.scope else "", "retrospective": told.retrospective,
    }  # fmt: skip
    ops = [Op(f"hyp:{id}", key, value) for key, value in keys.items() if value]
    ops += [Op(f"hyp:{id}", f"tag:{tag}", True) for tag in told.tags]
    workspace.annotate([*ops, *(Op(f"run:{uid}", "hypothesis", id) for uid in uids)])
    return id


def workspace_wide(workspace: Workspace) -> Sequence[Known]:
    """The hypotheses of all known directories: an id means one thing in all of them."""
    found: Sequence[Known] = workspace.hypotheses(everywhere=True)["hypotheses"]
    return found


def find(workspace: Workspace, word: str) -> Known:
    """The hypothesis of that id or the beginning of one, or of exactly this text.

    Raises:
        NotFound: There is none.
        UsageError: The beginning fits several.
    """
    fitting = called(word, workspace.hypotheses()["hypotheses"]) or called(word, workspace_wide(workspace))
    if not fitting:
        raise NotFound(f"no hypothesis is called {word!r} here; `runspect hypothesis` lists them")
    if len(fitting) > 1:
        raise UsageError(f"{word!r} fits {len(fitting)} hypotheses: {', '.join(each['id'] for each in fitting[:10])}")
    return fitting[0]


def called(word: str, known: Sequence[Known]) -> list[Known]:
    """Those that a word may mean: the one of that id, else those whose id begins so, else that of exactly this text."""
    wanted = word.strip().lower()
    exact = [each for each in known if each["id"] == wanted]
    begun = [each for each in known if len(wanted) > 1 and each["id"].startswith(wanted)]
    return exact or begun or [each for each in known if each["text"] == one_line(word)]


def link(known: Known, uids: Sequence[str]) -> list[Op]:
    """Runs test this hypothesis from now on, whatever their records say."""
    return [*_kept(known), *(Op(f"run:{uid}", "hypothesis", known["id"]) for uid in uids)]


def unlink(uids: Sequence[str]) -> list[Op]:
    """Runs test nothing, whatever their records say."""
    return [Op(f"run:{uid}", "hypothesis", False) for uid in uids]


def judge(known: Known, word: str, note: str, *, retrospective: bool = False) -> list[Op]:
    """A verdict on the hypothesis itself."""
    return [*_kept(known), Op(f"hyp:{known['id']}", "verdict", verdict(word, note, retrospective=retrospective))]


def judge_runs(uids: Sequence[str], word: str, note: str, *, retrospective: bool = False) -> list[Op]:
    """A verdict on runs: on what each of them was to show."""
    return [Op(f"run:{uid}", "verdict", verdict(word, note, retrospective=retrospective)) for uid in uids]


def drop(known: Known, note: str) -> list[Op]:
    """Close a hypothesis without a verdict."""
    return [*_kept(known), Op(f"hyp:{known['id']}", "closed", {"note": note})]


def reopen(known: Known) -> list[Op]:
    """Take back its verdict and its end; verdicts on its runs stay."""
    return [Op(f"hyp:{known['id']}", key, None) for key in ("closed", "verdict")]


def verdict(word: str, note: str, *, retrospective: bool = False) -> dict[str, Json]:
    """The value of a verdict.

    Raises:
        UsageError: The word is none.
    """
    if word not in VERDICTS:
        raise UsageError(f"{word!r} is no verdict; there are {', '.join(VERDICTS)}")
    told: dict[str, Json] = {"verdict": word, "note": note.strip()}
    return {**told, "retrospective": True} if retrospective else told


def one_line(text: str) -> str:
    """Text with single blanks between its words."""
    return " ".join(text.split())


def _kept(known: Known) -> list[Op]:
    """Let the journal hold what only records of runs do."""
    return [Op(f"hyp:{known['id']}", "text", known["text"])] if known["recorded"] else []
