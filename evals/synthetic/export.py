"""Pairs of a sentence and its rules as chat-format JSONL, with a data card beside them."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from data.index import Retriever
from data.packs.load import Pack
from data.rulelang.ast import RuleSet
from data.rulelang.render import render_set
from evals.synthetic.round_trip import Pair
from graph.drafters.asking import prompt_for
from graph.drafters.base import Task
from graph.prompts import shipped

TRAIN, HELD_BACK = "train.jsonl", "held_back.jsonl"
CARD = Path(__file__).parent / "data_card.md"
_ROLES = {"system": "system", "human": "user"}
_MOST = 24
"""Terms told to the model, as in a turn of the chat."""


def export(found: Sequence[Pair], pack: Pack, folder: Path, seed: int) -> int:
    """Writes the pairs that came back the same; returns how many.

    One rule in ten, with all its sentences, is held back. What a model is told is what the model
    drafter tells it in a turn, so that it learns the very task.
    """
    folder.mkdir(parents=True, exist_ok=True)
    kept = [p for p in found if p.verdict == "same"]
    retriever = Retriever(
        pack.ontology, pack.code_sets, RuleSet(), (), None, scope_rows=pack.scope_rows
    )
    lines: dict[str, list[str]] = {TRAIN: [], HELD_BACK: []}
    for pair in kept:
        line = json.dumps(_chat(pair, pack, retriever), ensure_ascii=False)
        lines[_side(pair, pack)].append(line)
    for name, rows in lines.items():
        (folder / name).write_text("".join(f"{row}\n" for row in rows), "utf-8")
    card = _card(found, pack, seed, {name: len(rows) for name, rows in lines.items()})
    (folder / "README.md").write_text(card, "utf-8")
    return len(kept)


def _chat(pair: Pair, pack: Pack, retriever: Retriever) -> dict[str, Any]:
    """One conversation: what the model is told, what was said, and the rules it should give."""
    task = Task(
        pack.ontology,
        pack.code_sets,
        RuleSet(),
        retrieved=tuple(f.id for f in retriever.retrieve(pair.sentence, _MOST)),
        scope_rows=pack.scope_rows,
    )
    told = [
        {"role": _ROLES[role], "content": text}
        for role, text in prompt_for(pair.sentence, task, shipped())
    ]
    answer = {"readings": [{"rules": render_set(RuleSet(pair.plan.rules), pack.ontology)}]}
    said = json.dumps(answer, ensure_ascii=False)
    return {"messages": [*told, {"role": "assistant", "content": said}]}


def _side(pair: Pair, pack: Pack) -> str:
    text = render_set(RuleSet(pair.plan.rules), pack.ontology)
    return HELD_BACK if hashlib.sha256(text.encode()).digest()[0] % 10 == 0 else TRAIN


def _card(found: Sequence[Pair], pack: Pack, seed: int, sizes: dict[str, int]) -> str:
    verdicts = Counter(p.verdict for p in found)
    shapes = Counter(p.plan.shape for p in found if p.verdict == "same")
    parts = {
        "title": pack.ontology.title,
        "name": pack.ontology.name,
        "pairs": sum(sizes.values()),
        "train": sizes[TRAIN],
        "held_back": sizes[HELD_BACK],
        "made": len(found),
        "same": verdicts["same"],
        "asked": verdicts["asked"],
        "different": verdicts["different"],
        "shapes": ", ".join(f"{name} {count}" for name, count in sorted(shapes.items())),
        "seed": seed,
        "prompts": shipped().version,
    }
    return CARD.read_text("utf-8").format(**parts)
