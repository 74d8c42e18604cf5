"""What is said in the README of a figure that is beyond its budget: the profile of its path, the floor, what was tried.

By the line's words in `lines.py`. Only what is missed in the last measurement is printed; a miss without a note says so.
"""

from __future__ import annotations

MISSED: dict[str, str] = {}
