"""Commands of groups: what to group by, folding."""

from __future__ import annotations

from collections.abc import Sequence

from runspect.counted import counted
from runspect.tui.desk import Desk
from runspect.tui.outline import PARENT, SEEDS, split_words
from runspect.tui.screens.prompting import Prompting, Question
from runspect.tui.screens.run_list import RunList

_FIELDS = (
    (SEEDS, "equal configs but for the seed, paths and names"),
    (PARENT, "runs below the run that started them"),
    ("project", "the project"),
    ("group", "the group that the tool recorded, or the sweep"),
    ("state", "running, finished, failed …"),
    ("owner", "whose files they are"),
    ("tools", "what wrote the logs"),
)
_FACTS = ("dataset", "seed", "git_commit", "git_branch", "host", "job_type", "program", "gpu")
"""Facts that people group by, before all others."""


class Grouping:
    """`do_x` asks, `take_x` carries out what was typed behind the command."""

    def __init__(self, desk: Desk, runs: RunList, prompting: Prompting) -> None:
        self.desk = desk
        self.runs = runs
        self.prompting = prompting

    def do_group(self) -> None:
        """Ask what to group by."""
        now = self.runs.wanted.group
        hint = f"now {', '.join(now)}; empty: no groups" if now else "seeds, parent, or columns such as opt, lr"
        self.prompting.ask(Question("group by", self.take_group, hint, self.known))

    def take_group(self, text: str) -> None:
        """Group by what was typed, by nothing when that is empty."""
        by = split_words(text)
        if PARENT in by and len(by) > 1:
            self.desk.say("parent stands alone: runs are shown below the run that started them", "bad")
            return
        if by or self.runs.wanted.group:
            self.runs.set_group(by)  # the line above the table says what came of it

    def do_ungroup(self) -> None:
        """Show single runs again."""
        self.take_group("")

    def do_fold(self) -> None:
        """Open or fold the group under the cursor, or the one around the run."""
        if not self.runs.turn_fold():
            self.desk.say("no group here: b groups the runs" if not self.runs.groups.by else "no group here", "dim")

    def do_fold_all(self) -> None:
        """Fold all groups, or open all."""
        if not self.runs.groups.by:
            self.desk.say("no group here: b groups the runs", "dim")
            return
        self.desk.say("all groups are open" if self.runs.turn_folds() else "all groups are folded", "dim")

    def known(self, text: str) -> Sequence[tuple[str, str]]:
        """What may stand in place of the last word: fields, params, facts."""
        word, before = last_word(text), split_words(text)
        choices = self.runs.choices
        params = (
            [(name, f"{counted(values, 'value')} in {counted(runs)}") for name, runs, values in choices.params]
            if choices
            else []
        )
        facts = [(name, f"fact, {counted(runs)}") for name, runs in choices.facts] if choices else []
        facts.sort(key=lambda fact: fact[0] not in _FACTS)
        usual = choices.usual_params if choices is not None else ()
        params.sort(key=lambda param: param[0] not in usual)
        return completed(
            word, [*_FIELDS[:2], *params[: len(usual)], *_FIELDS[2:], *params[len(usual) :], *facts], before
        )


def last_word(text: str) -> str:
    """The word that is being typed, without quotes."""
    return text[max(text.rfind(" "), text.rfind(",")) + 1 :].lstrip('"')


def completed(word: str, known: Sequence[tuple[str, str]], taken: Sequence[str] = ()) -> Sequence[tuple[str, str]]:
    """What begins with the word, then what holds it; nothing where the word is whole and nothing else fits."""
    free = [entry for entry in dict(known).items() if entry[0] not in taken]
    lower = word.lower()
    begins = [entry for entry in free if entry[0].lower().startswith(lower)]
    holds = [entry for entry in free if lower in entry[0].lower() and not entry[0].lower().startswith(lower)]
    return [(f'"{name}"' if " " in name or "," in name else name, what) for name, what in (*begins, *holds)]
