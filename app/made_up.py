"""``rulewright eval sentences``: made-up sentences, read back; the pairs as files to train on."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from data.packs.load import load_pack
from data.rulelang.render import render
from evals.synthetic.export import export
from evals.synthetic.plans import SHAPES
from evals.synthetic.round_trip import VERDICTS, Pair, pairs
from graph.drafters.grammar import GrammarDrafter


def sentence_lines(name: str, count: int, each: int, seed: int, out: str | None) -> int:
    """Draft every sentence, print what came back, and write the pairs that came back the same.

    Raises ``InputError`` where the pack cannot be read.
    """
    pack = load_pack(name, rules=False)
    found = list(_shown(pairs(pack, GrammarDrafter(), seed, count, each), count * each))
    for line in _table(found):
        print(line)
    for pair in (p for p in found if p.verdict == "different"):
        print(f"\ndifferent: {pair.sentence}")
        for word, rules in (("made from", pair.plan.rules), ("read as", pair.read)):
            print("\n".join([word, *(render(r, pack.ontology) for r in rules)]))
    if out is not None:
        kept = export(found, pack, Path(out), seed)
        print(f"\n{kept} pairs are in {out}; README.md there says how they were made.")
    return 0


def _shown(found: Iterable[Pair], most: int) -> Iterator[Pair]:
    """The same pairs, with a count on the screen while they come."""
    number = 0
    for number, pair in enumerate(found, 1):
        if sys.stderr.isatty():
            print(f"\r{number} of {most} sentences", end="", file=sys.stderr, flush=True)
        yield pair
    if number and sys.stderr.isatty():
        print(file=sys.stderr)


def _table(found: Sequence[Pair]) -> Iterator[str]:
    counts = Counter((p.plan.shape, p.verdict) for p in found)
    yield "| | " + " | ".join(VERDICTS) + " | of |"
    yield "| --- |" + " ---: |" * (len(VERDICTS) + 1)
    for shape in SHAPES:
        row = [counts[shape, verdict] for verdict in VERDICTS]
        yield f"| {shape} | " + " | ".join(map(str, row)) + f" | {sum(row)} |"
    every = [sum(counts[s, v] for s in SHAPES) for v in VERDICTS]
    yield "| all | " + " | ".join(map(str, every)) + f" | {sum(every)} |"
