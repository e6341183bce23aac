"""What must stand in the environment before the large libraries are imported.

Nothing leaves the machine (no telemetry, no catalogue look-ups, no model hub), and a checkpoint
is only ever data.
"""

from __future__ import annotations

import os

QUIET = {
    "ANONYMIZED_TELEMETRY": "false",
    "DO_NOT_TRACK": "true",
    "HF_HUB_OFFLINE": "1",
    "LANGCHAIN_TRACING_V2": "false",
    "LANGSMITH_TRACING": "false",
    "LANGGRAPH_STRICT_MSGPACK": "true",
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "RAGAS_DO_NOT_TRACK": "true",
}


def be_quiet() -> None:
    """Set all of it, whatever was set before."""
    os.environ.update(QUIET)
