"""A policy to begin with, from what there is: `runspect init` writes it."""

from __future__ import annotations

from runspect.practice.starter.seen import SeenData, SeenRun
from runspect.practice.starter.text import starter

__all__ = ["SeenData", "SeenRun", "starter"]
