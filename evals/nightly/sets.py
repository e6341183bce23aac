"""Regression sets: what was said, and what must come of it.

A set is a folder with an ``ontology.yaml``: a pack (its examples and scenarios), a set of the form
that ``rulewright eval drafting`` reads (``items.json``), or both. Items that people's corrections
became are kept in one file an organisation, one JSON object a line (:func:`grow`).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, cast

import yaml

from data.ontology.nodes import Notes
from data.packs.load import ONTOLOGY, Pack, load_pack
from data.rulelang.findings import Finding, InputError
from graph.drafters.score import UNCLEAR, read_set

Json = dict[str, Any]
ITEMS = "items.json"
MESSAGES = Path(__file__).with_name("messages.yaml")
FORM = '{"id": …, "sentence": …, "rules": "rule text"}'


@dataclass(frozen=True, slots=True)
class Item:
    """One sentence and what must come of it; what is ``None`` is not looked at."""

    id: str
    """Unique in its organisation; another expectation is another id."""
    sentence: str
    intent: str = "draft"
    rules: str | None = None
    """Rule text that means what was said."""
    examples: tuple[Mapping[str, Any], ...] = ()
    """Requests (``given``) and what the rules decide of them (``expect``)."""
    asks: bool = False
    """The sentence can be read in several ways: the right answer is a question."""
    findings: tuple[str, ...] | None = None
    """Codes of the findings that the draft brings."""
    terms: tuple[str, ...] | None = None
    """Ids that must be looked up, where ``rules`` does not tell them."""
    source: Mapping[str, Any] | None = None
    """Where a grown item comes from: the turn, who corrected it (a pseudonym), when."""


@dataclass(frozen=True, slots=True)
class RegressionSet:
    """Everything one organisation is tried on, with the pack it is tried in."""

    organisation: str
    pack: Pack
    """Without examples: they would tell a drafter the answers."""
    items: tuple[Item, ...]
    scenarios: Mapping[str, str]
    """Name of each of the pack's scenarios → its id here."""

    @property
    def version(self) -> str:
        """Changes whenever the items, the cases or the pack's words do."""
        parts = [*map(asdict, self.items), dict(self.scenarios)]
        whole = json.dumps(parts, sort_keys=True, default=str)
        return "data-" + hashlib.sha256(whole.encode()).hexdigest()[:12]


def read_sets(names: Sequence[str | Path], grown: Path) -> tuple[RegressionSet, ...]:
    """The sets in these folders, packs that ship, or folders of such folders.

    ``grown`` is the folder of the items that corrections became. Raises ``InputError``.
    """
    found: dict[str, RegressionSet] = {}
    for name in names:
        for folder in _folders(name):
            made = _read(folder, grown)
            found[made.organisation] = _joined(found.get(made.organisation), made)
    return tuple(found.values())


def grown_file(folder: Path, organisation: str) -> Path:
    """Where an organisation's grown items are kept."""
    return folder / f"{organisation}.jsonl"


def grow(folder: Path, organisation: str, item: Item) -> None:
    """Keeps an item for every night to come; one of the same id replaces the one before."""
    path = grown_file(folder, organisation)
    path.parent.mkdir(parents=True, exist_ok=True)
    if {i.id: i for i in _grown(path)}.get(item.id) == item:
        return
    said = {k: v for k, v in asdict(item).items() if v not in (None, (), False)}
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(said, ensure_ascii=False) + "\n")


def _folders(name: str | Path) -> list[str | Path]:
    """A folder of sets stands for the sets in it."""
    folder = Path(name)
    if folder.is_dir() and not (folder / ONTOLOGY).is_file():
        inside = sorted(p.parent for p in folder.glob(f"*/{ONTOLOGY}"))
        if inside:
            return [*inside]
    return [name]


def _read(name: str | Path, grown: Path) -> RegressionSet:
    pack = load_pack(name)
    own = pack.ontology.name
    items = [*_examples(pack), *_messages(), *_texts(pack), *_grown(grown_file(grown, own))]
    scenarios = {s.name: _id("scenario", s.name, s.given, s.expect) for s in pack.scenarios}
    unique = {i.id: i for i in items}
    return RegressionSet(own, replace(pack, examples=()), tuple(unique.values()), scenarios)


def _joined(one: RegressionSet | None, other: RegressionSet) -> RegressionSet:
    """Two sets of one organisation; the pack is the one that was named first."""
    if one is None:
        return other
    items = {i.id: i for i in (*one.items, *other.items)}
    return replace(one, items=tuple(items.values()))


def _id(kind: str, name: str, *expected: object) -> str:
    """The name, and a mark that changes with what is expected."""
    mark = hashlib.sha256(json.dumps(expected, sort_keys=True, default=str).encode())
    return f"{kind}: {name} #{mark.hexdigest()[:8]}"


def _examples(pack: Pack) -> Iterable[Item]:
    for example in pack.examples:
        name = _id("example", example.sentence, example.rules)
        yield Item(name, example.sentence, rules=example.rules)


@cache
def _messages() -> tuple[Item, ...]:
    read = cast("list[dict[str, str]]", yaml.safe_load(MESSAGES.read_text("utf-8")))
    return tuple(Item(_id("message", m["say"], m["intent"]), m["say"], m["intent"]) for m in read)


def _texts(pack: Pack) -> Iterable[Item]:
    """The texts of a set of the form of ``rulewright eval drafting``."""
    if not (pack.folder / ITEMS).is_file():
        return
    for text in read_set(pack.folder)[1]:
        raw = text.item
        expected = (raw.get("rules"), raw.get("examples"), raw.get("clarity"))
        yield Item(
            _id(text.kind, str(raw["id"]), *expected),
            text.words,
            rules=raw.get("rules"),
            examples=tuple(raw.get("examples", ())),
            asks=raw.get("clarity", "clear") in UNCLEAR,
            findings=_tuple(raw.get("findings")),
            terms=_tuple(raw.get("terms")),
        )


def _tuple(raw: object) -> tuple[str, ...] | None:
    return None if raw is None else tuple(map(str, cast("Iterable[object]", raw)))


def _grown(path: Path) -> Iterable[Item]:
    if not path.is_file():
        return
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        try:
            raw: Json = json.loads(line)
            raw["examples"] = tuple(raw.get("examples", ()))
            raw |= {key: _tuple(raw.get(key)) for key in ("findings", "terms")}
            yield Item(**raw)
        except (ValueError, TypeError, AttributeError):
            notes = Notes(path.name, [])
            notes.report("parse", number, "this line is no item", f"write it as `{FORM}`")
            raise InputError(tuple[Finding, ...](notes.findings)) from None
