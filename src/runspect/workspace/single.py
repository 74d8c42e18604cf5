"""Questions about single runs: all that is known of them, their points, curves, texts and logs."""

from __future__ import annotations

import json
from collections.abc import Sequence

from runspect.model import Json, LogPage
from runspect.workspace import answers
from runspect.workspace.answers import Curve, PointsPage, Recorded
from runspect.workspace.asking import Asking


class Single(Asking):
    """Asks for what lies inside of runs."""

    def run_json(self, run: str | int, show_secrets: bool = False) -> bytes:
        """The bytes of `show --json`. `run` is a rid, or a uid, a unique prefix of one, a name or a path.

        Raises:
            NotFound: No run fits.
            AmbiguousRun: Several do.
        """
        return self._call("run", run=run, show_secrets=show_secrets).body

    def run(self, run: str | int, show_secrets: bool = False) -> dict[str, Json]:
        """The object of `show --json`, with its `rid`."""
        found: dict[str, Json] = json.loads(self.run_json(run, show_secrets))
        if "rid" not in found:
            found["rid"] = run if isinstance(run, int) else self.resolve(run)[0]
        return found

    def recorded(self, rids: Sequence[int], metrics: Sequence[str] = ()) -> Recorded:
        """Names of these runs, which metrics they have, and of some `metrics` how each run did; gone rids are left out."""
        return answers.recorded_from(self._json("recorded", rids=list(rids), metrics=list(metrics)))

    def resolve(self, run: str) -> tuple[int, str, str]:
        """The (rid, uid, name) of the run that `run` means.

        Raises:
            NotFound: No run fits.
            AmbiguousRun: Several do.
        """
        found = self._ask("resolve", run=run)
        return int(found["rid"]), str(found["uid"]), str(found["name"])

    def series(self, run: str | int, metric: str) -> dict[str, list[Json]]:
        """The raw points of one metric as equally long lists: step, time, value, segment."""
        found: dict[str, list[Json]] = self._json("series", run=run, metric=metric)
        return found

    def exported(self, rids: Sequence[int], show_secrets: bool = False) -> list[dict[str, Json]]:
        """All that is known of runs besides their points and texts; see `index.reads.exported`. Gone rids are left out."""
        found: list[dict[str, Json]] = self._json("exported", rids=list(rids), show_secrets=show_secrets)
        return found

    def points(self, rids: Sequence[int], after: tuple[int, int] | None = None) -> PointsPage:
        """The first points that count of these runs, or those behind a place; a bounded number at once."""
        reply = self._call("points", rids=list(rids), after=after)
        return answers.points_from(reply.args, reply.body)

    def texts(self, rid: int, after: int = -1) -> list[list[Json]]:
        """Some texts that a run logged, behind a place: [place, key, step, ISO time, text]; [] at the end."""
        found: list[list[Json]] = self._json("texts", rid=rid, after=after)
        return found

    def curves(
        self,
        rids: Sequence[int],
        metrics: Sequence[str],
        x: str = "step",
        width: int = 200,
        span: tuple[float, float] | None = None,
    ) -> tuple[Curve, ...]:
        """Thinned curves of these runs and metrics: at most about four points for each of `width` pixel columns.

        Args:
            x: "step", "time" (seconds since 1970) or "relative" (seconds since the run's start).
            span: Only points whose x lies in it.
        """
        limits = None if span is None else list(span)
        reply = self._call("curves", rids=list(rids), metrics=list(metrics), x=x, width=width, span=limits)
        return answers.curves_from(reply.body) if reply.body else ()

    def tail(self, rid: int, file: str | None = None, offset: int | None = None, lines: int = 500) -> LogPage:
        """A piece of a console log of the run; without an offset its end, else up to `lines` lines from there on.

        A negative `lines` gives the lines before `offset`. The path is "" when the run has no console log.
        """
        return answers.page_from(self._json("tail", rid=rid, file=file, offset=offset, lines=lines))

    def places(self, rids: Sequence[int], *, shared: bool = False) -> list[dict[str, Json]]:
        """Where these runs lie: rid, uid, name, state, directory, others.

        Args:
            shared: Find the other runs with files in a directory, too: `others` are names of some.
        """
        found: list[dict[str, Json]] = self._json("places", rids=list(rids), shared=shared)
        return found
