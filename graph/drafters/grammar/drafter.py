"""The drafter that needs no model: grammar, the ontology's words, and an account of every word."""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence

from rapidfuzz import process

from data.ontology import CodeSets
from data.rulelang.ast import Condition, RuleSet, attributes_of
from graph.drafters.base import Draft, Placed, Question, Reading, Task
from graph.drafters.grammar.account import content_of, unplaced
from graph.drafters.grammar.answers import LEAVE_OUT, Answered, work_in
from graph.drafters.grammar.atoms import Unclear
from graph.drafters.grammar.checks import looks_like_code, nearest_codes
from graph.drafters.grammar.choosing import choosing
from graph.drafters.grammar.clashing import without_clash
from graph.drafters.grammar.distinguish import Telling, difference, enumerable
from graph.drafters.grammar.edits import edited, opens_change
from graph.drafters.grammar.given import given
from graph.drafters.grammar.histories import ReadRows, own_rows
from graph.drafters.grammar.lexicon import Lexicon, lexicon_of
from graph.drafters.grammar.mentions import near_words
from graph.drafters.grammar.message import Message
from graph.drafters.grammar.reader import condition_of, readings
from graph.drafters.grammar.totals import adds, settled
from graph.drafters.grammar.written import written
from graph.language import HOLDS_MARKUP, MARKUP
from graph.words import label

log = logging.getLogger(__name__)

LONGEST = 2_000
"""Characters of a message that is read; longer ones are asked to be split."""
UNREAD = "I could not read this sentence. Say it in shorter parts, please."


class GrammarDrafter:
    """Reads plain English into rules of the given ontology; asks where it is not sure."""

    name = "grammar"

    def draft(self, message: str, task: Task) -> Draft:
        """Whatever goes wrong while reading ends in a plain sentence."""
        try:
            with given(task.answers):
                return self._drafted(message, task)
        except Exception:
            log.exception("a sentence could not be read")
            return self._asked(Question(UNREAD, about="missing"))

    def _drafted(self, message: str, task: Task) -> Draft:
        number = task.current and message.strip().rstrip(".").isdigit()
        refusal = "" if number else _unreadable(message)
        if refusal:
            return self._refused(refusal)
        spelled = written(message, task, self.name)
        if spelled is not None:
            return spelled
        lexicon = lexicon_of(task.ontology, task.code_sets, task.scope_rows)
        answered = work_in(message, task.answers)
        about = choosing(_without(answered.text, answered.left_out), task, self._alone)
        if about is not None and about.status == "drafted":
            return about
        if task.current:
            return self._changed(answered, lexicon, task)
        draft = self._read(answered, lexicon, task)
        return draft if about is None or draft.status == "drafted" else about

    def _alone(self, text: str, task: Task) -> Draft:
        """A phrase of a longer sentence, read by itself."""
        lexicon = lexicon_of(task.ontology, task.code_sets, task.scope_rows)
        return self._read(Answered(text), lexicon, task)

    def _changed(self, answered: Answered, lexicon: Lexicon, task: Task) -> Draft:
        """A change of the draft where the words begin as one; else a rule, which is checked
        against what the draft says.
        """
        text = _without(answered.text, answered.left_out)
        if opens_change(text):
            change = self._edited(text, task, lexicon)
            if change is not None:
                return change
        draft = self._read(answered, lexicon, task)
        if draft.status == "drafted":
            return draft
        change = self._edited(text, task, lexicon)
        if change is not None:
            return change
        return self._asked(_what_change(task)) if len(text.split()) < 8 else draft

    def _edited(self, text: str, task: Task, lexicon: Lexicon) -> Draft | None:
        try:
            change = edited(text, task, lexicon)
        except Unclear as unclear:
            return self._asked(unclear.question, unclear.unplaced)
        return Draft("drafted", self.name, (change,)) if change is not None else None

    def _read(self, answered: Answered, lexicon: Lexicon, task: Task) -> Draft:
        """The message as rules of its own."""
        try:
            rows = _rows_of(task, lexicon) if task.ontology.relations else None
            found = readings(Message(answered.text, lexicon, answered, rows), task)
        except Unclear as unclear:
            return self._asked(unclear.question, unclear.unplaced)
        draft = self._settled(found, answered, lexicon, task)
        if draft.status != "drafted":
            return draft
        try:
            return Draft("drafted", self.name, (self._agreed(answered, draft.readings[0], task),))
        except Unclear as unclear:
            return self._asked(unclear.question, unclear.unplaced, draft.readings)

    def _agreed(self, answered: Answered, reading: Reading, task: Task) -> Reading:
        """The reading once its parts agree with each other and with standing rules."""
        return without_clash(settled(answered.text, reading, task), task, adds(answered.text))

    def _settled(
        self, found: list[Reading], answered: Answered, lexicon: Lexicon, task: Task
    ) -> Draft:
        whole = [r for r in found if not unplaced(r.placed)]
        if not whole:
            best = min(found, key=lambda r: len(unplaced(r.placed)))
            return self._asked(
                _about_words(best.placed, answered.text, lexicon, task),
                unplaced(best.placed),
                (best,),
            )
        if len(whole) > 1:
            picked = _picked(whole, answered)
            if picked is None:
                return self._told_apart(whole, answered, task)
            whole = [picked]
        return Draft("drafted", self.name, (whole[0],))

    def _told_apart(self, whole: Sequence[Reading], answered: Answered, task: Task) -> Draft:
        """Readings that decide alike are one; else the smallest request on which two differ is
        asked.
        """
        telling = difference(whole[0], whole[1], task)
        if telling is None and len(whole) == 2 and enumerable(whole[0], whole[1], task):
            return Draft("drafted", self.name, (whole[0],))
        picked = telling.picked(answered.chosen) if telling else None
        if picked is not None:
            return Draft("drafted", self.name, (whole[picked],))
        return self._asked(_which(whole, telling), (), tuple(whole))

    def _asked(
        self, question: Question, words: tuple[str, ...] = (), found: Sequence[Reading] = ()
    ) -> Draft:
        return Draft("question", self.name, tuple(found), question, content_of(words))

    def _refused(self, text: str) -> Draft:
        return Draft("refused", self.name, message=text)


def _rows_of(task: Task, lexicon: Lexicon) -> ReadRows:
    """Reads words as a condition on one row of a relation, in the words of such rows alone."""

    def read(relation: str, words: str) -> Condition | None:
        ontology = lexicon.rows.get(relation)
        if ontology is None:
            ontology = own_rows(task.ontology, task.ontology.relations[relation])
            lexicon.rows[relation] = ontology
        alone = Task(ontology, NO_CODES, RuleSet())
        try:
            return condition_of(words, alone, lexicon_of(ontology, NO_CODES))
        except Unclear:
            return None

    return read


NO_CODES: CodeSets = {}


def _unreadable(message: str) -> str:
    """Why a message is not read at all; empty where it is."""
    if not message.strip():
        return "Write a rule in plain words: say what should happen and when."
    if len(message) > LONGEST:
        return (
            f"That is too long to read at once ({len(message):,} characters)."
            f" Send one rule at a time, up to {LONGEST:,} characters."
        )
    if MARKUP.search(message):
        return HOLDS_MARKUP
    letters = [c for c in message if c.isalpha()]
    if not letters or sum(c.isascii() for c in letters) < 0.8 * len(letters):
        return "I read English only. Write the rule in plain English words."
    return ""


def _without(text: str, left_out: Sequence[str]) -> str:
    """The change without what the author said to leave out."""
    for words in left_out:
        text = re.sub(rf"(?<!\w){re.escape(words)}(?!\w)", "", text, flags=re.IGNORECASE)
    return re.sub(r"(?i)^\W*(?:and|but)\b|\b(?:and|but)\W*$", "", " ".join(text.split())).strip()


def _what_change(task: Task) -> Question:
    ontology = task.ontology
    paths = dict.fromkeys(p for r in task.current for p in attributes_of(r.when, ontology))
    labels = tuple(label(p, ontology) for p in paths)
    text = (
        "What should change in the draft? Say, for example, `make it 45`, `also for …`,"
        " `not for …` or `remove the … part`."
    )
    return Question(text, labels, about="missing")


def _picked(whole: Sequence[Reading], answered: Answered) -> Reading | None:
    """The reading whose title the author chose."""
    said = {a.lower() for a in answered.chosen}
    fitting = [r for r in whole if any(rule.title.lower() in said for rule in r.rules)]
    return fitting[0] if len(fitting) == 1 else None


def _which(whole: Sequence[Reading], telling: Telling | None) -> Question:
    if telling is not None:
        return Question(telling.text, telling.options, telling.request, about="reading")
    return Question(
        "Which of these do you mean?", tuple(r.rules[0].title for r in whole[:4]), about="reading"
    )


def _about_words(placed: Sequence[Placed], text: str, lexicon: Lexicon, task: Task) -> Question:
    """A question about the first stretch of words that has no place."""
    phrase = _first_phrase(placed, text)
    if looks_like_code(phrase) and any(d.type == "code" for d in task.ontology.decisions.values()):
        text = f"`{phrase}` is not a code of any code set. Which code do you mean?"
        return Question(text, (*nearest_codes(phrase, task.code_sets), LEAVE_OUT), about="value")
    places = _near_places(phrase, placed, task)
    if places:
        text = f"What do you mean by `{phrase}`? Which place is it?"
        return Question(text, (*places, LEAVE_OUT), about="unplaced")
    near = dict.fromkeys(n for word in phrase.lower().split() for n in near_words(word, lexicon))
    return Question(
        f"What do you mean by `{phrase}`?", (*list(near)[:3], LEAVE_OUT), about="unplaced"
    )


def _near_places(phrase: str, placed: Sequence[Placed], task: Task) -> tuple[str, ...]:
    """The places of the organisation nearest to a name said after `at` or `in`."""
    at = next((n for n, p in enumerate(placed) if phrase.startswith(p.text)), 0)
    before = placed[at - 1].text.lower() if at else ""
    scopes = task.ontology.scopes
    if scopes is None or before not in ("at", "in") or not phrase[:1].isupper():
        return ()
    names = {v for level in scopes.levels for v in _values_of(scopes.path(level), task)}
    names |= {row[level] for row in task.scope_rows for level in scopes.levels if row.get(level)}
    found = process.extract(phrase, sorted(names), limit=3)
    return tuple(name for name, _, _ in found)


def _values_of(path: str, task: Task) -> tuple[str, ...]:
    attribute = task.ontology.attributes.get(path)
    return tuple(attribute.values) if attribute else ()


def _first_phrase(placed: Sequence[Placed], text: str) -> str:
    """The first unplaced word that may name something, and those that follow it directly."""
    content = set(content_of(unplaced(placed)))
    open_ = [p.place == "unplaced" and p.text in content for p in placed]
    first = last = open_.index(True)
    for n in range(first + 1, len(placed)):
        if not open_[n] or placed[n].start - placed[last].end > 1:
            break
        last = n
    return text[placed[first].start : placed[last].end]
