"""`runspect demo`: a bundled history of real runs, and a small training that runs while you look.

`start() -> Demo` with `directory` (what to open), `home` (its RUNSPECT_HOME) and `stop()`.
"""

from runspect.demo.run import Demo, start

__all__ = ["Demo", "start"]
