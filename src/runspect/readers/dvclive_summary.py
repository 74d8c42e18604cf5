"""DVCLive's metrics.json, beside the tables that `dvclive` reads."""

from __future__ import annotations

from runspect.readers.dvclive import DvcliveSummaryReader

READER = DvcliveSummaryReader()
