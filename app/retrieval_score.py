"""``rulewright eval retrieval``: which way of finding an organisation's words is best."""

from __future__ import annotations

import json
import tempfile
from dataclasses import asdict
from pathlib import Path

from app.environment import be_quiet


def retrieval_lines(pairs: str, folder: str | None, *, as_json: bool) -> int:
    """Print the table, or every pair with its place. Raises ``InputError``."""
    be_quiet()
    from evals.retrieval_benchmark import benchmark, table

    with tempfile.TemporaryDirectory(prefix="rulewright-") as place:
        ways = benchmark(Path(pairs), folder, Path(place))
    if as_json:
        print(json.dumps({"ways": [asdict(w) for w in ways]}, ensure_ascii=False))
    else:
        print(table(ways))
    return 0
