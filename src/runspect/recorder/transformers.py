"""Records trainings of the Hugging Face Trainer, two lines:

from runspect.recorder.transformers import RunspectCallback
trainer = Trainer(…, callbacks=[RunspectCallback()])
"""

from __future__ import annotations

from collections.abc import Mapping

from runspect.recorder.api import start
from runspect.recorder.run import Run

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    TrainerCallback = object
else:
    from transformers import TrainerCallback


class RunspectCallback(TrainerCallback):
    """A run for each training, with the arguments and the model's config; evaluations afterwards belong to it, too."""

    def __init__(self, **options: Any) -> None:
        """`options` are those of `runspect.start`: name, hypothesis, project, tags, dir …"""
        self._options = options
        self._run: Run | None = None

    def on_train_begin(self, args: Any, state: Any, control: Any, model: Any = None, **_: Any) -> None:
        """Begin the run, or go on with it where the same trainer trains further."""
        if self._run is not None and self._run.recording and not state.is_hyper_param_search:
            return
        options = {"name": _name(args, state), "max_steps": state.max_steps, "seed": getattr(args, "seed", None)}
        self._run = start(**{**options, **self._options})
        self._run.update(config=_config(args, model, state))

    def on_log(self, args: Any, state: Any, control: Any, logs: Mapping[str, Any] | None = None, **_: Any) -> None:
        """What the Trainer logs: losses, rates, evaluations, the summary at the end."""
        if self._run is None:  # an evaluation without a training
            self._run = start(**{"name": _name(args, state), **self._options})
        self._run.log(
            {name: value for name, value in (logs or {}).items() if not isinstance(value, str)}, state.global_step
        )

    def on_train_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """The training came to its end."""
        if self._run is not None:
            self._run.settle()


def _name(args: Any, state: Any) -> str:
    """The run's name, where it is one: earlier versions gave the output directory for it."""
    given = getattr(args, "run_name", None)
    trial = getattr(state, "trial_name", None)
    return str(trial or (given if given and given != getattr(args, "output_dir", None) else ""))


def _config(args: Any, model: Any, state: Any) -> dict[str, Any]:
    told = args.to_sanitized_dict() if hasattr(args, "to_sanitized_dict") else args.to_dict()
    config = getattr(model, "config", None)
    if config is not None and hasattr(config, "to_diff_dict"):
        told = {**told, "model": {"name": getattr(config, "_name_or_path", ""), **config.to_diff_dict()}}
    if getattr(state, "trial_params", None):
        told = {**told, "trial": state.trial_params}
    return dict(told)
