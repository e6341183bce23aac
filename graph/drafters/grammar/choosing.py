"""Sentences about who may be chosen: `never assign contractors`, `only seniors`, `prefer …`.

Such a sentence is a verb (leave out, keep only, prefer), who is meant, and perhaps when. Who is
read in the words of the candidates and when in the words of the request, each by the reader
that reads every other rule: it is handed a smaller ontology and the phrase as a condition.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Literal

from data.ontology.model import Attribute, Decision, Ontology
from data.rulelang.ast import Condition, Measure, Narrow, Not, Prefer, Rule, RuleSet
from data.rulelang.grammar import called
from graph.drafters.base import Draft, Placed, Reading, Task
from graph.drafters.grammar.relations import CompareSaid, compared
from graph.drafters.grammar.titles import title_of

Kind = Literal["exclude", "require", "prefer"]
Read = Callable[[str, Task], Draft]
_EVERYONE = ("anybody", "anyone", "everybody", "everyone", "nobody", "people", "whoever")
FLAG = Decision(name="flagged", type="boolean", label="flagged")
"""Stands for the outcome while a phrase is read as a condition."""

_NEVER = (
    r"(?:never|do not|don'?t|must not|mustn'?t|may not|can ?not|can'?t|should not|shouldn'?t"
    r"|no longer|not)"
)
_GIVE = (
    r"(?:assign|give|pick|choose|select|use|take|consider|hand|send|route|get|receive|have"
    r"|work on|handle|be)"
)
_GIVEN = r"(?:assigned|given|picked|chosen|selected|used|taken|considered|eligible|candidates?)"
_OUT = (
    r"(?:remove|exclude|drop|skip|leave out|omit|ban|rule out|keep out|filter out|avoid"
    r"|disqualify|stop assigning|take out|throw out|get rid of)"
)
_ONLY = (
    r"(?:only|just|nobody but|no one but|no-one but|restrict (?:it |this )?to"
    r"|limit (?:it |this )?to|require)"
)
_LIKE = r"(?:prefer|favou?r|give priority to|preferably|ideally|start with|rather)"
_IT = r"(?:it|them|this|any|anything|issues?|work)"
_ARE = r"(?:are|is|should be|must be|to be|have to be|has to be)"
_AS = r"(?: (?P<when>.+))?"
_NEAR: tuple[tuple[Kind, str], ...] = (
    ("require", rf"{_NEVER} {_GIVE}(?: (?:it to )?any(?:body|one))? (?:but|except|other than) "),
    ("exclude", rf"{_NEVER} (?:be )?{_GIVE}n?(?:ed)?(?: {_IT})?(?: to)? "),
    ("exclude", rf"{_OUT} "),
    ("exclude", r"(?:no|nobody|no one|no-one|none of the) "),
    ("require", rf"(?:{_GIVE} )?{_ONLY}(?: {_GIVE}(?: {_IT})?(?: to)?)? "),
    ("prefer", rf"{_LIKE} "),
)
"""What stands right before who is meant, the surest first."""
_AROUND: tuple[tuple[Kind, str], ...] = (
    ("require", rf"^only (?P<who>.+?) (?:may|can|should|must) (?:be )?(?:{_GIVE}|{_GIVEN}){_AS}$"),
    ("exclude", rf"^(?P<who>.+?) (?:{_ARE} )?{_NEVER} (?:be )?(?:{_GIVEN}|{_GIVE}){_AS}$"),
    ("exclude", rf"^(?P<who>.+?) {_ARE} (?:left out|excluded|out|dropped|removed|skipped){_AS}$"),
    ("require", r"^(?P<what>.+?) (?:must|has to|have to|needs? to|should) be (?P<who>.+)$"),
    ("prefer", rf"^(?P<who>.+?)(?: (?:comes?|goes?|gets? it))? first{_AS}$"),
    ("prefer", rf"^(?P<who>.+?) (?:{_ARE}) preferred{_AS}$"),
)
"""What stands around who is meant."""
_MOST = (
    r"(?P<most>fewest|least|lowest|smallest|minimum|most|highest|biggest|largest|greatest|maximum"
    r"|earliest|oldest|latest|newest)"
)
_LOW = frozenset(["fewest", "least", "lowest", "smallest", "minimum", "earliest", "oldest"])
_WHOEVER = re.compile(
    r"^(?:(?:the |an? )?[\w-]+(?: [\w-]+)? )?(?:who(?:ever)? )?(?:has |have |with )?"
    rf"(?:the )?{_MOST} (?P<what>.+)$",
    re.IGNORECASE,
)
_GOES_FIRST = re.compile(
    r"^(?:assign|give|leave) (?:it |this )?to |(?: (?:goes first|gets it|first|takes it))$",
    re.IGNORECASE,
)
_FILLER = re.compile(
    r"^(?:please|also|and|so|now|then|ok(?:ay)?|we|you|i want (?:you )?to|we want to|want|should"
    r"|must|always|from now on|can you|could you|let'?s|make sure (?:to|that)?|to|the|issues?"
    r"|go(?:es)?|it|them|everything|anything|work|assign(?:ed)?|give|given|be)?[, ]*$",
    re.IGNORECASE,
)
_LEADING = re.compile(
    r"^(?P<when>(?:for|when|if|on|in|with|at|unless|once)\b[^,;]*),\s*(?P<rest>.+)$",
    re.IGNORECASE,
)
_JOINTS = "when|if|unless|for|on|in|at|to|with|where|whenever"
_JOINT = re.compile(rf"\s+(?=(?:{_JOINTS})\b)", re.IGNORECASE)
_WHEN_WORD = re.compile(
    r"^(?:(?:work )?on|whenever|when|if|for|in|at|to|with|where"
    r"|issues? (?=with|of|on|over|about))\s*",
    re.IGNORECASE,
)
_NOT = re.compile(
    r"^(?:any(?:body|one)|every(?:body|one)|people|those)?\s*(?:who (?:is|are) )?not\s+",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class _Phrase:
    """The sentence taken apart."""

    kind: Kind
    who: str
    when: str = ""
    """What is surely about the request."""
    subject: str = ""
    """Who must be so, where the sentence says it: the assignee, every engineer."""


def choosing(text: str, task: Task, read: Read) -> Draft | None:
    """A rule about candidates, a question about one, or ``None`` where the sentence is none."""
    decision = next((d for d in task.ontology.decisions.values() if d.type == "choice"), None)
    if decision is None:
        return None
    said = " ".join(text.split()).strip().rstrip(".!").strip()
    asked: Draft | None = None
    for phrase in _phrases(said):
        found = _Reader(task, decision, read).rule(phrase)
        if isinstance(found, Rule):
            return _drafted(text, found, task)
        asked = asked or found
    return asked


def _drafted(text: str, rule: Rule, task: Task) -> Draft:
    words = re.finditer(r"\S+", text)
    placed = tuple(Placed(m.start(), m.end(), m.group(), "then") for m in words)
    return Draft("drafted", "grammar", (Reading((*task.current, rule), placed),))


def _phrases(said: str) -> Iterator[_Phrase]:
    """Every way to take the sentence apart, the surest first."""
    when, rest = "", said
    if leading := _LEADING.match(said):
        when, rest = leading["when"], leading["rest"]
    for kind, pattern in _AROUND:
        if found := re.match(pattern, rest, re.IGNORECASE):
            parts = found.groupdict()
            if when and parts.get("when"):
                continue
            named = parts.get("what")
            yield _Phrase(kind, parts["who"], when or parts.get("when") or "", named or "")
    for kind, pattern in _NEAR:
        found = re.search(rf"(?:^|(?<=\s)){pattern}", rest, re.IGNORECASE)
        if found and _FILLER.match(rest[: found.start()].strip()):
            yield _Phrase(kind, rest[found.end() :].strip(), when)
    if re.search(rf"\b{_MOST}\b", rest, re.IGNORECASE):
        yield _Phrase("prefer", _GOES_FIRST.sub("", rest), when)


class _Reader:
    """Reads who and when of one sentence."""

    def __init__(self, task: Task, decision: Decision, read: Read) -> None:
        ontology = task.ontology
        self._task = task
        self._decision = decision
        self._read = read
        self._entity = ontology.candidates[decision.candidates or ""].entity
        own = {p: a for p, a in ontology.attributes.items() if a.entity == self._entity}
        flag = {FLAG.name: FLAG}
        self._own = replace(
            ontology, attributes=own, entities=(self._entity,), relations={}, candidates={},
            scopes=None, date=None, decisions=flag,
        )  # fmt: skip
        self._request = replace(ontology, decisions=flag)

    def rule(self, phrase: _Phrase) -> Rule | Draft | None:
        """The rule, what must be asked, or nothing where this is not what was said."""
        if phrase.subject and not self._means_everyone(phrase.subject):
            return None
        asked: Draft | None = None
        for who, when in [(phrase.who, phrase.when)] if phrase.when else _splits(phrase.who):
            frame = self._when(when) if when else Rule("", ())
            if frame is None:
                continue
            found = self._outcome(phrase.kind, who)
            if isinstance(found, Draft):
                asked = asked or found
            elif found is not None:
                return self._made(found, frame)
        return asked if self._speaks_of_candidates(phrase) else None

    def _made(self, outcome: Narrow | Prefer, frame: Rule) -> Rule:
        names = [d.name for d in self._task.ontology.decisions.values()
                 if d.candidates == self._decision.candidates]  # fmt: skip
        outcomes = tuple(replace(outcome, decision=name) for name in names)
        taken = {r.title for r in (*self._task.rule_set.rules, *self._task.current)}
        title = title_of(outcomes, frame.when, frame.scope, self._task.ontology, taken)
        return replace(frame, title=title, then=outcomes)

    def _outcome(self, kind: Kind, who: str) -> Narrow | Prefer | Draft | None:
        if kind == "prefer" and (measured := _WHOEVER.match(who)):
            attribute = self._measured(measured["what"])
            if attribute is not None:
                lowest = measured["most"].lower() in _LOW
                return Prefer(self._decision.name, Measure(attribute.path, lowest))
        condition = self._who(who)
        if condition is None or isinstance(condition, Draft):
            return condition
        if kind == "prefer":
            return Prefer(self._decision.name, condition)
        return Narrow(self._decision.name, condition, kind == "require")

    def _who(self, who: str) -> Condition | Draft | None:
        """Whom the words mean, or what must be asked about them."""
        said, negated = re.subn(
            r"^(?:anybody|anyone|everybody|everyone|people|those)?\s*(?:who (?:is|are) )?not\s+",
            "",
            who,
            flags=re.IGNORECASE,
        )
        relation = compared(said, self._entity, self._task.ontology)
        if isinstance(relation, CompareSaid):
            found: Condition | Draft | None = relation.condition
        else:
            them = rf"^(?:the )?(?:{self._entity}|{called(self._decision.candidates or '')})\b"
            found = self._condition(re.sub(them, "anybody", said, flags=re.IGNORECASE), self._own)
        if negated and found is not None and not isinstance(found, Draft):
            return Not(found)
        return found

    def _condition(self, phrase: str, ontology: Ontology) -> Condition | Draft | None:
        draft = self._flagged(phrase, ontology)
        if draft.status != "drafted":
            return draft
        return draft.readings[0].rules[0].when

    def _when(self, phrase: str) -> Rule | None:
        """A rule that says only where and when it holds; ``None`` where the words do not."""
        draft = self._flagged(_WHEN_WORD.sub("", phrase), self._request)
        if draft.status != "drafted" or len(draft.readings[0].rules) != 1:
            return None
        return draft.readings[0].rules[0]

    def _flagged(self, phrase: str, ontology: Ontology) -> Draft:
        word = "" if re.match(r"(?:if|unless)\b", phrase, re.IGNORECASE) else "If "
        task = replace(self._task, ontology=ontology, rule_set=RuleSet(), current=(), answers=())
        return self._read(f"{word}{phrase}, then flagged.", task)

    def _measured(self, what: str) -> Attribute | None:
        """The number or date of a candidate that the words name."""
        said = what.casefold()
        names = {
            name.casefold(): a
            for a in self._own.attributes.values()
            if a.type in ("integer", "decimal", "date", "time")
            for name in (a.label, *a.synonyms)
        }
        named = [n for n in names if re.fullmatch(rf"{re.escape(n)}(?: first)?", said)]
        return names[max(named, key=len)] if named else None

    def _means_everyone(self, subject: str) -> bool:
        """`the assignee`, `every engineer`: whoever is chosen."""
        decision = self._decision
        names = {
            decision.label,
            *decision.synonyms,
            self._entity,
            called(decision.candidates or ""),
        }
        bare = re.sub(r"^(?:the|every|each|all|any|an?)\s+", "", subject.casefold())
        return bare in {n.casefold() for n in (*names, *_EVERYONE)}

    def _speaks_of_candidates(self, phrase: _Phrase) -> bool:
        """Whether the words are surely about those who may be chosen."""
        known = {self._entity, called(self._decision.candidates or ""), *_EVERYONE}
        return bool(known & set(re.findall(r"\w+", phrase.who.casefold())))


def _splits(words: str) -> Iterator[tuple[str, str]]:
    """Who, and when: what is given to a kind of request first, then all of it who, then the
    longest who first, at last the other way round."""
    places = [m.start() for m in _JOINT.finditer(words)]
    for place in places:
        if re.match(r"\s+to\b", words[place:], re.IGNORECASE):
            yield words[:place].strip(), words[place:].strip()
    yield words, ""
    for place in reversed(places):
        yield words[:place].strip(), words[place:].strip()
    for place in places:
        yield _WHEN_WORD.sub("", words[place:].strip()), words[:place].strip()
