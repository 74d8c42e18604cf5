"""Lets the loggers of the program note themselves whose their runs are, where they take such words from the environment.

MLflow sets the tags in `MLFLOW_RUN_CONTEXT`, a JSON object, on each run that it begins, in whatever store and through
whatever server (mlflow/tracking/context/system_environment_context.py). No other logger has anything of the kind that
does not take the place of what the user says.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from runspect.recorder.layout import MARK

CONTEXT = "MLFLOW_RUN_CONTEXT"


def marked(environ: Mapping[str, str], record: str) -> dict[str, str]:
    """The environment with the mark of the record of that id; what cannot be understood is left as it is."""
    try:
        tags = json.loads(environ.get(CONTEXT) or "{}")
    except ValueError:
        tags = None
    if not isinstance(tags, dict):
        return dict(environ)
    return {**environ, CONTEXT: json.dumps({**tags, MARK: record})}
