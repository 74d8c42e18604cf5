"""Tags, notes, stars, names, projects, archive: what people add to runs, and taking it back."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from runspect.counted import counted
from runspect.errors import UsageError
from runspect.model import Json, Op, RunRow
from runspect.practice.renaming import renamed
from runspect.tui.desk import Desk
from runspect.tui.screens.run_list import RunList

_TAGS = re.compile(r"[+\-]?(?:\"[^\"]+\"|[^\s,]+)")
_BACK = "   u takes it back"
_NOTHING = "nothing left to take back of what this screen changed"
_FORTH = "   ctrl+r makes it again"


class Annotating:
    """Turns what was typed into operations; each is on the disk before the screen says so."""

    def __init__(self, desk: Desk, runs: RunList, changed: Callable[[Sequence[int]], None]) -> None:
        self.desk = desk
        self.runs = runs
        self.changed = changed

    def tag(self, text: str, rids: Sequence[int], *, force: bool = False) -> None:
        """Apply `+a -b c` to runs: add, take away, toggle (added unless every one of them has it).

        Args:
            force: Give tags that the policy does not allow, too.
        """
        wishes = parse_tags(text)
        if not wishes:
            return
        workspace = self.desk.workspace

        def write() -> str:
            from runspect.workspace.tag_rules import check_tags  # reading TOML takes a while to import

            rows = workspace.window(rids, ("tags",))
            ops = [op for name, sign in wishes for op in _tag_ops(name, sign, rows)]
            added = dict.fromkeys(op.key.removeprefix("tag:") for op in ops if op.value)
            if not force:
                try:
                    check_tags(workspace, rids, added)
                except UsageError as error:
                    raise UsageError(f"{error}   :tag! {text} gives it all the same") from error
            workspace.annotate(ops)
            return _said_of_tags(wishes, rows)

        self.write(write, rids)

    def note(self, text: str, uid: str, rids: Sequence[int]) -> None:
        """Write the note of one run; an empty one takes it away."""
        said = "noted" if text else "note taken away"
        self._set_one(uid, "note", text or None, said, rids)

    def notes(self, text: str, rids: Sequence[int], *, append: bool) -> None:
        """Write the same note on many runs, or put it behind what is there."""
        workspace = self.desk.workspace

        def value(row: RunRow) -> str:
            return f"{row.values[0]}\n{text}" if append and row.values[0] else text

        def write() -> str:
            rows = workspace.window(rids, ("note",), show_secrets=True)
            return self._annotate("note", [(row, value(row)) for row in rows], "noted")

        self.write(write, rids)

    def name(self, text: str, uid: str, rids: Sequence[int]) -> None:
        """Give one run another name; an empty one brings its own back."""
        said = f"named {text}" if text else "the run has its own name again"
        self._set_one(uid, "name", text or None, said, rids)

    def names(self, pattern: str, rids: Sequence[int]) -> None:
        """Give many runs names by a pattern, in this order; an empty one brings their own back."""
        workspace = self.desk.workspace

        def write() -> str:
            rows = workspace.window(rids, ())
            made = renamed(pattern, [row.name for row in rows]) if pattern else (None,) * len(rows)
            said = f"named {pattern}" if pattern else "own names again"
            return self._annotate("name", list(zip(rows, made, strict=True)), said)

        self.write(write, rids)

    def project(self, text: str, rids: Sequence[int]) -> None:
        """Set the project of runs; an empty one brings back what the tool recorded."""
        workspace = self.desk.workspace
        said = f"project {text}" if text else "project as recorded"
        self.write(
            lambda: self._annotate("project", [(row, text or None) for row in workspace.window(rids, ())], said), rids
        )

    def toggle(self, key: str, rids: Sequence[int]) -> None:
        """Star or archive runs; taken back when every one of them has it."""
        workspace = self.desk.workspace

        def write() -> str:
            rows = workspace.window(rids, ())
            value = not all(row.star if key == "star" else row.archived for row in rows)
            workspace.annotate([Op(f"run:{row.uid}", key, value) for row in rows])
            what = {("star", True): "starred", ("star", False): "star taken from", ("archive", True): "archived"}
            return f"{what.get((key, value), 'taken out of the archive:')} {_runs(rows)}{_BACK}"

        self.write(write, rids)

    def undo(self) -> None:
        """Take the last change of this screen back: what others, or an earlier screen, did is not undone by a slip."""
        self.write(lambda: self.desk.workspace.undo() or _NOTHING, (), end=_FORTH)

    def redo(self) -> None:
        """Make the change again."""
        self.write(lambda: self.desk.workspace.redo() or "nothing to make again", (), end=_BACK)

    def write(self, call: Callable[[], str], rids: Sequence[int], end: str = "") -> None:
        """Make a change in its turn behind those before it, and say what `call` tells of it."""

        def done(said: str) -> None:
            aside = self.desk.workspace.aside
            told = said if said.startswith("nothing") else said + end
            self.desk.say(f"{told}   {aside}" if aside else told, "warn" if aside else "plain")
            self.changed(rids)

        self.desk.errands.queue("annotate", call, done)

    def _annotate(self, key: str, told: Sequence[tuple[RunRow, Json]], said: str) -> str:
        """Give each run its value of a key, as one change; returns what to say."""
        self.desk.workspace.annotate([Op(f"run:{row.uid}", key, value) for row, value in told])
        return f"{said} on {_runs([row for row, _ in told])}{_BACK}"

    def _set_one(self, uid: str, key: str, value: Json, said: str, rids: Sequence[int]) -> None:
        def write() -> str:
            if not uid:
                raise UsageError("the run is not known yet; try again")
            self.desk.workspace.annotate([Op(f"run:{uid}", key, value)])
            return said

        self.write(write, rids)


def parse_tags(text: str) -> tuple[tuple[str, str], ...]:
    """(name, sign) of each word; the sign is "+", "-" or "" for toggling."""
    wishes = []
    for word in _TAGS.findall(text):
        sign = word[0] if word[0] in "+-" and len(word) > 1 else ""
        name = word[len(sign) :].strip('"')
        if name:
            wishes.append((name, sign))
    return tuple(wishes)


def _tag_ops(name: str, sign: str, rows: Sequence[RunRow]) -> list[Op]:
    value = sign == "+" or (sign == "" and not all(name in _tags(row) for row in rows))
    return [Op(f"run:{row.uid}", f"tag:{name}", value) for row in rows if (name in _tags(row)) != value]


def _tags(row: RunRow) -> Sequence[str]:
    return row.values[0] or ()


def _said_of_tags(wishes: Sequence[tuple[str, str]], rows: Sequence[RunRow]) -> str:
    return " ".join(sign + name for name, sign in wishes) + f" on {_runs(rows)}{_BACK}"


def _runs(rows: Sequence[RunRow]) -> str:
    return rows[0].name if len(rows) == 1 else counted(len(rows))
