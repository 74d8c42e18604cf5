"""Records trainings of Lightning, two lines:

    from runspect.recorder.lightning import RunspectLogger
    trainer = Trainer(logger=RunspectLogger())

Needs `lightning` or `pytorch_lightning`, whichever the program uses.
"""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Mapping
from importlib import import_module

from runspect.recorder.api import start
from runspect.recorder.run import Run, how

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_PACKAGES = ("lightning.pytorch", "pytorch_lightning")
"""The same under two names; a trainer of one does not take loggers of the other."""


def _framework_logger() -> type:
    """The base class of the package that the program imported; of the first that is there when it imported none."""
    loaded = [name for name in _PACKAGES if name in sys.modules]
    for name in (*loaded, *_PACKAGES):
        try:
            found: type = import_module(f"{name}.loggers.logger").Logger
        except ModuleNotFoundError as error:
            if error.name and not name.startswith(error.name):
                raise
            continue
        return found
    raise ModuleNotFoundError("neither lightning nor pytorch_lightning is installed")


if TYPE_CHECKING:
    Logger = object
else:
    Logger = _framework_logger()


class RunspectLogger(Logger):
    """A logger whose run begins when Lightning first logs; checkpoints go into its record unless told elsewhere.

    The run is open until the next one begins or the program ends, so that `trainer.test()` belongs to it.
    """

    def __init__(self, **options: Any) -> None:
        """`options` are those of `runspect.start`: name, hypothesis, project, tags, dir …"""
        super().__init__()
        self._options = options
        self._run: Run | None = None

    @property
    def experiment(self) -> Run:
        """The run."""
        if self._run is None:
            self._run = start(**self._options)
        return self._run

    @property
    def name(self) -> str:
        """Name of the record's directory, below which Lightning puts its checkpoints."""
        directory = self.experiment.directory
        return directory.name if directory is not None else "runspect"

    @property
    def version(self) -> str:
        """A record has no versions: every run has one of its own."""
        return ""

    @property
    def save_dir(self) -> str | None:
        """Directory of the record's directory; None on other ranks."""
        directory = self.experiment.directory
        return str(directory.parent) if directory is not None else None

    def log_metrics(self, metrics: Mapping[str, Any], step: int | None = None) -> None:
        """What `self.log` of a module gives."""
        self.experiment.log(metrics, step=step)

    def log_hyperparams(self, params: Mapping[str, Any] | Namespace, *args: Any, **kwargs: Any) -> None:
        """What `save_hyperparameters` of module and data gives."""
        self.experiment.update(config=params)

    def finalize(self, status: str) -> None:
        """A stage ended: well, or by the exception that is being handled."""
        if status == "failed":
            self.experiment.finish(*how(sys.exc_info()[1] or RuntimeError("Lightning says that it failed")))
        else:
            self.experiment.settle()
