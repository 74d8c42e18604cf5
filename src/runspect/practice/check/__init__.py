"""Whether runs regress against a reference: each metric is a case, with its reason, for a pipeline to go by."""

from __future__ import annotations

from runspect.practice.check.cases import Case, Checked, Checking, Compared, cases_of

__all__ = ["Case", "Checked", "Checking", "Compared", "cases_of"]
