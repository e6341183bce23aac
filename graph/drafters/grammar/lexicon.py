"""The ontology's words, arranged for finding them in a message. Built once per ontology."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from data.ontology import Attribute, CodeSets, Decision, Ontology
from data.ontology.model import ScopeRow
from graph.drafters.grammar.english import (
    ALLOW,
    AUXILIARIES,
    CONNECTIVES,
    DETERMINERS,
    LIGHT,
    OPERATORS,
    PERSONS,
    PREDICATE_WORDS,
    PREPOSITIONS,
    PRONOUNS,
    REQUIRE,
    STATE_NOUNS,
    UNITS,
)
from graph.drafters.grammar.words import Token, root, stem, tokenise

RefKind = Literal["attribute", "value", "decision", "topic", "choice", "code", "modifier"]
_SMALL_WORDS = (
    DETERMINERS
    | PRONOUNS
    | AUXILIARIES
    | PREPOSITIONS
    | CONNECTIVES
    | frozenset(["-", "/", ",", "&", "before"])
) - {"only"}
_LIGHT = frozenset(stem(w) for w in LIGHT)
SMALL = _SMALL_WORDS | frozenset(stem(w) for w in AUXILIARIES)
NOT = "not"
LEADING = frozenset(["has", "have", "is", "are", "a", "an", "the"])
"""Words a name may begin with that a sentence says in its own way."""
NEGATED = frozenset(["no", "not", "n't", "never", "without", "non", "neither", "nobody",
                     "missing", "lacking", "lacks", "lack"])  # fmt: skip

DENYING = NEGATED | frozenset(["none", "nothing"])
"""Words that say that something is not so; those beside `NEGATED` never begin a name."""


@dataclass(frozen=True, slots=True)
class Ref:
    """What a phrase stands for. ``topic`` is a yes-or-no decision without its `required`."""

    kind: RefKind
    path: str
    """Attribute path or decision name."""
    value: str = ""

    @property
    def in_condition(self) -> bool:
        return self.kind in ("attribute", "value")


@dataclass(frozen=True, slots=True)
class Name:
    """One way to say a term."""

    text: str
    words: tuple[str, ...]
    """Roots of all its words, in order."""
    stems: tuple[str, ...]
    lows: frozenset[str]
    """Its words as written, lower case."""
    required: frozenset[str]
    """Roots without which it is not said."""
    ref: Ref
    label: bool
    """It is the label or the value itself, not a synonym."""
    whole: bool
    """Only word for word: besides one word it is made of function words."""


@dataclass
class Lexicon:
    """All names, by each root they require."""

    ontology: Ontology
    code_sets: CodeSets
    names: list[Name] = field(default_factory=list[Name])
    by_root: dict[str, list[Name]] = field(default_factory=dict[str, list[Name]])
    vocab: dict[Ref, set[str]] = field(default_factory=dict[Ref, set[str]])
    pairs: dict[Ref, set[tuple[str, str]]] = field(
        default_factory=dict["Ref", set[tuple[str, str]]]
    )
    """Content words that follow one another in a name."""
    spelled: dict[str, str] = field(default_factory=dict[str, str])
    """Every word of every name → its root."""
    codes: dict[str, str] = field(default_factory=dict[str, str])
    """Lower-case code → the code."""
    entity_words: frozenset[str] = frozenset()
    entity_roots: frozenset[str] = frozenset()
    thing_words: frozenset[str] = frozenset()
    """What attributes with values are about, in one word: `exam`, `priority`."""
    given_roots: frozenset[str] = frozenset()
    """Nouns that names of decisions speak of as given: `arrival before the scan`."""
    short: dict[str, list[Name]] = field(default_factory=dict[str, list[Name]])
    """By the one word that tells it apart, the name of a value whose other words its fact has."""
    amount_words: dict[str, str] = field(default_factory=dict[str, str])
    """Roots that stand for a number decided where an amount in its unit is beside them."""
    rows: dict[str, Ontology] = field(default_factory=dict[str, Ontology])
    """What a row of each relation knows, once it was spoken of."""
    known_roots: set[str] = field(default_factory=set[str])
    _owners: dict[str, set[Ref]] = field(default_factory=dict[str, set[Ref]])

    def names_at(self, tokens: Sequence[Token]) -> frozenset[int]:
        """Places after an `or` or `and` at which a name of several words begins."""

        def begins(i: int) -> bool:
            said = [t.root for t in tokens[i : i + 6]]
            names = self.by_root.get(content_root(tokens[i]) or "", ())
            return any(len(n.words) > 1 and said[: len(n.words)] == [*n.words] for n in names)

        joints = (i for i in range(1, len(tokens)) if tokens[i - 1].low in ("or", "and"))
        return frozenset(i for i in joints if begins(i))

    def add(
        self,
        text: str,
        ref: Ref,
        optional: frozenset[str],
        label: bool = False,
        exact: bool = False,
    ) -> None:
        tokens = _without_object(tokenise(text))
        content = frozenset(r for t in tokens if (r := content_root(t)))
        left_out = {
            t.root for t in tokens if t.low in optional or t.low.removesuffix("s") in optional
        }
        required = content - left_out
        if not required or required <= EMPTY_NAMES | STATE_ROOTS | PARTICLES:
            required = content
        if not required or required <= EMPTY_NAMES - {t.root for t in tokens if _plural(t)}:
            return
        bare = list(itertools.dropwhile(lambda t: t.low in LEADING, tokens))
        small = any(t.low in SMALL and t.is_word for t in bare)
        whole = len(required - {NOT}) == 1 and small and len(tokens) > 1
        name = Name(
            text,
            tuple(form(t) for t in tokens),
            tuple(t.stem for t in tokens),
            frozenset(t.low for t in tokens),
            required,
            ref,
            label,
            whole or exact,
        )
        self._keep(name)
        light = {t.root for t in tokens if t.stem in _LIGHT}
        if light & required and len(required - light - {NOT}) >= 2:
            self._keep(replace(name, required=required - light))
        self.vocab.setdefault(ref, set()).update(content)
        self.known_roots |= content
        said = [r for t in tokens if (r := content_root(t))]
        self.pairs.setdefault(ref, set()).update(itertools.pairwise(said))
        if not exact:
            self.spelled.update((t.low, t.root) for t in tokens if t.is_word)

    def _keep(self, name: Name) -> None:
        self.names.append(name)
        for r in name.required:
            self.by_root.setdefault(r, []).append(name)

    def put(self, word: str, ref: Ref) -> None:
        """A single word that stands for a term although it is a general one."""
        token = tokenise(word)[0]
        name = Name(word, (form(token),), (token.stem,), frozenset([word]),
                    frozenset([token.root]), ref, False, False)  # fmt: skip
        self.names.append(name)
        self.by_root.setdefault(token.root, []).append(name)

    def unique(self, ref: Ref) -> frozenset[str]:
        """Roots that no other term's names have."""
        if not self._owners:
            for other, words in self.vocab.items():
                for word in words:
                    self._owners.setdefault(word, set()).add(other)
        same = {ref, Ref("topic", ref.path), Ref("decision", ref.path)}
        return frozenset(w for w in self.vocab[ref] if self._owners[w] <= same)

    def words_of(self, refs: Iterable[Ref]) -> frozenset[str]:
        """Roots of every name of these terms and, for values, of what they are values of."""
        out: set[str] = set()
        for ref in refs:
            for other in self.vocab:
                if (other.path == ref.path and other.kind != "choice") or other == ref:
                    out |= self.vocab[other] if other.value in ("", ref.value) else set[str]()
        return frozenset(out)


def _plural(token: Token) -> bool:
    """``fines``: a noun, although `fine` alone says no more than `allowed`."""
    return token.low.endswith("s") and token.low[:-1] in ALLOW


def _without_object(tokens: tuple[Token, ...]) -> tuple[Token, ...]:
    """A name without the pronoun at its end: `sign for` for ``sign for it``."""
    return tokens[:-1] if len(tokens) > 1 and tokens[-1].low in ("it", "them") else tokens


def content_root(token: Token) -> str | None:
    """The root under which a word is looked up; ``None`` for a function word or a mark."""
    if token.low in NEGATED:
        return NOT
    if token.text.isupper() and len(token.text) > 1 and token.text.isalpha() and token.low in SMALL:
        return token.low.upper()
    if token.low in SMALL or token.stem in SMALL or not token.is_word:
        return None
    return token.root


def form(token: Token) -> str:
    """Root of any word, function words included."""
    return NOT if token.low in NEGATED else token.root


_Rows = tuple[ScopeRow, ...]
_BUILT: dict[tuple[int, int, int], tuple[Ontology, CodeSets, _Rows, Lexicon]] = {}


def lexicon_of(ontology: Ontology, code_sets: CodeSets, scope_rows: _Rows = ()) -> Lexicon:
    """The lexicon of this ontology, built on first use and kept while few others are used."""
    key = (id(ontology), id(code_sets), id(scope_rows))
    kept = _BUILT.get(key)
    if kept and kept[0] is ontology and kept[1] is code_sets and kept[2] is scope_rows:
        return kept[3]
    lexicon = build(ontology, code_sets, scope_rows)
    if len(_BUILT) >= 8:
        _BUILT.pop(next(iter(_BUILT)))
    _BUILT[key] = (ontology, code_sets, scope_rows, lexicon)
    return lexicon


def build(ontology: Ontology, code_sets: CodeSets, scope_rows: _Rows = ()) -> Lexicon:
    entities = frozenset(w.low for e in ontology.entities for w in tokenise(e.replace("_", " ")))
    lexicon = Lexicon(
        ontology, code_sets, entity_words=entities, entity_roots=frozenset(map(root, entities))
    )
    lexicon.known_roots |= lexicon.entity_roots
    lexicon.thing_words = frozenset(
        last
        for a in ontology.facts
        if a.type in ("enum", "code", "text")
        and (last := a.label.lower().split()[-1]).isalpha()
        and last not in STATE_NOUNS
    )
    for attribute in ontology.facts:
        if attribute.sensitive != "identifying":
            _add_attribute(lexicon, attribute)
    for decision in ontology.decisions.values():
        _add_decision(lexicon, decision)
    lexicon.given_roots = frozenset(_given(ontology))
    _add_places(lexicon, scope_rows)
    _add_cores(lexicon)
    _free_nouns(lexicon)
    _add_short(lexicon)
    _add_verbs(lexicon)
    _add_amount_words(lexicon)
    _add_prices(lexicon)
    _add_heads(lexicon)
    for code_set in code_sets.values():
        lexicon.codes.update((c.lower(), c) for c in code_set.codes)
    return lexicon


_DATED = {"date": frozenset(["date", "day"]), "time": frozenset(["time", "hour"])}
"""Words for its kind of value that a sentence leaves out: ``date of last visit``."""


_COUNTING = frozenset(["number", "count"])
"""Words for how many that a sentence leaves out: ``two studies`` for `number of studies`."""
_AT = frozenset(["at", "by", "on"])
_COMPARED = frozenset(["at", "by", "on", "after", "before", "from", "between", "until"])
"""``ends at`` names when; ``ends after`` names it as well."""


def _add_attribute(lexicon: Lexicon, attribute: Attribute) -> None:
    ref = Ref("attribute", attribute.path)
    units = _unit_roots(attribute.unit)
    optional = lexicon.entity_words | STATE_NOUNS | units
    if attribute.type == "integer" and not attribute.unit:
        optional |= _COUNTING
    dated = _DATED.get(attribute.type, frozenset[str]())
    clocked = bool(dated) or attribute.unit == "hour of day"
    for n, text in enumerate(_texts(attribute)):
        if (short := _recorded(text)) != text:
            lexicon.add(short, ref, optional)
        long = len([t for t in tokenise(text) if content_root(t)]) > 2
        lexicon.add(text, ref, optional | dated if long else optional, label=n == 0)
        if clocked and text.lower().split()[-1] in _AT:
            for word in sorted(_COMPARED):
                lexicon.add(f"{text.rsplit(maxsplit=1)[0]} {word}", ref, optional)
        if "last" in text.lower().split():
            for word in ("previous", "latest"):
                lexicon.add(text.replace("last", word), ref, optional | dated if long else optional)
    for value, synonyms in attribute.values.items():
        for n, text in enumerate((value, *synonyms)):
            lexicon.add(
                text, Ref("value", attribute.path, value), lexicon.entity_words, label=n == 0
            )


_RECORDS = frozenset(["file", "record", "order", "form", "list", "request", "application"])


def _recorded(text: str) -> str:
    """A name without where it is written down: ``order on file``, ``contrast specified on order``,
    where two words are left that mean something.
    """
    tokens = tokenise(text)
    written = len(tokens) > 3 and tokens[-2].low == "on" and tokens[-1].low in _RECORDS
    left = tokens[:-2] if written else ()
    return " ".join(t.text for t in left) if sum(map(_meaning, left)) > 1 else text


def _meaning(token: Token) -> bool:
    return content_root(token) is not None


def _given(ontology: Ontology) -> Iterator[str]:
    for decision in ontology.decisions.values():
        tokens = tokenise(decision.label)
        for before, noun in itertools.pairwise(tokens):
            if before.low == "the" and noun is tokens[-1]:
                yield noun.root


def _add_places(lexicon: Lexicon, scope_rows: _Rows) -> None:
    """Values of scope levels that are plain text, such as the ids of clinics: word for word."""
    scopes = lexicon.ontology.scopes
    for level in scopes.levels if scopes else ():
        path = scopes.path(level) if scopes else ""
        attribute = lexicon.ontology.attributes.get(path)
        if attribute is None or attribute.type != "text" or attribute.sensitive == "identifying":
            continue
        for value in dict.fromkeys(row[level] for row in scope_rows if row.get(level)):
            lexicon.add(value, Ref("value", path, value), frozenset(), label=True, exact=True)


def _add_decision(lexicon: Lexicon, decision: Decision) -> None:
    ref = Ref("decision", decision.name)
    units = _unit_roots(decision.unit) | (
        lexicon.thing_words if decision.type == "boolean" else frozenset[str]()
    )
    for n, text in enumerate((decision.label, *decision.synonyms)):
        lexicon.add(text, ref, units | lexicon.entity_words, label=n == 0)
        if decision.type == "boolean":
            _add_topic(lexicon, decision.name, text)
    for value, synonyms in decision.values.items():
        for n, text in enumerate((value, *synonyms)):
            lexicon.add(
                text, Ref("choice", decision.name, value), lexicon.entity_words, label=n == 0
            )


def _add_topic(lexicon: Lexicon, decision: str, text: str) -> None:
    kept = [t.text for t in tokenise(text) if t.low not in PREDICATE_WORDS]
    if kept and len(kept) < len(tokenise(text)):
        lexicon.add(
            " ".join(kept), Ref("topic", decision), lexicon.entity_words | lexicon.thing_words
        )


def _add_verbs(lexicon: Lexicon) -> None:
    """``not accepted`` speaks of the only decision whose names say `accepted`."""
    said: dict[str, set[str]] = {}
    for d in lexicon.ontology.decisions.values():
        for text in (d.label, *d.synonyms):
            for t in tokenise(text):
                if t.root in EMPTY_NAMES - {root("require"), root("possible")}:
                    said.setdefault(t.low, set()).add(d.name)
    for word, names in said.items():
        others = {n for w, ns in said.items() if root(w) == root(word) for n in ns}
        name = next(iter(names))
        if (
            len(others) == 1
            and lexicon.ontology.decisions[name].type == "boolean"
            and len(word) > 3
        ):
            lexicon.put(word, Ref("decision", name))


_LOGICAL = frozenset(map(root, OPERATORS))
"""Roots that say how things are joined: alone they tell no value from another."""


def _add_short(lexicon: Lexicon) -> None:
    """``the contrast to use is IV``: what tells `IV contrast` from other contrasts is enough
    where its fact or decision is named.
    """
    for name in list(lexicon.names):
        if name.ref.kind not in ("value", "choice") or NOT in name.required or name.whole:
            continue
        kind = "attribute" if name.ref.kind == "value" else "decision"
        own = lexicon.vocab.get(Ref(kind, name.ref.path), set[str]())
        rest = name.required - own
        if (
            not rest & _LOGICAL
            and rest
            and rest != name.required
            and len(rest) == 1
            and not rest & lexicon.short.keys()
        ):
            lexicon.short.setdefault(next(iter(rest)), []).append(name)


def _free_nouns(lexicon: Lexicon) -> None:
    """``they go by lorry``: of `by lorry` the noun is enough where no other term has it."""
    for name in list(lexicon.names):
        first, last = name.words[0], name.words[-1]
        if (
            name.whole
            and name.ref.kind in ("choice", "value")
            and len(name.words) == 2
            and first in PREPOSITIONS
            and last in lexicon.unique(name.ref)
            and last not in PERSONS
        ):
            lexicon.by_root[last].append(
                replace(name, words=(last,), stems=name.stems[1:], whole=False)
            )


def _add_cores(lexicon: Lexicon) -> None:
    """The word that all names of a term share and no other term has: `stimulator`."""
    names: dict[Ref, list[Name]] = {}
    for name in lexicon.names:
        names.setdefault(name.ref, []).append(name)
    for ref, group in names.items():
        shared = frozenset[str].intersection(*(n.required for n in group)) & lexicon.unique(ref)
        shared -= _LOGICAL
        if (
            len(group) > 1
            and len(shared) == 1
            and not any(NOT in n.required for n in group)
            and all(len(n.required) > 1 or n.whole for n in group)
        ):
            said = (t.low for t in tokenise(group[0].text))
            if word := next((w for w in said if root(w) in shared), None):
                lexicon.add(word, ref, frozenset())


def _add_amount_words(lexicon: Lexicon) -> None:
    """``arrive 30 minutes ahead``: a word that most names of a number share, beside an amount."""
    for decision in lexicon.ontology.decisions.values():
        if decision.type not in ("integer", "decimal") or not decision.unit:
            continue
        ref = Ref("decision", decision.name)
        names = [n for n in lexicon.names if n.ref == ref]
        counted = Counter(r for n in names for r in n.required)
        alone = {r for n in names if len(n.required) == 1 for r in n.required}
        for r in lexicon.unique(ref) - alone:
            if counted[r] >= 2 and r not in EMPTY_NAMES:
                lexicon.amount_words[r] = decision.name
                name = Name(r, (r,), (r,), frozenset(), frozenset([r]), ref, False, False)
                lexicon.by_root.setdefault(r, []).append(name)


_HEADS = frozenset(["time", "period", "limit", "amount"])


def _add_heads(lexicon: Lexicon) -> None:
    """``the turnaround is 3 days``: of a number's name without its general noun, where the rest
    is no other term's.
    """
    for decision in lexicon.ontology.decisions.values():
        ref = Ref("decision", decision.name)
        if decision.type not in ("integer", "decimal") or not decision.unit:
            continue
        for text in (decision.label, *decision.synonyms):
            *rest, last = [t.low for t in tokenise(text)]
            own = len(rest) == 1 and last in _HEADS and root(rest[0]) in lexicon.unique(ref)
            if own and rest[0] not in lexicon.entity_words:
                lexicon.put(rest[0], ref)


def _add_prices(lexicon: Lexicon) -> None:
    """``a paint job costs 90 euros``: the one decision that a price, fee or charge names."""
    decisions = lexicon.ontology.decisions.values()
    priced = [
        d
        for d in decisions
        if d.type in ("integer", "decimal")
        and d.unit
        and PRICES & {t.root for text in (d.label, *d.synonyms) for t in tokenise(text)}
    ]
    for word in ("cost", "charge") if len(priced) == 1 else ():
        if root(word) not in lexicon.known_roots:
            lexicon.amount_words[root(word)] = priced[0].name
            lexicon.put(word, Ref("decision", priced[0].name))


PRICES = frozenset(map(root, ("price", "fee", "charge", "cost", "tariff")))


def _texts(attribute: Attribute) -> Iterator[str]:
    yield attribute.label
    yield from attribute.synonyms


def _unit_roots(unit: str | None) -> frozenset[str]:
    if not unit:
        return frozenset()
    return frozenset(
        t.low for t in tokenise(unit) if t.low in UNITS or t.low.removesuffix("s") in UNITS
    )


EMPTY_NAMES = frozenset([NOT, root("none"), *map(root, REQUIRE | ALLOW)])
"""Roots that alone name nothing."""
PARTICLES = frozenset(["up", "out", "off", "down", "away", "back", "along", "around", "over"])
"""Words that go with a verb and alone name nothing: ``items out``, ``go out``."""
STATE_ROOTS = frozenset(root(w) for w in STATE_NOUNS | {"type", "kind", "class", "group"})
