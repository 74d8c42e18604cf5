"""One run against the champion of its data set, the marked baseline, the best before it, or another run: with all that is said of it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

from runspect.columns.spec import bound
from runspect.dataclass import dataclass
from runspect.index.reads import told
from runspect.index.reads.at_step import until
from runspect.index.reads.called import Called, called
from runspect.index.reads.comparing import AGAINST, Comparing, verdict_of
from runspect.index.reads.plain import number
from runspect.index.reads.scope import Cursor, Scope
from runspect.masking import mask
from runspect.model import Json
from runspect.practice.best import Unit
from runspect.practice.configs import changes, config_of
from runspect.practice.leading import lead, lead_text
from runspect.practice.versus import Guarded, Noise, Versus
from runspect.practice.versus_words import change_text, guard_text, headline, lone

OTHER = "other"
"""Against a run that was named."""


@dataclass(frozen=True, slots=True)
class Told:
    """Where what is told of single runs comes from."""

    cursor: Cursor
    scope: Scope
    runs: told.Runs = told.PLAIN
    names_of: Called = called
    show_secrets: bool = False


def versus(
    comparing: Comparing, about: Told, rid: int, other: int | None = None, *, whole: bool = True
) -> dict[str, Json]:
    """How a run does against its references.

    Args:
        other: A run to compare it with besides; it is then the main reference.
        whole: Say of each reference also where the run leads and in which params they differ; takes their points.

    Returns:
        {run: {rid, uid, name, state}, dataset, metric, direction, judged_by, unmet, value, step, main, verdict, holds, text, note,
        comparisons: [{against, run: {…} or null, itself, main, note, value, reference, delta, percent, gain, outcome, verdict,
        noise: {kind, n, recorded, whose, sigma, sigmas, limit}, guards: [{metric, direction, value, reference, delta, percent, allowed,
        worse, text}], bought, holds, text, leads: {first, last, share, since, spans, text} or null,
        differs: [{param, run, reference}] or null}]}; `step` is that of a live run, null of one that ended.
    """
    found, judge = comparing.found, comparing.found.judge(rid)
    against: list[tuple[str, int | None]] = [(kind, comparing.reference(rid, kind)) for kind in AGAINST]
    if other is not None:
        against.insert(0, (OTHER, other))
    told_of = _heads(about, {rid, *(reference for _, reference in against if reference is not None)})
    main = OTHER if other is not None else comparing.main(rid)
    unit = found.unit_of.get(rid)
    maker = _Maker(comparing, about, rid, told_of, whole=whole)
    compared = [maker.comparison(kind, reference, is_main=kind == main) for kind, reference in against]
    chosen = next((each for each in compared if each["main"] and each["usable"]), None)
    own = found.judges[unit] if unit is not None else None
    return {
        "run": told_of.get(rid),
        "dataset": found.units[unit].title if unit is not None else None,
        "metric": own.column.spec if own is not None else None,
        "direction": own.way if own is not None else None,
        "judged_by": own.by if own is not None else None,
        "unmet": (own.unmet or None) if own is not None else None,
        "value": number(comparing.value(rid)),
        "step": comparing.at_step(rid),
        "main": main if chosen is not None else None,
        "verdict": chosen["verdict"] if chosen is not None else None,
        "holds": chosen["holds"] if chosen is not None else None,
        "text": headline(chosen) if chosen is not None else lone(judge is not None, comparing.value(rid) is not None),
        "note": "" if judge is not None else _no_judge(own is not None and own.way is None, own and own.column.spec),
        "comparisons": compared,
    }


@dataclass(frozen=True, slots=True)
class _Maker:
    """Makes the objects of comparisons of one run."""

    comparing: Comparing
    about: Told
    rid: int
    told_of: Mapping[int, dict[str, Json]]
    whole: bool

    def comparison(self, kind: str, reference: int | None, *, is_main: bool) -> dict[str, Json]:
        """One comparison; see `versus`."""
        itself, unlike = reference == self.rid, self._unlike(reference)
        is_comparable = (
            reference is not None
            and not itself
            and (kind == OTHER or not unlike)
            and self.comparing.found.judge(self.rid) is not None
        )
        found = self.comparing.versus(self.rid, reference) if is_comparable and reference is not None else None
        usable = found is not None and found.change.delta is not None
        return {
            "against": kind,
            "run": self.told_of.get(reference) if reference is not None else None,
            "itself": itself,
            "main": is_main,
            "usable": usable,
            "note": self._note(kind, reference, found, unlike),
            **_numbers(found),
            "leads": self._leads(reference) if usable and self.whole and reference is not None else None,
            "differs": self._differs(reference) if self.whole and reference is not None and not itself else None,
        }

    def _unlike(self, reference: int | None) -> str:
        """Why a reference is none of the same unit; "" where it is."""
        found = self.comparing.found
        one, other = found.unit_of.get(self.rid), None if reference is None else found.unit_of.get(reference)
        if reference is None or one is None or one == other:
            return ""
        theirs = None if other is None else found.units[other]
        return f"is on {_apart(found.units[one], theirs)}"

    def _note(self, kind: str, reference: int | None, found: Versus | None, unlike: str) -> str:
        if reference is None:
            ground, unit = self.comparing.found, self.comparing.found.unit_of.get(self.rid)
            version = "" if unit is None or not ground.units[unit].version else "this version of "
            return _NONE[kind].format(stage=ground.lens.stages[-1], version=version)
        if reference == self.rid:
            return _ITSELF[kind]
        if unlike:
            return unlike + (": the difference says little" if kind == OTHER else "")
        if found is None or found.change.delta is not None:
            return ""
        if found.change.value is None:
            return "the run has no value yet"
        step = self.comparing.at_step(self.rid)
        return "has no value" if step is None else f"had no value at step {step:,} yet"

    def _leads(self, reference: int) -> Json:
        """Where the run is ahead in the metric that it is judged by."""
        found, judge = self.comparing.found, self.comparing.found.judge(self.rid)
        if judge is None or judge.way is None or judge.column.kind not in ("metric", "at"):
            return None
        step = self.comparing.at_step(self.rid)
        curves = self.comparing.curves(self.about.cursor, (self.rid, reference), judge.column.name)
        if self.rid not in curves or reference not in curves:
            return None
        one, other = curves[self.rid], curves[reference]
        other = other if step is None else until(other, step)
        running = judge.column.kind == "metric" and bound(judge.column, found.lens.directions) in ("min", "max")
        told = lead((one.steps, one.values), (other.steps, other.values), judge.way, running=running)
        if told is None:
            return None
        return {
            "first": told.first,
            "last": told.last,
            "share": told.share,
            "since": told.since,
            "spans": [list(span) for span in told.spans],
            "text": lead_text(told),
        }

    def _differs(self, reference: int) -> list[Json] | None:
        """The params in which they differ; None where one of them recorded none."""
        lens, about = self.comparing.found.lens, self.about
        words = about.runs.params(about.cursor, [self.rid, reference])
        one, other = (
            config_of({key: _loaded(word.val) for key, word in words.get(each, {}).items()}, lens.counts, lens)
            for each in (self.rid, reference)
        )
        if not one or not other:
            return None
        shown: Callable[[str, Json], Json] = (lambda key, value: value) if about.show_secrets else mask
        return [
            {"param": each.param, "run": shown(each.param, each.one), "reference": shown(each.param, each.other)}
            for each in changes(one, other)
        ]


_NONE = {
    "champion": "no run on {version}its data set is in {stage}",
    "baseline": "none is marked: `runspect baseline RUN`, or B on the screen",
    "best": "no run before it on {version}its data set has a value",
    OTHER: "",
}
_ITSELF = {
    "champion": "the run is the champion itself",
    "baseline": "the run is the baseline itself",
    "best": "",
    OTHER: "a run is as good as itself",
}


def _numbers(found: Versus | None) -> dict[str, Json]:
    if found is None or found.change.delta is None:
        nothing = dict.fromkeys(("reference", "delta", "percent", "gain", "outcome", "verdict", "noise"))
        return {**nothing, "guards": [], "bought": False, "holds": None, "text": ""}
    change = found.change
    return {
        "reference": change.reference,
        "delta": change.delta,
        "percent": change.percent,
        "gain": change.gain,
        "outcome": change.outcome,
        "verdict": verdict_of(found),
        "noise": _noise(change.noise),
        "guards": [_guard(guard) for guard in found.guards],
        "bought": found.is_bought,
        "holds": found.holds,
        "text": change_text(change),
    }


def _noise(noise: Noise) -> dict[str, Json]:
    return {
        "kind": noise.kind,
        "n": noise.n,
        "recorded": noise.recorded,
        "whose": noise.whose,
        "sigma": noise.sigma,
        "sigmas": noise.sigmas,
        "limit": noise.limit,
    }


def _guard(guard: Guarded) -> dict[str, Json]:
    return {
        "metric": guard.metric,
        "direction": guard.way,
        "value": guard.value,
        "reference": guard.reference,
        "delta": guard.delta,
        "percent": guard.percent,
        "allowed": guard.allowed,
        "worse": guard.worse,
        "text": guard_text(guard),
    }


def _heads(about: Told, rids: set[int]) -> dict[int, dict[str, Json]]:
    shorter = about.names_of(about.cursor, about.scope)
    known = told.told(about.cursor, sorted(rids), about.runs)
    return {
        rid: {"rid": rid, "uid": run.head.uid, "name": shorter.get(rid, run.name), "state": run.head.state}
        for rid, run in known.items()
    }


def _apart(own: Unit, theirs: Unit | None) -> str:
    if theirs is None:
        return "a run of another directory"
    same_data = own.dataset is not None and own.dataset == theirs.dataset
    return f"another {'version of the data set' if same_data else 'data set'}: {theirs.title}"


def _no_judge(undirected: bool, spec: object) -> str:
    if undirected:
        return f"nothing tells which way {spec} is better: say so under [directions] in the policy"
    return "no metric whose name tells which way it is better; name an objective in the policy"


def _loaded(text: str) -> Json:
    try:
        return json.loads(text)
    except ValueError:
        return text
