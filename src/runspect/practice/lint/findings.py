"""What a run breaks of the rules, in a sentence each: what is wrong, and what would close it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from runspect.columns.lint_rules import BY_ID, Lint
from runspect.dataclass import dataclass
from runspect.model import Json
from runspect.practice.provenance import GAPS

SHOWN = 6
"""Names that a sentence lists."""


@dataclass(frozen=True, slots=True)
class Subject:
    """A run, by what the rules look at."""

    rid: int
    uid: str
    name: str
    path: str
    """Its directory, absolute."""
    when: float | None
    """Start, else the newest record: seconds since 1970."""
    signs: int
    """`columns.lint_rules.Sign`."""
    standard: int = 0
    """The metrics of the policy that it logs, a bit each in their order."""
    required: int = 0
    """Likewise the params."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule that a run breaks."""

    run: Subject
    rule: str
    what: str
    """What is wrong, said of the run: `no seed is recorded`."""
    closes: str
    """What would close it."""
    missing: tuple[str, ...] = ()
    """The metrics or params that are missing."""

    @property
    def sentence(self) -> str:
        """Run, fault and remedy in one line."""
        return f"{self.run.name}: {self.what}; {self.closes}"

    def as_json(self) -> dict[str, Json]:
        """As `lint --json` has it, and the rid."""
        return {
            "rid": self.run.rid, "uid": self.run.uid, "name": self.run.name, "path": self.run.path, "rule": self.rule,
            "what": self.what, "closes": self.closes, "missing": list(self.missing),
        }  # fmt: skip


def findings(subjects: Iterable[Subject], lint: Lint) -> Iterator[Finding]:
    """Every rule that is on and that one of the runs breaks, run by run."""
    rules = lint.on
    for subject in subjects:
        for rule in rules:
            if rule.is_broken(subject.signs):
                yield CHECKS[rule.id](subject, lint)


def check(rule: str, subject: Subject, lint: Lint) -> Finding | None:
    """One rule against one run; None where the run keeps it, or the rule is not about it."""
    return CHECKS[rule](subject, lint) if BY_ID[rule].is_broken(subject.signs) else None


def _naming(run: Subject, lint: Lint) -> Finding:
    closes = "rename it (`runspect name`), and let `runspect record` name the next one"
    return Finding(run, "naming", f"its name does not follow {lint.naming}", closes)


def _metrics(run: Subject, lint: Lint) -> Finding:
    missing = _lacking(lint.metrics, run.standard)
    closes = "log it in every run, or take it out of `[metrics] standard`"
    return Finding(run, "metrics", f"{_listed(missing)} was not logged", closes, missing)


def _params(run: Subject, lint: Lint) -> Finding:
    missing = _lacking(lint.params, run.required)
    closes = "save the whole config beside the logs, or take it out of `[params] required`"
    return Finding(run, "params", f"the config does not tell {_listed(missing)}", closes, missing)


def _config(run: Subject, lint: Lint) -> Finding:
    closes = "save the params beside the logs (config.yaml, args.json …), or start it with `runspect record`"
    return Finding(run, "config", "there are metrics without any config", closes)


def _commit(run: Subject, lint: Lint) -> Finding:
    return Finding(run, "commit", *GAPS["commit"](frozenset()))


def _seed(run: Subject, lint: Lint) -> Finding:
    return Finding(run, "seed", *GAPS["seed"](frozenset()))


def _hypothesis(run: Subject, lint: Lint) -> Finding:
    closes = "say it before the run (`runspect hypothesis new`, `runspect record --hypothesis`), of this one with `runspect retro`"
    return Finding(run, "hypothesis", "nobody said what it is to show", closes)


def _late(run: Subject, lint: Lint) -> Finding:
    closes = "write the next one before the run starts; what is said of past runs with `runspect retro` is excused"
    return Finding(run, "late", "its hypothesis was written behind its first result", closes)


CHECKS: Mapping[str, Callable[[Subject, Lint], Finding]] = {
    "naming": _naming, "metrics": _metrics, "params": _params, "config": _config, "commit": _commit, "seed": _seed,
    "hypothesis": _hypothesis, "late": _late,
}  # fmt: skip
"""What to say of a run that breaks each rule."""


def _lacking(asked: tuple[str, ...], there: int) -> tuple[str, ...]:
    return tuple(name for at, name in enumerate(asked) if not there >> at & 1)


def _listed(names: tuple[str, ...]) -> str:
    more = len(names) - SHOWN
    return ", ".join(names[:SHOWN]) + (f" and {more} more" if more > 0 else "")
