"""Records runs in an open format. The standard library alone: safe and quick to import inside a training process.

run = runspect.start(config=settings)
run.log({"loss": loss}, step=step)
run.finish()
"""

from __future__ import annotations

from runspect.recorder.api import start
from runspect.recorder.run import Run

__all__ = ["Run", "start"]
