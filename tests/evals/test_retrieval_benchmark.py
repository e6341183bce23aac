"""Phrases find their terms: floors that may only rise, and the way that is best is the default."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from app.cli import main
from app.settings import Settings
from data.index import items_of
from data.packs.load import load_pack
from evals.retrieval_benchmark import Pair, Ranked, Way, benchmark, recall, table

PAIRS = Path(__file__).parents[1] / "data" / "index" / "pairs.yaml"
FEWEST = 300
FLOORS = {"misspelt": 0.94, "short": 0.82, "several": 0.95, "sentence": 1.0}
"""Recall in the first five places, by letters alone."""
TIE = 0.02
"""Shares that differ by less are told apart by what they cost."""


@pytest.fixture(scope="module")
def ways(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Way]:
    return {w.name: w for w in benchmark(PAIRS, None, tmp_path_factory.mktemp("ways"))}


def named(way: Way, kind: str = "") -> list[Ranked]:
    return [r for r in way.ranked if r.pair.term is not None and kind in ("", r.pair.kind)]


def test_there_are_enough_pairs_and_each_names_a_term(ways: dict[str, Way]) -> None:
    pairs = [r.pair for r in ways["lexical"].ranked]
    assert len(pairs) >= FEWEST
    terms = {t.id for name in ("radiology", "issues") for t in _items(name)}
    assert {p.term for p in pairs if p.term} <= terms


def _items(name: str) -> tuple[object, ...]:
    pack = load_pack(name)
    return items_of(pack.ontology, pack.code_sets, pack.rule_set, (), pack.scope_rows)


@pytest.mark.parametrize("kind", FLOORS)
def test_phrases_find_their_terms(ways: dict[str, Way], kind: str) -> None:
    found = named(ways["lexical"], kind)
    missed = [r.pair.say for r in found if r.place is None or r.place > 5]
    assert recall(found, 5) >= FLOORS[kind], missed


def test_the_default_is_the_winner(ways: dict[str, Way]) -> None:
    assert Settings().vectors is False
    lexical = named(ways["lexical"])
    for other in ("embeddings", "joined"):
        for first in (1, 5):
            assert recall(lexical, first) >= recall(named(ways[other]), first) - TIE
    nothing = [sum(r.place is None for r in w.ranked if r.pair.term is None) for w in ways.values()]
    assert nothing[0] == max(nothing), "what nothing is called so is told so most often"


def test_the_table_says_recall_and_mean_rank_by_kind() -> None:
    pairs = [Pair("short", "a", "x"), Pair("short", "b", "y"), Pair("none", "c", None)]
    way = Way("lexical", tuple(map(Ranked, pairs, (1, 4, None))), 0.5)
    lines = table([way]).splitlines()
    assert "| short | 2 | 50%, 100%, 0.62 |" in lines
    assert "| none | 1 | 100% |" in lines
    assert "| processor time for one phrase | | 0.5 ms |" in lines


SET = {
    "items": [
        {
            "id": "1",
            "sentence": "For a film reel the fee is 5.",
            "reading": [
                {
                    "if": {"attr": "loan.medium", "op": "==", "value": "film reel"},
                    "then": {"fee": 5},
                }
            ],
            "examples": [],
        }
    ]
}
ONTOLOGY = """
name: library
title: City library
entities:
  loan:
    attributes:
      medium: {type: enum, label: medium, values: {printed book: [], film reel: [celluloid film]}}
decisions:
  fee: {type: integer, label: fee, synonyms: [library fee], min: 0, max: 9, hit: single}
"""


def test_a_set_of_sentences_gives_more_pairs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "ontology.yaml").write_text(ONTOLOGY)
    (tmp_path / "items.json").write_text(json.dumps(SET))
    pairs = tmp_path / "pairs.yaml"
    pairs.write_text("issues: {short: {issue.severity: [sev]}, none: [parking place]}\n")
    assert main(["eval", "retrieval", str(pairs), str(tmp_path), "--json"]) == 0
    (lexical, *_) = json.loads(capsys.readouterr().out)["ways"]
    told = {(r["pair"]["kind"], r["pair"]["say"], r["pair"]["term"]) for r in lexical["ranked"]}
    sentence = SET["items"][0]["sentence"]
    assert told == {
        ("short", "sev", "issue.severity"),
        ("none", "parking place", None),
        ("sentence of the set", sentence, "loan.medium=film reel"),
        ("sentence of the set", sentence, "fee"),
        ("name not listed", "celluloid film", "loan.medium=film reel"),
        ("name not listed", "library fee", "fee"),
    }
    pairs.write_text("- a list\n")
    assert main(["eval", "retrieval", str(pairs)]) == 1
    assert "holds no pairs" in "".join(capsys.readouterr())
