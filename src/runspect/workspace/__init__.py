"""What both front ends call: a client of the engine with typed answers."""

from runspect.workspace.answers import (
    Band,
    Choices,
    Completions,
    Curve,
    Measured,
    Members,
    PointsPage,
    Reach,
    Recorded,
    SqlAnswer,
    Summed,
)
from runspect.workspace.client import Workspace

__all__ = [
    "Band",
    "Choices",
    "Completions",
    "Curve",
    "Measured",
    "Members",
    "PointsPage",
    "Reach",
    "Recorded",
    "SqlAnswer",
    "Summed",
    "Workspace",
]
