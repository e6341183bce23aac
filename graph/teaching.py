"""Teaching a word: what an answer teaches, what no word may be taught for, and how it is told.

The drafter asks `What do you mean by …?`; an answer that is a name of one term of the organisation
teaches that the word is another name of it, once an approver has said yes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from data.index.words import words_of
from data.ontology.model import Ontology
from data.ontology.taught import term_names, terms_called
from data.rulelang.version import Version
from data.store import TaughtWord, propose_word, taught_words
from graph.context import Services
from graph.drafters.base import Question
from graph.drafters.grammar import english as en
from graph.drafters.grammar.account import has_content
from graph.drafters.stuck import LEFT_OUT, WAYS_OUT, original
from graph.state import Json, Turn
from graph.words import joined

LONGEST_WORDS, LONGEST = 4, 60
"""Words and letters of a name."""
MOST_FOUND, MOST_NEAR, MOST_CHOICES = 12, 3, 5
"""Items looked at in the index; terms taken from it; choices besides the ways out."""
_ASKED = re.compile(r"What do you mean by `([^`]+)`")
_NAME = re.compile(r"\w[\w'/&.+ -]*")
_ARTICLE = re.compile(r"(?:an?|the|my|our)\s+", re.I)
_STRUCTURE = frozenset[str]().union(
    en.FILLER, en.LIGHT, en.OPERATORS, en.CLAUSE_WORDS, en.PLAIN_VERB_WORDS, en.LINKS, en.EVERYONE,
    en.SMALLER, en.LARGER, en.REQUIRE, en.ALLOW, en.MODALS_STRONG, en.MONTHS, en.WEEKDAYS,
    en.UNITS, en.UNITS.values(), en.NUMBER_WORDS, en.ORDINALS, en.CURRENCIES,
    *(words for words, _ in (*en.BEFORE_NUMBER, *en.AFTER_NUMBER)),
    *en.COND_OPENERS, *en.OTHERWISE,
)  # fmt: skip
"""Words by which sentences are built; none of them can be the name of a term."""
_NUMBERS = frozenset([*en.NUMBER_WORDS, *en.ORDINALS])


def learnt(state: Turn, ontology: Ontology) -> list[Json]:
    """The words that the answers about this draft explain, each by one term."""
    found: list[Json] = []
    for given in state["answers"]:
        asked = _ASKED.match(original(str(given["question"])))
        answer = str(given["text"]).strip()
        terms = terms_meant(ontology, _ARTICLE.sub("", answer.strip('`"“”. '), count=1))
        if asked and len(terms) == 1 and answer.lower() not in LEFT_OUT:
            word = asked[1]
            message = next((s for s in state["said"] if word in s), state["message"])
            found.append({"word": word, "term": terms[0], "message": message})
    return found


def terms_meant(ontology: Ontology, name: str) -> tuple[str, ...]:
    """The terms of this name.

    A fact of the request goes before the same fact of its rows: `exam` before a prior visit's.
    """
    terms = terms_called(ontology, name)
    return tuple(t for t in terms if t.partition(".")[0] not in ontology.row_entities) or terms


def with_nearest(asked: Question, services: Services, org_id: str, version: Version) -> Question:
    """The question about an unknown word, with the terms nearest to it in the index as choices."""
    about = _ASKED.fullmatch(asked.text.rstrip("?"))
    if about is None or asked.about != "unplaced":
        return asked
    found = services.retriever(org_id, version).retrieve(about[1], MOST_FOUND)
    names = dict(term_names(version.ontology))
    near = [names[f.id][0] for f in found if f.id in names]
    several = [n for n in near if len(terms_meant(version.ontology, n)) == 1]
    named = [o for o in asked.options if o not in WAYS_OUT]
    ways = [o for o in asked.options if o in WAYS_OUT]
    choices = [*dict.fromkeys([*several[:MOST_NEAR], *named])][:MOST_CHOICES]
    return replace(asked, options=(*choices, *ways))


def refusal(version: Version, word: str, term: str) -> str:
    """Why the word cannot become a name of the term, in a sentence; empty where it can."""
    low = word.casefold().split()
    if not low or not _NAME.fullmatch(word) or len(low) > LONGEST_WORDS or len(word) > LONGEST:
        return f"`{word}` is no name: it takes one to {LONGEST_WORDS} plain words."
    if all(w in _NUMBERS or not re.search(r"[^\W\d_]", w) for w in low):
        return f"`{word}` is a number, so it cannot be the name of anything."
    if not has_content(low) or all(w in _STRUCTURE for w in low):
        return f"`{word}` is a word that sentences are built with, so it cannot be a name."
    if known := _known(version, word):
        same = known == term_words(version.ontology, term)
        return f"`{word}` {'already means that' if same else f'already means {known}'}."
    return ""


def _known(version: Version, word: str) -> str:
    """What goes by this word already, plural or not; empty where nothing does."""
    wanted = words_of(word)
    return next((told for name, told in _names(version) if words_of(name) == wanted), "")


def _names(version: Version) -> Iterator[tuple[str, str]]:
    """Every name there is, with what it is the name of."""
    ontology = version.ontology
    for term, names in term_names(ontology):
        yield from ((n, term_words(ontology, term)) for n in names)
    for a in ontology.attributes.values():
        own = a.label if a.sensitive != "identifying" else "a fact that no rule may look at"
        yield from ((n, own) for n in (a.label, a.name.replace("_", " "), f"{a.entity} {a.label}"))
        yield from ((n, "a unit") for n in (a.unit or "").split())
    for d in ontology.decisions.values():
        yield d.name.replace("_", " "), d.label
        yield from ((n, "a unit") for n in (d.unit or "").split())
        yield from ((m, "a modifier") for m in d.modifiers)
    for r in ontology.relations.values():
        yield from ((n, r.many) for n in (r.label, r.many, r.name.replace("_", " ")))
    yield from ((e.replace("_", " "), f"the {e}") for e in ontology.entities)
    yield from _of_places(version)
    for code_set in version.code_sets.values():
        for c in code_set.codes.values():
            codes = (c.code, *(f"{c.code}{m}" for m in c.modifiers))
            yield from ((n, f"the code {c.code}") for n in codes)


def _of_places(version: Version) -> Iterator[tuple[str, str]]:
    for row in version.scope_rows:
        for level, value in row.items():
            yield value, f"a place ({level})"


def term_words(ontology: Ontology, term: str) -> str:
    """The term as people say it: a value with its fact in brackets."""
    path, _, value = term.partition("=")
    word = ontology.attributes.get(path) or ontology.decisions.get(path)
    if word is None:
        return value or path
    return f"{value} ({word.label})" if value else word.label


def propose(services: Services, who: Json, thread_id: str, learnt: Sequence[Json]) -> list[Json]:
    """Lets approvers decide on what a confirmed draft taught; the words that now wait.

    A word that was refused for this term is not proposed again by itself.
    """
    version = services.staging(who["org_id"])
    if version is None or not learnt:
        return []
    with services.store.session() as session:
        rows = taught_words(session, who["org_id"])
        refused = {(r.word.casefold(), r.term) for r in rows if r.status == "refused"}
        fit = [
            t
            for t in learnt
            if (t["word"].casefold(), t["term"]) not in refused
            and not refusal(version, t["word"], t["term"])
        ]
        for t in fit:
            said = (t["word"], t["term"], t["message"], thread_id, who["person_id"])
            propose_word(session, who["org_id"], *said)
    return fit


def told(ontology: Ontology, proposed: Sequence[Json]) -> str:
    """What the author is told of the words that now wait; empty where none does."""
    if not proposed:
        return ""
    named = joined([f"`{t['word']}` as {term_words(ontology, t['term'])}" for t in proposed])
    return f" Remember {named}? An approver decides; until then I ask again."


def take_back(proposed: Sequence[Json]) -> list[Json]:
    """A button for each word that now waits."""
    return [
        {
            "action": "say",
            "label": f"Do not remember “{t['word']}”",
            "payload": {"text": f"do not remember {t['word']}"},
        }
        for t in proposed
    ]


def called(rows: Sequence[TaughtWord], word: str, *statuses: str) -> TaughtWord | None:
    """The newest word of that name in one of these states."""
    wanted = words_of(word)
    return next((r for r in rows if r.status in statuses and words_of(r.word) == wanted), None)
