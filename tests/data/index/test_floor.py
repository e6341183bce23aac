"""How well phrases find their terms in the radiology pack: a floor that may only rise."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest
import yaml

from data.index import Retriever
from data.packs.load import Pack, load_pack

PAIRS: list[dict[str, str]] = yaml.safe_load(
    Path(__file__).with_name("phrases.yaml").read_text("utf-8")
)
FLOOR = {"with vectors": 0.95, "lexical alone": 0.95}


@pytest.fixture(scope="module")
def pack() -> Pack:
    return load_pack("radiology")


def misses(pack: Pack, folder: Path | None, k: int) -> dict[str, list[Any]]:
    index = Retriever(
        pack.ontology, pack.code_sets, pack.rule_set, pack.examples, folder,
        scope_rows=pack.scope_rows,
    )  # fmt: skip
    assert index.has_vectors == (folder is not None)
    missed: dict[str, list[Any]] = defaultdict(list)
    for pair in PAIRS:
        terms = [f.id for f in index.retrieve(pair["say"], 3 * k) if f.kind != "rule"]
        if pair["find"] not in terms[:k]:
            missed[pair["kind"]].append((pair["say"], pair["find"], terms[:k]))
    return missed


@pytest.mark.parametrize("layers", FLOOR)
def test_phrases_find_their_terms(pack: Pack, tmp_path: Path, layers: str) -> None:
    folder = tmp_path if layers == "with vectors" else None
    missed = misses(pack, folder, 5)
    found = 1 - sum(map(len, missed.values())) / len(PAIRS)
    assert found >= FLOOR[layers], dict(missed)


def test_every_pair_names_a_term_of_the_pack(pack: Pack) -> None:
    index = Retriever(pack.ontology, pack.code_sets, pack.rule_set, (), None)
    ids = {item.id for item in index.items}
    assert [p["find"] for p in PAIRS if p["find"] not in ids] == []
