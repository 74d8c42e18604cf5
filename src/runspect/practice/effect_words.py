"""Paired differences in words: the same on the command line and on the screen. Each takes an object of `effects --json`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from runspect.columns.cells import change_text, value_text
from runspect.counted import counted
from runspect.masking import printable
from runspect.practice import best_words

NONE = "─"
DOUBTFUL = 0.1
"""Above this p a change is shown pale."""
LONGEST = 40
"""Characters of a value."""
_TURNS = {"raised": "raising", "lowered": "lowering", "changed": "changing"}


def change_words(param: str, change: Mapping[str, Any]) -> str:
    """`raising warmup 500 → 2000`, `changing opt sgd → adam`."""
    return f"{_TURNS[change['turn']]} {printable(param)} {_value(change['before'])} → {_value(change['after'])}"


def trend_words(param: str, trend: Mapping[str, Any]) -> str:
    """`raising lr by a step`."""
    return f"{_TURNS[trend['turn']]} {printable(param)} by a step"


def size_text(told: Mapping[str, Any]) -> str:
    """`median -0.8 % (-0.0017)`: of a tally."""
    if not told["change"]:
        return "median 0"
    size = change_text(told["change"])
    return f"median {size}" if told["percent"] is None else f"median {best_words.share_text(told['percent'])} ({size})"


def share_text(told: Mapping[str, Any]) -> str:
    """`6 of 7 better`, and how many neither were nor worse."""
    ties = told["n"] - told["better"] - told["worse"]
    return f"{told['better']:,} of {told['n']:,} better" + (f", {ties:,} equal" if ties else "")


def chance_text(told: Mapping[str, Any]) -> str:
    """`p 0.13`; "" where all are equal."""
    if told["p"] is None:
        return ""
    return "p < 0.001" if told["p"] < 0.001 else f"p {told['p']:.2g}"


def tally_text(told: Mapping[str, Any], unit: str = "pair") -> str:
    """`7 pairs, median -0.8 % (-0.0017), 6 of 7 better, p 0.13`."""
    return ", ".join(filter(None, (counted(told["n"], unit), size_text(told), share_text(told), chance_text(told))))


def short_tally(told: Mapping[str, Any]) -> str:
    """`7 pairs  -0.2 %  6/7  p 0.13`."""
    size = size_text(told).removeprefix("median ").partition(" (")[0]
    return "  ".join(
        filter(None, (counted(told["n"], "pair"), size, f"{told['better']:,}/{told['n']:,}", chance_text(told)))
    )


def trend_text(trend: Mapping[str, Any]) -> str:
    """The same of all steps of a number."""
    told = tally_text(trend, "setting")
    return f"{counted(trend['steps'], 'step')} in {told}"


def counts_text(found: Mapping[str, Any]) -> str:
    """How many runs were compared, and how many pairs are confounded."""
    parts = [f"{counted(found['measured'])} in {counted(found['arms'], 'config')} (seeds are one)"]
    parts.append(
        f"{counted(found['pairs'], 'pair')} differ in one param"
        if found["pairs"] != 1
        else "1 pair differs in one param"
    )
    parts.append(f"{found['confounded']:,} in several: confounded, they show no effect")
    return "; ".join(parts)


def confounded_text(found: Mapping[str, Any]) -> str:
    """`70 pairs are confounded`."""
    return f"{counted(found['confounded'], 'pair')} {'is' if found['confounded'] == 1 else 'are'} confounded"


def left_out(found: Mapping[str, Any]) -> Iterator[str]:
    """Why runs were not compared."""
    if found["runs"] > found["ended"]:
        yield f"{counted(found['runs'] - found['ended'])} without a good end: failed, killed or not over"
    missing = found["ended"] - found["measured"] - found["without_config"]
    if missing:
        yield f"{counted(missing)} without a finite result"
    if found["without_config"]:
        yield f"{counted(found['without_config'])} without a config"
    yield from map(printable, found["notes"])


def judged_text(found: Mapping[str, Any]) -> str:
    """`val/loss:best, lower is better`; several where data sets are judged by other metrics."""
    ways = {"down": "lower is better", "up": "higher is better"}
    return "; ".join(f"{printable(each['metric'])}, {ways[each['direction']]}" for each in found["judged"])


def by_chance(effects: Sequence[Mapping[str, Any]]) -> str:
    """What many looks at one history bring about; "" of few."""
    looks = sum(change["p"] is not None for effect in effects for change in effect["changes"])
    small = sum((change["p"] or 1) < 0.05 for effect in effects for change in effect["changes"])
    if looks < 20:
        return ""
    return f"p: sign test of each change by itself; of {looks:,} looks about {looks * 0.05:.0f} are below 0.05 by chance, here {small:,} are"


def said_text(said: Mapping[str, Any]) -> str:
    """`run-a: “longer warmup helps” — supported: as hoped; note`."""
    return f"{printable(said['name'])}: {saying(said)}"


def saying(said: Mapping[str, Any]) -> str:
    """The same without the name."""
    parts = [f"“{printable(said['hypothesis'])}”" if said["hypothesis"] else ""]
    verdict = said["verdict"] or ""
    parts.append(printable(f"{verdict}: {said['why']}" if verdict and said["why"] else verdict or said["why"]))
    parts.append(printable(said["note"]))
    return "; ".join(filter(None, parts))


def _value(value: Any) -> str:
    text = NONE if value is None else value_text(value)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
