"""The second reader of `catboost_info/`: see `catboost`."""

from __future__ import annotations

from runspect.readers.catboost import CatboostTrainingReader

READER = CatboostTrainingReader()
