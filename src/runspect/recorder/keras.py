"""Records trainings of Keras, two lines:

from runspect.recorder.keras import RunspectCallback
model.fit(…, callbacks=[RunspectCallback()])
"""

from __future__ import annotations

from collections.abc import Mapping

from runspect.recorder.api import start
from runspect.recorder.run import Run

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    class Callback:
        """What the real one has."""

        model: Any
        params: Mapping[str, Any] | None

else:
    from keras.callbacks import Callback


class RunspectCallback(Callback):
    """A run for each `fit`: metrics of every epoch, with `batches` also of every so many batches, as `batch/…`."""

    def __init__(self, batches: int = 0, **options: Any) -> None:
        """`options` are those of `runspect.start`: name, hypothesis, project, tags, dir, config …"""
        super().__init__()
        self._batches = batches
        self._options = options
        self._run: Run | None = None
        self._batch = 0
        self._fitting = False

    def on_train_begin(self, logs: Mapping[str, Any] | None = None) -> None:
        """Begin the run."""
        self._fitting, self._batch = True, 0
        options = {"name": "", "max_steps": (self.params or {}).get("epochs"), **self._options}
        self._run = start(**options)
        self._run.update(config={**_config(self.model, self.params), **_given(self._options)})

    def on_train_batch_end(self, batch: int, logs: Mapping[str, Any] | None = None) -> None:
        """A step."""
        self._batch += 1
        if self._batches and self._run is not None and self._batch % self._batches == 0:
            self._run.log({f"batch/{name}": value for name, value in (logs or {}).items()}, self._batch)

    def on_epoch_end(self, epoch: int, logs: Mapping[str, Any] | None = None) -> None:
        """An epoch, counted from 1."""
        if self._run is not None:
            self._run.log({**(logs or {}), **_rate(self.model)}, epoch + 1)

    def on_test_end(self, logs: Mapping[str, Any] | None = None) -> None:
        """An evaluation of its own: those of `fit` are in its epochs."""
        if self._run is not None and not self._fitting:
            self._run.log({f"evaluate/{name}": value for name, value in (logs or {}).items()})

    def on_train_end(self, logs: Mapping[str, Any] | None = None) -> None:
        """The training came to its end."""
        self._fitting = False
        if self._run is not None:
            self._run.settle()


def _config(model: Any, params: Mapping[str, Any] | None) -> dict[str, Any]:
    told: dict[str, Any] = {name: (params or {}).get(name) for name in ("epochs", "steps")}
    told["model"] = getattr(model, "name", "")
    if getattr(model, "built", False):
        told["parameters"] = model.count_params()
    optimizer = getattr(model, "optimizer", None)
    if optimizer is not None:
        told["optimizer"] = optimizer.get_config()
    loss = getattr(model, "loss", None)
    told["loss"] = loss if isinstance(loss, str) else getattr(loss, "name", getattr(loss, "__name__", None))
    return told


def _given(options: Mapping[str, Any]) -> dict[str, Any]:
    from runspect.recorder.config import plain_config

    return plain_config(options.get("config"))


def _rate(model: Any) -> dict[str, Any]:
    """The learning rate, unless a schedule that cannot be asked has it."""
    try:
        return {"learning_rate": float(model.optimizer.learning_rate)}
    except Exception:  # noqa: BLE001 - no optimizer, or one that cannot tell
        return {}
