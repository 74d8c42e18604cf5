"""What the gates of policies say of runs, found once for all of them and again only where something else would be found.

It depends on how runs ended, on their params and facts, on the values of runs that have ended, and on a few kinds of
annotations. What a live run logs and what is tagged changes none of that: finding out whether anything did takes a few
milliseconds, and only where anything at all was written since.
"""

from __future__ import annotations

import os.path
import threading
from collections.abc import Mapping, Sequence
from dataclasses import replace

from runspect.columns import Lens
from runspect.dataclass import dataclass
from runspect.engine.policies import Policies, Sight
from runspect.index.generations import Generations
from runspect.index.reads.called import Called
from runspect.index.reads.gated import Gated, depends_on, gated
from runspect.index.reads.vocabulary import NamesIn
from runspect.index.store import Store
from runspect.pathtext import to_text
from runspect.policy import Policy
from runspect.practice.gates import LIVE


@dataclass(frozen=True, slots=True)
class _Held:
    stamp: tuple[object, ...]
    """Of the policy's files."""
    generation: int
    """Of the index, up to which it is known to stand."""
    depends: tuple[object, ...]
    found: Gated
    words: Mapping[int, str]
    ended: tuple[int, ...]

    def stands(self, generations: Generations) -> bool:
        """Whether all that was written since are points of live runs: told without a look at the index."""
        if max(generations.judged, generations.told) > self.generation:
            return False
        return all(generations.of_run(rid) <= self.generation for rid in self.ended)


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

    def of_run(self, store: Store, place: str, rid: int, known: NamesIn, names_of: Called) -> Gated | None:
        """What the policy that counts in the directory of a run makes of it, of a live one as of now; None without gates."""
        policy = next((each for each in self._policies.sight((place,)).policies if each.gates), None)
        if policy is None:
            return None
        found = self._look(store, policy, known, names_of).found
        if rid not in found.rows or found.rows[rid].state in LIVE:
            sight = self._policies.sight((_root(policy),))
            with store.cursor() as cursor:
                return gated(cursor, _root(policy), policy.gates, sight.lens, sight.ignore, known, names_of)
        return found

    def _words(self, store: Store, policies: Sequence[Policy], known: NamesIn, names_of: Called) -> Mapping[int, str]:
        """The column `gate` of all runs below these policies; below several the innermost counts."""
        if len(policies) == 1:
            return self._look(store, policies[0], known, names_of).words
        found: dict[int, str] = {}
        for policy in sorted(policies, key=lambda policy: len(_root(policy))):
            held = self._look(store, policy, known, names_of)
            found = {rid: text for rid, text in found.items() if rid not in held.found.rows} | dict(held.words)
        return found

    def _look(self, store: Store, policy: Policy, known: NamesIn, names_of: Called) -> _Held:
        sight = self._policies.sight((_root(policy),))
        with self._lock:
            held = self._held.get(policy.path)
            if held is not None and held.stamp != sight.stamp:
                held = None
            # read before the rows: what is written meanwhile is looked at again
            generation = store.generation
            if held is not None and (held.generation == generation or held.stands(store.generations)):
                return held
            with store.cursor() as cursor:
                depends = depends_on(cursor)
                if held is not None and held.depends == depends:
                    held = replace(held, generation=generation)
                else:
                    found = gated(cursor, _root(policy), policy.gates, sight.lens, sight.ignore, known, names_of)
                    ended = tuple(rid for rid, row in found.rows.items() if row.state not in LIVE)
                    held = _Held(sight.stamp, generation, depends, found, found.words(), ended)
            self._held[policy.path] = held
            return held


def _root(policy: Policy) -> str:
    """The directory that a policy is about, as the index has it."""
    return to_text(os.path.dirname(policy.path))  # noqa: PTH120 - a text, not a place that is looked at
