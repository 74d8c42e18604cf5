"""All log formats that runspect reads, and the choice of the reader of a file.

The readers' modules are imported when the first file is shown to them: importing this package costs nothing.
"""

from __future__ import annotations

from functools import cache, lru_cache
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from runspect.model import Claim
    from runspect.readers.contract import Entry, Reader
    from runspect.readers.dispatch import Dispatch
    from runspect.readers.plugins import Plugins

MODULES = (
    "runspect_added",
    "runspect_record",
    "runspect_points",
    "runspect_texts",
    "wandb",
    "wandb_jsonl",
    "wandb_files",
    "ray_files",
    "ray_tune",
    "rl_zoo",
    "stable_baselines",
    "sb3_evaluations",
    "rl_tables",
    "hydra",
    "mmengine_files",
    "mmengine",
    "mmcv",
    "swanlab",
    "swanlab_files",
    "polyaxon",
    "polyaxon_run",
    "neptune",
    "neptune_metadata",
    "clearml",
    "clearml_task",
    "clearml_zip",
    "runspect_archive",
    "comet",
    "sacred",
    "dvclive",
    "dvclive_summary",
    "guild",
    "guild_lock",
    "detectron2",
    "detectron2_files",
    "torchtune",
    "torchtitan",
    "nemo",
    "chainer",
    "keras",
    "keras_backup",
    "keras_tuner",
    "fairseq2",
    "catboost",
    "catboost_training",
    "stylegan",
    "stylegan_options",
    "yolo_files",
    "yolo",
    "ml_agents",
    "allennlp",
    "ludwig",
    "rl_configs",
    "spinup",
    "optuna_storage",
    "optuna_journal",
    "trackio",
    "neptune_scale",
    "neptune_export",
    "aim",
    "ray_experiment",
    "mlflow_db",
    "mlflow_files",
    "mlflow_models",
    "lightning",
    "hf_args",
    "hf_trainer",
    "configs",
    "tfevents",
    "jsonl",
    "json_history",
    "csv_table",
    "hf_results",
    "dvc",
    "console",
    "console_metrics",
    "console_config",
    "compressed",
)
"""Modules of this package that hold a `READER`, a line each, those first whose word counts first.

That decides which of equal claims on a file wins, and which file of a run is believed where two disagree on a param.
"""


def __getattr__(name: str) -> tuple[Reader, ...]:
    if name == "READERS":
        return readers()
    raise AttributeError(name)


@lru_cache(maxsize=1)
def readers() -> tuple[Reader, ...]:
    """The readers of this package; imports their modules."""
    return tuple(import_module(f"runspect.readers.{module}").READER for module in MODULES)


def reader_named(name: str) -> Reader:
    """The reader of that name, of this package or of another.

    Raises:
        KeyError: There is none.
    """
    own = _called_alike(name) or _by_name().get(name)
    return own if own is not None else _plugins().by_name[name]


@cache
def _called_alike(name: str) -> Reader | None:
    """The reader whose module is called like it, as most are: who reads some formats imports those alone."""
    module = name.replace("-", "_")
    found: Reader | None = import_module(f"runspect.readers.{module}").READER if module in MODULES else None
    return found if found is not None and found.name == name else None


@lru_cache(maxsize=1)
def _by_name() -> dict[str, Reader]:
    return {reader.name: reader for reader in readers()}


def claim_file(entry: Entry) -> Claim | None:
    """The strongest claim on a file; of equally strong ones that of the reader listed first, other packages' last.

    Readers are asked whose `names` the file's name fits.
    """
    from runspect.readers.hollow import hinted

    best: Claim | None = None
    dispatch = _dispatch()
    for reader in dispatch.asked(entry.name, dispatch.beginning(entry)):
        claim = reader.claim(entry)
        if claim is not None and (best is None or claim.strength > best.strength):
            best = claim
    for claim in _plugins().claims(entry):
        if best is None or claim.strength > best.strength:
            best = claim
    return None if best is None else hinted(best, entry)


@lru_cache(maxsize=1)
def _dispatch() -> Dispatch:
    from runspect.readers.dispatch import Dispatch

    return Dispatch(readers())


@lru_cache(maxsize=1)
def _plugins() -> Plugins:
    from runspect.readers.plugins import load  # what is installed is looked up once, and only by who reads logs

    return load({reader.name for reader in readers()})


def plugin_faults() -> tuple[str, ...]:
    """What is wrong with readers of other packages and with the user's own console patterns, a line each."""
    from runspect.readers.pattern_set import patterns

    return (*_plugins().faults(), *(f"pattern {path}: {what}" for path, what in patterns().broken))


def plugin_names() -> tuple[str, ...]:
    """The readers of other packages."""
    return tuple(_plugins().by_name)
