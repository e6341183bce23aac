"""Which way of finding an organisation's words is best: by letters, by vectors, or joined.

Pairs of a phrase and the term it means come from a file; more are made from a set of sentences
whose meaning is known: each of its texts with each term of its rule, and each name that its
ontology lists, looked for in an ontology that does not list it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar, cast

import yaml

from data.index import Retriever
from data.index.chroma import Collection
from data.ontology.model import Attribute, Decision, Ontology
from data.ontology.taught import term_names
from data.packs.load import Pack, load_pack
from data.rulelang.ast import RuleSet
from data.rulelang.findings import Finding, InputError
from graph.drafters.author import terms_of
from graph.drafters.intended import intended
from graph.drafters.score import read_set

DEEPEST = 50
"""Places down to which a term is looked for."""
FORM = "{pack: {kind: {term: [phrase, …], …}, none: [phrase, …]}}"
W = TypeVar("W", Attribute, Decision)
Find = Callable[[str], Sequence[str]]
"""A phrase → the ids found, best first."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A phrase and the term it means; ``None`` where it means nothing here."""

    kind: str
    say: str
    term: str | None


@dataclass(frozen=True, slots=True)
class Ranked:
    """At which place a way found the term, from 1; ``None`` where it did not.

    Of a phrase that means nothing ``None`` says that nothing was found.
    """

    pair: Pair
    place: int | None


@dataclass(frozen=True, slots=True)
class Way:
    """What one way of finding makes of all pairs."""

    name: str
    ranked: tuple[Ranked, ...]
    millis: float
    """Processor time for one phrase."""


def benchmark(pairs: Path, folder: str | None, place: Path) -> list[Way]:
    """Every way over all pairs; vectors are kept in ``place`` meanwhile. Raises ``InputError``."""
    asked = [*_of_file(pairs), *(_of_set(folder) if folder else ())]
    names = ("lexical", "embeddings", "joined")
    return [_way(name, asked, place / name) for name in names]


def table(ways: Sequence[Way]) -> str:
    """Recall in the first and the first five places and the mean reciprocal place, by kind."""
    kinds = dict.fromkeys(r.pair.kind for w in ways for r in w.ranked)
    lines = ["| kind of phrase | pairs | " + " | ".join(w.name for w in ways) + " |"]
    lines.append("| --- | ---: |" + " ---: |" * len(ways))
    for kind in kinds:
        among = [[r for r in w.ranked if r.pair.kind == kind] for w in ways]
        cells = " | ".join(map(_cell, among))
        lines.append(f"| {kind} | {len(among[0])} | {cells} |")
    times = " | ".join(f"{w.millis:.1f} ms" for w in ways)
    lines.append(f"| processor time for one phrase | | {times} |")
    told = "Each cell: recall@1, recall@5, mean reciprocal rank; of `none`, where nothing is found."
    return "\n".join([*lines, "", told])


def recall(ranked: Iterable[Ranked], first: int) -> float:
    """Share of the pairs whose term stands among the first places."""
    among = list(ranked)
    return sum(r.place is not None and r.place <= first for r in among) / len(among)


def _cell(ranked: Sequence[Ranked]) -> str:
    if ranked[0].pair.term is None:
        return f"{sum(r.place is None for r in ranked) / len(ranked):.0%}"
    mean = sum(1 / r.place for r in ranked if r.place) / len(ranked)
    return f"{recall(ranked, 1):.0%}, {recall(ranked, 5):.0%}, {mean:.2f}"


def _way(name: str, asked: Sequence[tuple[Pack, Sequence[Pair]]], place: Path) -> Way:
    ranked: list[Ranked] = []
    seconds, said = 0.0, 0
    for number, (pack, pairs) in enumerate(asked):
        find = _finder(name, pack, place / str(number))
        phrases = list(dict.fromkeys(p.say for p in pairs))
        find(phrases[0])
        began = time.process_time()
        found = {phrase: find(phrase) for phrase in phrases}
        seconds, said = seconds + time.process_time() - began, said + len(phrases)
        ranked += [Ranked(p, _place(found[p.say], p.term)) for p in pairs]
    return Way(name, tuple(ranked), 1000 * seconds / said)


def _place(ids: Sequence[str], term: str | None) -> int | None:
    if term is None:
        return 1 if ids else None
    return ids.index(term) + 1 if term in ids else None


def _finder(name: str, pack: Pack, place: Path) -> Find:
    folder = place if name == "joined" else None
    index = Retriever(
        pack.ontology, pack.code_sets, RuleSet(), (), folder, scope_rows=pack.scope_rows
    )
    if name != "embeddings":
        return lambda said: [f.id for f in index.retrieve(said, DEEPEST)]
    vectors = Collection(place, pack.ontology.name, index.items)

    def nearest(said: str) -> list[str]:
        scores = vectors.find([said], DEEPEST)
        return sorted(scores, key=lambda i: (-scores[i], i))

    return nearest


def _of_file(file: Path) -> Iterator[tuple[Pack, list[Pair]]]:
    try:
        packs = cast("dict[str, dict[str, Any]]", yaml.safe_load(file.read_text("utf-8")))
        read = [(name, [*_pairs(kinds)]) for name, kinds in packs.items()]
    except (OSError, yaml.YAMLError, AttributeError, TypeError) as error:
        message = f"`{file.name}` is missing, or holds no pairs"
        wrong = Finding("parse", "error", message, f"write it as `{FORM}`")
        raise InputError((wrong,)) from error
    yield from ((load_pack(name), pairs) for name, pairs in read)


def _pairs(kinds: Mapping[str, Any]) -> Iterator[Pair]:
    for kind, entries in kinds.items():
        if kind == "none":
            yield from (Pair(kind, str(say), None) for say in entries)
            continue
        for term, phrases in entries.items():
            yield from (Pair(kind, str(say), str(term)) for say in phrases)


def _of_set(folder: str) -> Iterator[tuple[Pack, list[Pair]]]:
    pack, texts = read_set(folder)
    names = dict(term_names(pack.ontology))
    told: list[Pair] = []
    for text in texts:
        rules = intended(text.item, pack) or RuleSet()
        terms = dict.fromkeys(t for r in rules.rules for t in terms_of(r) if t in names)
        told += [Pair("sentence of the set", text.words, t) for t in terms]
    if told:
        yield pack, told
    listed = [Pair("name not listed", n, t) for t, known in names.items() for n in known[1:]]
    if listed:
        yield replace(pack, ontology=_bare(pack.ontology)), listed


def _bare(ontology: Ontology) -> Ontology:
    """The ontology with labels and values alone."""
    return replace(
        ontology,
        attributes={p: _without_synonyms(a) for p, a in ontology.attributes.items()},
        decisions={n: _without_synonyms(d) for n, d in ontology.decisions.items()},
    )


def _without_synonyms(word: W) -> W:
    return replace(word, synonyms=(), values=dict.fromkeys(word.values, ()))
