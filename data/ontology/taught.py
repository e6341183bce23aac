"""Words an organisation was taught: another name of a fact, a decision or one of their values.

A term is named as it is everywhere: an attribute by its path, a decision by its name, a value of
either by ``path=value``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from data.ontology.model import Attribute, Decision, Ontology, Synonyms

Word = Attribute | Decision
Names = Callable[[tuple[str, ...]], tuple[str, ...]]
"""What becomes of the synonyms of a term."""


def terms_called(ontology: Ontology, name: str) -> tuple[str, ...]:
    """The terms that go by exactly this name; case and blanks do not count."""
    wanted = _plain(name)
    return tuple(t for t, names in term_names(ontology) if wanted in map(_plain, names))


def term_names(ontology: Ontology) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Every term that can be given another name, with those it has; its own comes first.

    Identifying facts are left out: nobody may speak of them in a rule.
    """
    for path, word in _words(ontology):
        if isinstance(word, Attribute) and word.sensitive == "identifying":
            continue
        yield path, (word.label, *word.synonyms)
        for value, synonyms in word.values.items():
            yield f"{path}={value}", (value, *synonyms)


def with_synonym(ontology: Ontology, term: str, word: str) -> Ontology:
    """The ontology in which the term goes by this word, too; itself where nothing changes."""
    has = _plain(word)
    return _renamed(ontology, term, lambda n: n if has in map(_plain, n) else (*n, word))


def without_synonym(ontology: Ontology, term: str, word: str) -> Ontology:
    """The ontology in which the word is no name of the term; itself where nothing changes."""
    gone = _plain(word)
    return _renamed(ontology, term, lambda n: tuple(name for name in n if _plain(name) != gone))


def names_apart(before: Ontology, after: Ontology) -> Iterator[tuple[str, str]]:
    """Each name that a term of both has in the second alone: the term and the name."""
    known = dict(term_names(before))
    for term, names in term_names(after):
        had = frozenset(map(_plain, known.get(term, names)))
        yield from ((term, name) for name in names if _plain(name) not in had)


def _renamed(ontology: Ontology, term: str, change: Names) -> Ontology:
    path, _, value = term.partition("=")
    word = dict(_words(ontology)).get(path)
    if word is None or (value and value not in word.values):
        return ontology
    new = _with_names(word, value, change)
    if new == word:
        return ontology
    if isinstance(new, Attribute):
        return replace(ontology, attributes={**ontology.attributes, path: new})
    return replace(ontology, decisions={**ontology.decisions, path: new})


def _with_names(word: Word, value: str, change: Names) -> Word:
    if not value:
        return replace(word, synonyms=change(word.synonyms))
    values: Synonyms = {**word.values, value: change(word.values[value])}
    return replace(word, values=values)


def _words(ontology: Ontology) -> Iterator[tuple[str, Word]]:
    sources: tuple[Mapping[str, Word], ...] = (ontology.attributes, ontology.decisions)
    return ((name, word) for source in sources for name, word in source.items())


def _plain(name: str) -> str:
    return " ".join(name.casefold().split())
