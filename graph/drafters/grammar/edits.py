"""Changes to the current draft, said in words: ``make it 45``, ``also for men``, ``call it X``."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from data.ontology import Value
from data.rulelang.ast import (
    And,
    Compare,
    CompareFacts,
    Condition,
    Count,
    Decide,
    Derived,
    Exists,
    Known,
    Not,
    Or,
    Rule,
    Scope,
    Since,
    all_of,
    any_of,
    conjuncts,
)
from graph.drafters.base import Placed, Question, Reading, Task
from graph.drafters.grammar.atoms import Unclear
from graph.drafters.grammar.checks import looks_like_code, nearest_codes, refuse_foreign_codes
from graph.drafters.grammar.consistent import refuse_contradiction
from graph.drafters.grammar.edit_numbers import set_number
from graph.drafters.grammar.edit_parts import OPENER, parts_of, refuse_rest
from graph.drafters.grammar.lexicon import Lexicon
from graph.drafters.grammar.logic import effective, negation, split_scope
from graph.drafters.grammar.message import mentions_in
from graph.drafters.grammar.quantities import find_quantities
from graph.drafters.grammar.reader import condition_of
from graph.drafters.grammar.titles import title_of
from graph.drafters.grammar.words import tokenise
from graph.drafters.guard import CHANGED

Rules = tuple[Rule, ...]
_LEAD = (
    r"^(?:no|ok|okay|please|and|actually|sorry|hmm|yes|well|oh|but|then|"
    r"also please)?[\s,:-]*(?:please\s+)?"
)


def edited(text: str, task: Task, lexicon: Lexicon) -> Reading | None:
    """The current draft after the change; ``None`` where the message is no change but a rule.

    Raises :class:`Unclear` where it is a change but not clear of what.
    """
    rules: Rules = task.current
    parts = (text,) if _SAME.match(text) else parts_of(text)
    changes = [_change(parts[0], task, lexicon)] if parts else []
    if not parts or (changes[0] is None and not any(opens_change(p) for p in parts)):
        return None
    for part in parts:
        changed = _change(part, replace(task, current=rules), lexicon)
        if changed is None:
            raise Unclear(_not_a_change(part, task), (part,))
        if changed == rules and not (_SAYS_AGAIN.match(part) or _NUMBER.search(part)):
            text = f"`{part}` leaves the rule as it is. What should change?"
            raise Unclear(Question(text, about="missing"))
        rules = changed
    if rules == task.current:
        raise Unclear(
            Question("That leaves the rule as it is. What should change?", about="missing")
        )
    for rule in rules:
        refuse_foreign_codes(rule, task.ontology, task.code_sets, task.scope_rows)
        if rule.when is not None:
            refuse_contradiction(rule.when)
    return Reading(_retitled(rules, task), _account(text))


def opens_change(text: str) -> bool:
    """Whether the words begin as a change of a draft does: ``make it …``, ``only for …``."""
    return bool(re.match(_LEAD + OPENER, text.strip(), re.IGNORECASE))


def _not_a_change(part: str, task: Task) -> Question:
    """What the draft does not have or the words do not say."""
    labels = tuple(
        dict.fromkeys(
            task.ontology.attributes[p].label for r in task.current for p in _attributes(r, task)
        )
    )
    text = f"What should change in the draft with `{part}`? Say that part in other words."
    return Question(text, labels, about="missing")


_SAYS_AGAIN = re.compile(_LEAD + r"(?:it\s+)?(?:should\s+)?(?:only|just|not|except|unless)\b", re.I)
"""A part that demands something may demand what the rule demands already."""
_NUMBER = re.compile(r"(?<!\w)\d+(?:\.\d+)?(?!\w)")


def _change(text: str, task: Task, lexicon: Lexicon) -> Rules | None:
    for pattern, change in _CHANGES:
        match = re.match(_LEAD + pattern + r"$", text, re.IGNORECASE)
        rules = change(match, task, lexicon) if match else None
        if rules is not None:
            return rules
    return None


_SAME = re.compile(_LEAD + r"(?:the\s+)?same\b", re.IGNORECASE)
"""What follows `but` is said of the copy alone, so such a change is not taken apart."""


def _copied(match: re.Match[str], task: Task, lexicon: Lexicon) -> Rules | None:
    """``same for South, but 20 minutes``: each rule once more, for another value of a fact."""
    other = condition_of(match["rest"], task, lexicon)
    copies = tuple(_elsewhere(r, other, task) for r in task.current)
    for part in parts_of(match["but"] or ""):
        changed = _change(part, replace(task, current=copies), lexicon)
        if changed is None:
            raise Unclear(_not_a_change(part, task), (part,))
        copies = changed
    taken = {r.title for r in (*task.rule_set.rules, *task.current)}
    named: list[Rule] = []
    for rule in copies:
        title = title_of(rule.then, rule.when, rule.scope, task.ontology, taken)
        taken.add(title)
        named.append(replace(rule, title=title))
    return (*task.current, *named)


def _elsewhere(rule: Rule, other: Condition, task: Task) -> Rule:
    """The rule with the one fact that the words are about exchanged."""
    if isinstance(other, Compare):
        values = other.value if isinstance(other.value, tuple) else (other.value,)
        scopes = task.ontology.scopes
        if rule.scope and scopes and scopes.path(rule.scope.level) == other.attribute:
            return replace(rule, scope=Scope(rule.scope.level, tuple(map(str, values))))
        when = _replaced(rule.when, other)
        if when is not None:
            return replace(rule, when=when)
    text = f"“{rule.title}” says nothing of that now. Say the new rule in full."
    raise Unclear(Question(text, about="missing"))


def _corrected(match: re.Match[str], task: Task, lexicon: Lexicon) -> Rules | None:
    """``no, men``, ``over 70``, ``P2``: another value of a fact or an outcome of the draft."""
    said = match["rest"]
    if any(m.ref.kind == "code" for m in mentions_in(said, lexicon)):
        return _set_value(match, task, lexicon)
    amounts = find_quantities(tokenise(said))
    if len(amounts) == 1 and amounts[0].kind == "number" and amounts[0].op != "eq":
        return set_number(amounts[0], said, "", task, lexicon)
    try:
        chosen = _set_choice(said, "", task, lexicon)
        if chosen is not None:
            return chosen
        condition = condition_of(said, task, lexicon)
    except Unclear:
        return None
    inside = {p for r in task.current for p in _attributes(r, task)}
    if not isinstance(condition, Compare) or condition.attribute not in inside:
        return None
    return tuple(_with(r, condition, lexicon) for r in task.current)


def _retitled(rules: Rules, task: Task) -> Rules:
    """A title made from the rule's words follows the change; one the author gave stays."""
    if len(rules) != len(task.current):
        return rules
    out: list[Rule] = []
    for before, after in zip(task.current, rules, strict=True):
        taken = {r.title for r in task.rule_set.rules} | {r.title for r in out}
        made = title_of(before.then, before.when, before.scope, task.ontology, ())
        own = before.title == after.title and re.sub(r" \(\d+\)$", "", before.title) == made
        if own and before.title not in {r.title for r in task.rule_set.rules}:
            after = replace(
                after, title=title_of(after.then, after.when, after.scope, task.ontology, taken)
            )
        out.append(after)
    return tuple(out)


def _account(text: str) -> tuple[Placed, ...]:
    tokens = [t for t in tokenise(text) if t.is_word]
    return tuple(Placed(t.start, t.end, t.text, CHANGED) for t in tokens)


def _titled(match: re.Match[str], task: Task, lexicon: Lexicon) -> Rules | None:
    title = match["rest"].strip().strip("\"“”'")
    taken = {r.title for r in task.rule_set.rules} - {r.title for r in task.current}
    if title in taken:
        raise Unclear(
            Question(
                f"There is a rule `{title}` already. What should this one be called?", about="value"
            )
        )
    if len(task.current) > 1:
        raise Unclear(
            Question(
                "Which of the rules should have that name?",
                tuple(r.title for r in task.current),
                about="reading",
            )
        )
    return tuple(replace(r, title=title) for r in task.current)


def _dropped(match: re.Match[str], task: Task, lexicon: Lexicon) -> Rules | None:
    paths = _paths(match["rest"], task, lexicon)
    named = (m for m in mentions_in(match["rest"], lexicon) if m.ref.path in paths)
    amounts = (q.tokens for q in find_quantities(tokenise(match["rest"])))
    used = frozenset(i for tokens in (*(m.tokens for m in named), *amounts) for i in tokens)
    refuse_rest(match["rest"], used, lexicon)
    changed = tuple(_without(r, paths, task) for r in task.current)
    if changed == task.current:
        raise Unclear(_which_part(match["rest"], task))
    return changed


def _which_part(words: str, task: Task) -> Question:
    labels = tuple(
        dict.fromkeys(
            task.ontology.attributes[p].label for r in task.current for p in _attributes(r, task)
        )
    )
    return Question(
        f"The draft says nothing about `{words.strip()}`. Which part do you mean?",
        labels,
        about="value",
    )


def _paths(words: str, task: Task, lexicon: Lexicon) -> frozenset[str]:
    """Attributes that words name, directly or by a value."""
    found = mentions_in(words, lexicon)
    inside = {p for r in task.current for p in _attributes(r, task)}
    paths = frozenset(m.ref.path for m in found if m.ref.in_condition) & inside
    if not paths:
        amounts = find_quantities(tokenise(words))
        numbers = {p for p in inside if task.ontology.attributes[p].type in ("integer", "decimal")}
        if (amounts or words.strip().lower() in ("age", "number", "limit")) and len(numbers) == 1:
            return frozenset(numbers)
        raise Unclear(_which_part(words, task))
    return paths


def _attributes(rule: Rule, task: Task) -> tuple[str, ...]:
    scopes = task.ontology.scopes
    scope = (scopes.path(rule.scope.level),) if rule.scope and scopes else ()
    return (*scope, *_in(rule.when))


def _in(condition: Condition | None) -> tuple[str, ...]:
    match condition:
        case None:
            return ()
        case Compare(path) | Known(path):
            return (path,)
        case CompareFacts(path, _, other):
            return (path, other)
        case Exists(rows) | Count(rows) | Since(rows):
            return (rows.relation,)
        case Derived(name):
            return (name,)
        case Not(part):
            return _in(part)
        case And(parts) | Or(parts):
            return tuple(p for part in parts for p in _in(part))


def _without(rule: Rule, paths: frozenset[str], task: Task) -> Rule:
    scopes = task.ontology.scopes
    in_scope = (
        rule.scope is not None and scopes is not None and scopes.path(rule.scope.level) in paths
    )
    return replace(rule, scope=None if in_scope else rule.scope, when=_pruned(rule.when, paths))


def _pruned(condition: Condition | None, paths: frozenset[str]) -> Condition | None:
    match condition:
        case None:
            return None
        case Compare(path) | Known(path):
            return None if path in paths else condition
        case CompareFacts() | Exists() | Count() | Since() | Derived():
            return None if paths.intersection(_in(condition)) else condition
        case Not(part):
            inner = _pruned(part, paths)
            return Not(inner) if inner is not None else None
        case And(parts) | Or(parts):
            kept = [k for p in parts if (k := _pruned(p, paths)) is not None]
            if not kept:
                return None
            return all_of(*kept) if isinstance(condition, And) else any_of(*kept)


def _narrowed(match: re.Match[str], task: Task, lexicon: Lexicon) -> Rules | None:
    condition = condition_of(match["rest"], task, lexicon)
    return tuple(_with(r, condition, lexicon) for r in task.current)


def _with(rule: Rule, condition: Condition, lexicon: Lexicon) -> Rule:
    """The rule under one more condition; a new value of a fact it asks for already takes its
    place.
    """
    scope, rest = split_scope(condition, lexicon)
    when = rule.when
    if rest is not None:
        for part in conjuncts(rest):
            replaced = _replaced(when, part)
            when = replaced if replaced is not None else all_of(*([when] if when else []), part)
    return replace(rule, when=when, scope=scope or rule.scope)


def _replaced(when: Condition | None, part: Condition) -> Condition | None:
    """``when`` with its one demand on the same fact exchanged; ``None`` where it has none."""
    if not isinstance(part, Compare) or when is None:
        return None
    parts = conjuncts(when)
    kind = _KINDS.get(part.op)
    same = [
        p
        for p in parts
        if isinstance(p, Compare) and p.attribute == part.attribute and _KINDS.get(p.op) == kind
    ]
    if len(same) != 1 or kind is None:
        return None
    return all_of(*(part if p is same[0] else p for p in parts))


_KINDS: dict[str, str] = {
    "is": "is", "is one of": "is", "is at least": "from", "is more than": "from",
    "is at most": "to", "is less than": "to",
}  # fmt: skip
"""Demands of which a rule has one for each fact; a new one takes the place of the old one."""


def _excepted(match: re.Match[str], task: Task, lexicon: Lexicon) -> Rules | None:
    condition = negation(condition_of(match["rest"], task, lexicon))
    return tuple(
        replace(r, when=all_of(*([r.when] if r.when else []), condition)) for r in task.current
    )


def _widened(match: re.Match[str], task: Task, lexicon: Lexicon) -> Rules | None:
    """``also for men``: one more value of a fact the draft asks for."""
    condition = condition_of(match["rest"], task, lexicon)
    if not isinstance(condition, Compare) or condition.op not in ("is", "is one of"):
        raise Unclear(
            Question(
                "Should that be one more condition, or another case in which the rule holds? "
                "Say the whole rule again.",
                about="reading",
            )
        )
    changed = tuple(_with_value(r, condition, task) for r in task.current)
    if changed == task.current:
        label = task.ontology.attributes[condition.attribute].label
        raise Unclear(
            Question(
                f"The rule holds for every {label} already. What should change?", about="reading"
            )
        )
    return changed


def _with_value(rule: Rule, more: Compare, task: Task) -> Rule:
    values = more.value if isinstance(more.value, tuple) else (more.value,)
    scopes = task.ontology.scopes
    if rule.scope and scopes and scopes.path(rule.scope.level) == more.attribute:
        joined = tuple(dict.fromkeys((*rule.scope.values, *map(str, values))))
        return replace(rule, scope=Scope(rule.scope.level, joined))
    return replace(rule, when=_joined(rule.when, more.attribute, values))


def _joined(condition: Condition | None, path: str, values: tuple[Value, ...]) -> Condition | None:
    match condition:
        case Compare(attribute, "is" | "is one of", value) if attribute == path and not isinstance(
            value, bool
        ):
            before = value if isinstance(value, tuple) else (value,)
            every = tuple(dict.fromkeys((*before, *values)))
            return Compare(path, "is one of", every) if len(every) > 1 else condition
        case And(parts):
            return all_of(*(j for p in parts if (j := _joined(p, path, values)) is not None))
        case Or(parts):
            return any_of(*(j for p in parts if (j := _joined(p, path, values)) is not None))
        case _:
            return condition


def _set_value(match: re.Match[str], task: Task, lexicon: Lexicon) -> Rules | None:
    """``make it 45``, ``change the age to 45``, ``use MM125 instead``."""
    words = match["rest"]
    tokens = tokenise(words)
    code = next((m for m in mentions_in(words, lexicon) if m.ref.kind == "code"), None)
    if code:
        refuse_rest(words, code.tokens, lexicon)
        return _set_code(str(code.ref.value), task)
    if any(looks_like_code(t.text) and any(c.isalpha() for c in t.text) for t in tokens):
        word = next(t.text for t in tokens if looks_like_code(t.text))
        raise Unclear(
            Question(
                f"`{word}` is not a code of any code set. Which code do you mean?",
                nearest_codes(word, task.code_sets),
                about="value",
            )
        )
    amounts = find_quantities(tokens)
    what = match.groupdict().get("what") or ""
    if len(amounts) == 1 and amounts[0].kind in ("number", "clock"):
        return set_number(amounts[0], words, what, task, lexicon)
    if len(amounts) > 1:
        text = (
            f"`{words.strip()}` holds several amounts. Say each change in a part of its own, for"
            " example `make it 45 and only for …`."
        )
        raise Unclear(Question(text, about="reading"))
    return _set_choice(words, what, task, lexicon)


def _set_code(code: str, task: Task) -> Rules:
    def changed(rule: Rule) -> Rule:
        then = tuple(
            Decide(o.decision, code)
            if isinstance(o, Decide) and task.ontology.decisions[o.decision].type == "code"
            else o
            for o in rule.then
        )
        return replace(rule, then=then)

    if (
        sum(
            isinstance(o, Decide) and task.ontology.decisions[o.decision].type == "code"
            for r in task.current
            for o in r.then
        )
        > 1
    ):
        raise Unclear(
            Question(
                "Which rule should have that code?",
                tuple(r.title for r in task.current),
                about="reading",
            )
        )
    return tuple(changed(r) for r in task.current)


def _set_choice(words: str, what: str, task: Task, lexicon: Lexicon) -> Rules | None:
    """``make it Thursday``: another value of a decision or of a fact the draft names."""
    found = mentions_in(words, lexicon)
    choices = [
        m
        for m in found
        if m.ref.kind == "choice"
        and any(o.decision == m.ref.path for r in task.current for o in r.then)
    ]
    facts = [
        m
        for m in found
        if m.ref.kind == "value" and any(m.ref.path in _attributes(r, task) for r in task.current)
    ]
    if len({(m.ref.path, m.ref.value) for m in (*choices, *facts)}) != 1:
        return None
    path = (*choices, *facts)[0].ref.path
    for said in (words, what):
        named = (m for m in mentions_in(said, lexicon) if m.ref.path == path)
        refuse_rest(said, frozenset(i for m in named for i in m.tokens), lexicon)
    if choices:
        ref = choices[0].ref
        return tuple(
            replace(
                r,
                then=tuple(
                    replace(o, value=ref.value)
                    if isinstance(o, Decide) and o.decision == ref.path
                    else o
                    for o in r.then
                ),
            )
            for r in task.current
        )
    part = Compare(facts[0].ref.path, "is", facts[0].ref.value)
    return tuple(_with(r, part, lexicon) for r in task.current)


def _dated(match: re.Match[str], task: Task, lexicon: Lexicon) -> Rules | None:
    amounts = [q for q in find_quantities(tokenise(match["rest"])) if q.kind == "date"]
    if not amounts:
        month = re.search(
            r"(?i)\b(january|february|march|april|may|june|july|august|september|october|november|december)\b",
            match["rest"],
        )
        if month:
            raise Unclear(
                Question(f"From which day and year do you mean: {month[0]}?", about="value")
            )
        return None
    start, until = effective(amounts)
    if start is None and until is None:
        return None
    used = frozenset(i for q in amounts for i in q.tokens)
    refuse_rest(
        re.sub(r"(?i)^(?:starting|effective|beginning)\b", _blank, match["rest"]), used, lexicon
    )
    return tuple(replace(r, start=start or r.start, until=until or r.until) for r in task.current)


def _blank(match: re.Match[str]) -> str:
    """As many blanks, so that places stay the same."""
    return " " * len(match[0])


def _turned(match: re.Match[str], task: Task, lexicon: Lexicon) -> Rules | None:
    def changed(rule: Rule) -> Rule:
        then = tuple(
            Decide(o.decision, not o.value)
            if isinstance(o, Decide) and isinstance(o.value, bool)
            else o
            for o in rule.then
        )
        return replace(rule, then=then)

    return tuple(changed(r) for r in task.current)


Change = Callable[[re.Match[str], Task, Lexicon], Rules | None]
_CHANGES: tuple[tuple[str, Change], ...] = (
    (r"(?:call|name|title)\s+(?:it|this|the rule)\s+(?P<rest>.+)", _titled),
    (r"rename\s+(?:it|this|the rule)?\s*(?:to|as)?\s+(?P<rest>.+)", _titled),
    (
        r"(?:remove|drop|delete|forget|take out|leave out|omit|strike|lose|get rid of|"
        r"without)\s+(?:the\s+)?(?:part|condition|bit)?\s*(?:about\s+|on\s+)?(?P<rest>.+"
        r"?)(?:\s+(?:part|condition|bit|requirement|limit|clause))?",
        _dropped,
    ),
    (
        r"(?:it does(?:n't| not) matter|never mind|ignore)\s+(?:the\s+)?(?:whether\s+"
        r")?(?P<rest>.+)",
        _dropped,
    ),
    (
        r"(?:(?:do|and|please)\s+)?(?:the\s+)?same\s+(?:rule\s+)?(?:too\s+)?(?:for|at|in|on|with|"
        r"goes for|holds for|applies to)\s+(?P<rest>.+?)(?:\s+(?:too|as well))?"
        r"(?:,?\s+but\s+(?:with\s+)?(?P<but>.+))?",
        _copied,
    ),
    (r"not\s+(?P<what>.+?),?\s+but\s+(?P<rest>.+)", _set_value),
    (
        r"instead of\s+(?P<what>.+?)(?:,\s*|\s+)(?:it should be\s+|use\s+)?(?P<rest>\d.*)",
        _set_value,
    ),
    (
        r"(?:and\s+|but\s+|also\s+)?(?:they|he|she)\s+(?:also\s+)?(?:must|should|"
        r"have to|has to|need to|needs to)\s+(?:also\s+)?(?P<rest>(?:not\s+)?(?:be|have)\s+.+)",
        _narrowed,
    ),
    (
        r"(?:change|set|raise|lower|increase|reduce)\s+(?:the\s+)?(?P<what>.+?)\s+"
        r"to\s+(?P<rest>.+)",
        _set_value,
    ),
    (
        r"(?:make|let)\s+(?P<what>it|that|this|the .+?)\s+(?:be\s+)?(?P<rest>(?:at least|"
        r"at most|over|under|more than|less than|exactly|up to|only\s+)?.+)",
        _set_value,
    ),
    (r"the\s+(?P<what>.+?)\s+to\s+(?P<rest>\d.*)", _set_value),
    (r"(?P<rest>.+?)\s+(?:instead of|rather than|not)\s+(?P<what>.+)", _set_value),
    (
        r"(?:use|it should be|it's|should be|i mean|i meant|rather)\s+(?P<rest>.+?)(?:\s+"
        r"instead)?",
        _set_value,
    ),
    (r"(?P<rest>(?:from|starting|effective|until|through|as of|between|beginning)\s+.+)", _dated),
    (
        r"(?:also|and|include|add)\s+(?:for\s+|at\s+|in\s+|on\s+)?(?P<rest>.+?)(?:\s+(?:too|"
        r"as well|also))?",
        _widened,
    ),
    (r"(?:for\s+|at\s+|in\s+)?(?P<rest>.+?)\s+(?:too|as well|also)", _widened),
    (
        r"(?:but\s+)?(?:not|except|unless|excluding|other than|but not|except for|not if|"
        r"not when)\s+(?:for\s+|at\s+|in\s+|on\s+|if\s+|when\s+)?(?P<rest>.+)",
        _excepted,
    ),
    (
        r"(?:(?:it\s+)?(?:should\s+)?(?:only|just)(?:\s+(?:apply|hold|holds|applies))?)\s+"
        r"(?P<rest>.+)",
        _narrowed,
    ),
    (r"(?:limit|restrict|narrow)\s+(?:it|this|the rule)?\s*to\s+(?P<rest>.+)", _narrowed),
    (r"(?P<rest>(?:if|when|for|at|in|with|without)\s+.+?)\s+only", _narrowed),
    (r"(?P<rest>at\s+.+|in\s+.+)", _narrowed),
    (r"(?:the opposite|the other way (?:a)?round|reverse it|turn it round)", _turned),
    (r"(?P<rest>\d[\d.]*(?:\s*\w+)?)", _set_value),
    (r"(?P<rest>.+?)\s+instead", _set_value),
    (r"(?:the\s+)?(?P<what>.+?)\s+(?:is|should be|must be)\s+(?P<rest>.+)", _set_value),
    (
        r"(?:i mean|i meant|rather|make that|that is|for)?\s*(?P<rest>\S+(?:\s+\S+){0,3})",
        _corrected,
    ),
)  # fmt: skip
