"""``rulewright eval drafting``: what the pipeline makes of a set of sentences. Saves nothing."""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from app.drafting import open_desk
from app.environment import be_quiet
from data.packs.load import Pack
from data.rulelang.parse import parse
from graph.drafters.score import Outcome, Scored, Scores, Text, read_set, report, scored


def drafting_lines(folder: str, *, asked: bool, as_json: bool) -> int:
    """Draft each text of the set into an empty rule set, and print how many came out right.

    Every wrong one is printed in full, with ``asked`` all others too. Raises ``InputError``.
    """
    be_quiet()
    pack, texts = read_set(folder)
    with tempfile.TemporaryDirectory(prefix="rulewright-") as place:
        scores = Scores(tuple(asyncio.run(_all(pack, Path(place), texts))))
    if as_json:
        print(json.dumps({"texts": [asdict(s) for s in scores.scored]}, ensure_ascii=False))
    else:
        print(report(scores, asked=asked))
    return 0


async def _all(pack: Pack, place: Path, texts: Sequence[Text]) -> list[Scored]:
    found: list[Scored] = []
    async with open_desk(pack, place) as desk:
        for number, text in enumerate(texts, 1):
            began = time.perf_counter()
            told = await desk.draft(text.words)
            seconds = time.perf_counter() - began
            found.append(scored(text, pack, outcome_of(told, pack), seconds))
            if sys.stderr.isatty():
                end = "\n" if number == len(texts) else ""
                print(f"\r{number} of {len(texts)} sentences", end=end, file=sys.stderr, flush=True)
    return found


def outcome_of(told: dict[str, Any], pack: Pack) -> Outcome:
    """What the pipeline told of a sentence, as the scores take it."""
    match told["status"]:
        case "drafted":
            text = "\n\n".join(told["rules"])
            read = parse(text, pack.ontology, pack.code_sets, "", pack.rule_set.defines)
            return Outcome("drafted", read.rule_set.rules)
        case "question":
            return Outcome("question", (), told["question"]["text"])
        case _:
            return Outcome("refused", (), told.get("message", ""))
