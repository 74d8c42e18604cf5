"""What the gates of policies say of runs, found once for all of them and again only where something else would be found.

It depends on how runs ended, on params, facts and annotations, and on the values of runs that have ended. What a live run logs
changes none of that, so a table that shows the column beside live runs costs nothing while they log.
"""

from __future__ import annotations

import os.path
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from runspect.columns import Lens
from runspect.engine.policies import Policies, Sight
from runspect.index.reads.called import Called
from runspect.index.reads.gated import Gated, gated
from runspect.index.reads.vocabulary import NamesIn
from runspect.index.store import Store
from runspect.pathtext import to_text
from runspect.policy import Policy
from runspect.practice.gates import LIVE


@dataclass(frozen=True, slots=True)
class _Held:
    stamp: tuple[object, ...]
    upd: int
    """Of the newest write that was looked at."""
    ended: tuple[int, ...]
    found: Gated
    words: Mapping[int, str]


class Gating:
    """Remembers one answer a policy; mutable, thread-safe."""

    def __init__(self, policies: Policies) -> None:
        self._policies = policies
        self._lock = threading.Lock()
        self._held: dict[str, _Held] = {}

    def lens(self, store: Store, sight: Sight, known: NamesIn, names_of: Called) -> Lens:
        """The lens of a scope, with what its gates say."""
        gating = [policy for policy in sight.policies if policy.gates]
        if not gating:
            return sight.lens
        return replace(sight.lens, gates=lambda: self._words(store, gating, known, names_of))

    def of_run(
        self, store: Store, place: str, known: NamesIn, names_of: Called, *, exactly: bool = True
    ) -> Gated | None:
        """What the policy that counts in a run's directory makes of all its runs; None where it has no gates.

        Args:
            exactly: Live runs as of now; else as they were when a run last ended.
        """
        policy = next((each for each in self._policies.sight((place,)).policies if each.gates), None)
        return None if policy is None else self._look(store, policy, known, names_of, exactly=exactly).found

    def _words(self, store: Store, policies: Sequence[Policy], known: NamesIn, names_of: Called) -> Mapping[int, str]:
        """The column `gate` of all runs below these policies; below several the innermost counts."""
        if len(policies) == 1:
            return self._look(store, policies[0], known, names_of).words
        found: dict[int, str] = {}
        for policy in sorted(policies, key=lambda policy: len(_root(policy))):
            held = self._look(store, policy, known, names_of)
            found = {rid: text for rid, text in found.items() if rid not in held.found.rows} | dict(held.words)
        return found

    def _look(self, store: Store, policy: Policy, known: NamesIn, names_of: Called, *, exactly: bool = False) -> _Held:
        sight = self._policies.sight((_root(policy),))
        with self._lock:
            held = self._held.get(policy.path)
            if held is not None and held.stamp == sight.stamp and _stands(held, store, exactly=exactly):
                return held
            upd = store.generation
            with store.cursor() as cursor:
                found = gated(cursor, _root(policy), policy.gates, sight.lens, sight.ignore, known, names_of)
            ended = tuple(rid for rid, row in found.rows.items() if row.state not in LIVE)
            held = self._held[policy.path] = _Held(sight.stamp, upd, ended, found, found.words())
            return held


def _stands(held: _Held, store: Store, *, exactly: bool) -> bool:
    """Whether the same would be found again; `exactly`: of live runs as well."""
    if store.generation == held.upd:
        return True
    generations = store.generations
    if exactly or max(generations.judged, generations.told) > held.upd:
        return False
    return all(generations.of_run(rid) <= held.upd for rid in held.ended)


def _root(policy: Policy) -> str:
    """The directory that a policy is about, as the index has it."""
    return to_text(os.path.dirname(policy.path))  # noqa: PTH120 - a text, not a place that is looked at
