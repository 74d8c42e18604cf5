"""What runs are to show, and whether they did: hypotheses and verdicts from the table and the run card."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from runspect.counted import counted
from runspect.errors import NotFound, UsageError
from runspect.tui.desk import Desk
from runspect.tui.screens.annotating import Annotating
from runspect.tui.screens.choosing import Choosing
from runspect.tui.screens.prompting import Prompting, Question
from runspect.tui.screens.run_list import RunList
from runspect.tui.screens.trail import Trail
from runspect.tui.widgets.picker import Choice

WORDS = ("supported", "refuted", "inconclusive")
"""As `practice.hypotheses.VERDICTS`."""
_BACK = "   u takes it back"
_HINT = "supported, refuted or inconclusive (s, r, i), then why; - takes it away"

Items = Sequence[tuple[str, str]]


class Judging:
    """`do_x` asks and then carries out; `take_x` carries out what was typed behind the command."""

    def __init__(
        self,
        desk: Desk,
        runs: RunList,
        is_card: Callable[[], bool],
        trail: Trail,
        annotating: Annotating,
        choosing: Choosing,
        prompting: Prompting,
    ) -> None:
        """`is_card` says whether the card is open: what is done there is about its run, whatever is marked."""
        self.desk = desk
        self.runs = runs
        self.is_card = is_card
        self.trail = trail
        self.annotating = annotating
        self.choosing = choosing
        self.prompting = prompting
        self._known: dict[str, dict[str, Any]] = {}

    # verdicts

    def do_verdict(self) -> None:
        rids = self._targets()
        if not rids:
            return

        def ask(run: Mapping[str, Any]) -> None:
            said, tested = run["verdict_about"], run["hypothesis"] or "it does not say what it was to show"
            own = f"{said['verdict']} {said['note']}".strip() if said and said["run"] else ""
            shown = f"hypothesis: {tested}" if len(rids) == 1 else ""
            self.prompting.ask(
                Question(
                    f"verdict on {self._about(rids)}",
                    lambda text: self.take_verdict(text, rids),
                    _HINT,
                    verdict_items,
                    preview=lambda text: verdict_preview(text) or shown,
                ),
                own if len(rids) == 1 else "",
            )

        # of many runs only their number is shown
        self.desk.errands.send("verdict", lambda: self.desk.run(rids[0]), ask)
        self.desk.expect("verdict")

    def take_verdict(self, text: str, rids: Sequence[int] = ()) -> None:
        """`refuted it diverged` on these runs, or on those that are meant."""
        targets = rids or self._targets()
        word, note = parsed(text)
        if not targets or not text.strip():
            return
        if not word and text.strip() != "-":
            self.desk.say(f"{text.split()[0]} is no verdict: supported, refuted or inconclusive", "bad")
            return
        workspace = self.desk.workspace

        def write() -> str:
            from runspect.model import Op
            from runspect.workspace.hypothesising import judge_runs

            uids = [row.uid for row in workspace.window(targets, ())]
            workspace.annotate(
                judge_runs(uids, word, note) if word else [Op(f"run:{uid}", "verdict", None) for uid in uids]
            )
            return f"{word or 'no verdict'} on {self._about(targets)}{_BACK}"

        self.annotating.write(write, targets)

    # hypotheses

    def do_hypothesis(self) -> None:
        rids = self._targets()
        if not rids:
            return

        def ask(found: tuple[Mapping[str, Any], Sequence[dict[str, Any]]]) -> None:
            run, known = found
            shown = f"now: {run['hypothesis']}" if len(rids) == 1 and run["hypothesis"] else ""
            self.prompting.ask(
                Question(
                    f"hypothesis of {self._about(rids)}",
                    lambda text: self.take_hypothesis(text, rids),
                    "what it is to show, or the id of a hypothesis; - takes it away",
                    lambda text: hypothesis_items(text, known),
                    whole_line=True,
                    preview=lambda text: "" if text else shown,
                )
            )

        workspace = self.desk.workspace
        self.desk.errands.send(
            "hypothesis", lambda: (self.desk.run(rids[0]), workspace.hypotheses()["hypotheses"]), ask
        )
        self.desk.expect("hypothesis")

    def take_hypothesis(self, text: str, rids: Sequence[int] = ()) -> None:
        """These runs, or those that are meant, test what the text says, or the hypothesis of this id."""
        targets = rids or self._targets()
        words = " ".join(text.split())
        if not targets or not words:
            return
        workspace = self.desk.workspace

        def write() -> str:
            from runspect.workspace import hypothesising

            uids = [row.uid for row in workspace.window(targets, ())]
            if words == "-":
                workspace.annotate(hypothesising.unlink(uids))
                return f"no hypothesis on {self._about(targets)}{_BACK}"
            try:
                known = hypothesising.find(workspace, words)
            except (NotFound, UsageError):
                id = hypothesising.state(workspace, hypothesising.Statement(words), uids)
            else:
                id = known["id"]
                workspace.annotate(hypothesising.link(known, uids))
            return f"{self._about(targets)} {'test' if len(targets) > 1 else 'tests'} {id}{_BACK}"

        self.annotating.write(write, targets)

    def do_hypotheses(self) -> None:
        """List them: overdue ones first."""
        self.desk.errands.send("hypotheses", self.desk.workspace.hypotheses, self._show)
        self.desk.expect("hypotheses")

    def take_hypotheses(self, id: str) -> None:
        """List the runs of one."""
        self.trail.narrow(f"hypothesis:{id}")

    def _show(self, found: Mapping[str, Any]) -> None:
        self._known = {str(each["id"]): each for each in found["hypotheses"]}
        if not self._known:
            self.desk.say("no hypothesis yet; W says what a run is to show", "dim")
            return
        counts = found["summary"]
        boxed = f"   {counts['in_time']} of {counts['boxed']} answered in time" if counts["boxed"] else ""
        self.choosing.pick_or_act(
            f"Hypotheses   {counts['overdue']} overdue, {counts['open']} open{boxed}",
            [
                Choice(id, each["text"], aside(each), _LOOKS.get(each["status"], "plain"))
                for id, each in self._known.items()
            ],
            lambda values: self._list(values[0]),
            {"v": ("verdict", self._ask_verdict), "x": ("drop", lambda id: self._judge(id, ""))},
            enter="its runs",
        )

    def _list(self, id: str) -> None:
        if self._known[id]["runs"]:
            told = self._known[id]
            # what only records hold has no id to be asked for yet
            self.take_hypotheses(json.dumps(told["text"], ensure_ascii=False) if told["recorded"] else id)
        else:
            self.desk.say(f"no run tests {id} yet: RUNSPECT_HYPOTHESIS={id}, or W on a run", "dim")

    def _ask_verdict(self, id: str) -> None:
        told = str(self._known[id]["text"])

        def take(text: str) -> None:
            if text.strip():
                self._judge(id, text)

        self.prompting.ask(
            Question(
                f"verdict on {id}",
                take,
                "supported, refuted or inconclusive (s, r, i), then why",
                verdict_items,
                preview=lambda text: verdict_preview(text) or told,
            )
        )

    def _judge(self, id: str, text: str) -> None:
        """A verdict on a hypothesis, or its end without one."""
        word, note = parsed(text)
        if text and not word:
            self.desk.say(f"{text.split()[0]} is no verdict: supported, refuted or inconclusive", "bad")
            return
        workspace, known = self.desk.workspace, self._known[id]

        def write() -> str:
            from runspect.workspace import hypothesising

            workspace.annotate(hypothesising.judge(known, word, note) if word else hypothesising.drop(known, ""))
            return f"{id} is {word or 'dropped'}{_BACK}"

        self.annotating.write(write, [trial["rid"] for trial in known["runs"]])

    def _targets(self) -> Sequence[int]:
        current = self.runs.table.current
        rids = self.runs.meant.targets() if not self.is_card() else () if current is None else (current,)
        if not rids:
            self.desk.say(self.runs.meant.nobody, "dim")
        return rids

    def _about(self, rids: Sequence[int]) -> str:
        name = self.runs.meant.name_of(rids[0]) if len(rids) == 1 else None
        return name if name is not None else counted(len(rids))


_LOOKS = {"overdue": "warn", "answered": "dim", "dropped": "dim"}


def parsed(text: str) -> tuple[str, str]:
    """The verdict that the first word begins, "" for none, and the note behind it."""
    first, _, note = text.strip().partition(" ")
    first = first.rstrip(":,")
    return next((word for word in WORDS if first and word.startswith(first.lower())), ""), note.strip()


def verdict_items(text: str) -> Items:
    """The verdicts that the first word may become."""
    return [(word, "") for word in WORDS if text and " " not in text and word.startswith(text.lower()) and word != text]


def verdict_preview(text: str) -> str:
    """What would be written."""
    word, note = parsed(text)
    return f"{word}{': ' if note else ''}{note}" if word else ""


def hypothesis_items(text: str, known: Sequence[Mapping[str, Any]]) -> Items:
    """The hypotheses that wait for a verdict and have the text in their words or their id."""
    wanted = text.strip().casefold()
    waiting = [each for each in known if each["status"] in ("open", "overdue")]
    return [
        (each["id"], each["text"])
        for each in waiting
        if (wanted in each["text"].casefold() or each["id"].startswith(wanted)) and each["id"] != wanted
    ]


def aside(each: Mapping[str, Any]) -> str:
    """How it is with a hypothesis, in a few words."""
    status = each["verdict"]["verdict"] if each["status"] == "answered" else each["status"]
    return f"{status}, {counted(len(each['runs']))}"
