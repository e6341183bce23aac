"""Changes to the current draft, said in words: ``make it 45``, ``also for men``, ``call it X``.

The door: which change a message asks for, by how it begins, and the draft after it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from graph.drafters.base import Placed, Question, Reading, Task
from graph.drafters.grammar.atoms import Unclear
from graph.drafters.grammar.checks import refuse_foreign_codes
from graph.drafters.grammar.consistent import refuse_contradiction
from graph.drafters.grammar.edit_conditions import dropped, excepted, labels_of, narrowed, widened
from graph.drafters.grammar.edit_copies import copies
from graph.drafters.grammar.edit_parts import OPENER, Rules, parts_of
from graph.drafters.grammar.edit_ranks import ranked, says_rank
from graph.drafters.grammar.edit_titles import newly_titled, retitled, titled
from graph.drafters.grammar.edit_values import corrected, dated, set_value, turned
from graph.drafters.grammar.lexicon import Lexicon
from graph.drafters.grammar.reader import condition_of
from graph.drafters.grammar.words import tokenise
from graph.drafters.guard import CHANGED

_LEAD = (
    r"^(?:no|ok|okay|please|and|actually|sorry|hmm|yes|well|oh|but|then|"
    r"also please)?[\s,:-]*(?:please\s+)?"
)
_SAME = re.compile(_LEAD + r"(?:the\s+)?same\b", re.IGNORECASE)
"""What follows `but` is said of the copy alone, so such a change is not taken apart."""
_SAYS_AGAIN = re.compile(_LEAD + r"(?:it\s+)?(?:should\s+)?(?:only|just|not|except|unless)\b", re.I)
"""A part that demands something may demand what the rule demands already."""
_NUMBER = re.compile(r"(?<!\w)\d+(?:\.\d+)?(?!\w)")


def edited(text: str, task: Task, lexicon: Lexicon) -> Reading | None:
    """The current draft after the change; ``None`` where the message is no change but a rule.

    Raises :class:`Unclear` where it is a change but not clear of what.
    """
    won = ranked(text, task)
    if won is not None:
        return Reading(won, _account(text))
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
    return Reading(retitled(rules, task), _account(text))


def opens_change(text: str) -> bool:
    """Whether the words begin as a change of a draft does: ``make it …``, ``only for …``."""
    return bool(re.match(_LEAD + OPENER, text.strip(), re.IGNORECASE)) or says_rank(text)


def _not_a_change(part: str, task: Task) -> Question:
    """What the draft does not have or the words do not say."""
    text = f"What should change in the draft with `{part}`? Say that part in other words."
    return Question(text, labels_of(task), about="missing")


def _change(text: str, task: Task, lexicon: Lexicon) -> Rules | None:
    for pattern, change in _CHANGES:
        match = re.match(_LEAD + pattern + r"$", text, re.IGNORECASE)
        rules = change(match, task, lexicon) if match else None
        if rules is not None:
            return rules
    return None


def _copied(match: re.Match[str], task: Task, lexicon: Lexicon) -> Rules | None:
    """``same for South, but 20 minutes``: each rule once more, for another value of a fact."""
    rules = copies(condition_of(match["rest"], task, lexicon), task)
    for part in parts_of(match["but"] or ""):
        changed = _change(part, replace(task, current=rules), lexicon)
        if changed is None:
            raise Unclear(_not_a_change(part, task), (part,))
        rules = changed
    return (*task.current, *newly_titled(rules, task))


def _account(text: str) -> tuple[Placed, ...]:
    tokens = [t for t in tokenise(text) if t.is_word]
    return tuple(Placed(t.start, t.end, t.text, CHANGED) for t in tokens)


Change = Callable[[re.Match[str], Task, Lexicon], Rules | None]
_CHANGES: tuple[tuple[str, Change], ...] = (
    (r"(?:call|name|title)\s+(?:it|this|the rule)\s+(?P<rest>.+)", titled),
    (r"rename\s+(?:it|this|the rule)?\s*(?:to|as)?\s+(?P<rest>.+)", titled),
    (
        r"(?:remove|drop|delete|forget|take out|leave out|omit|strike|lose|get rid of|"
        r"without)\s+(?:the\s+)?(?:part|condition|bit)?\s*(?:about\s+|on\s+)?(?P<rest>.+"
        r"?)(?:\s+(?:part|condition|bit|requirement|limit|clause))?",
        dropped,
    ),
    (
        r"(?:it does(?:n't| not) matter|never mind|ignore)\s+(?:the\s+)?(?:whether\s+"
        r")?(?P<rest>.+)",
        dropped,
    ),
    (
        r"(?:(?:do|and|please)\s+)?(?:the\s+)?same\s+(?:rule\s+)?(?:too\s+)?(?:for|at|in|on|with|"
        r"goes for|holds for|applies to)\s+(?P<rest>.+?)(?:\s+(?:too|as well))?"
        r"(?:,?\s+but\s+(?:with\s+)?(?P<but>.+))?",
        _copied,
    ),
    (r"not\s+(?P<what>.+?),?\s+but\s+(?P<rest>.+)", set_value),
    (
        r"instead of\s+(?P<what>.+?)(?:,\s*|\s+)(?:it should be\s+|use\s+)?(?P<rest>\d.*)",
        set_value,
    ),
    (
        r"(?:and\s+|but\s+|also\s+)?(?:they|he|she)\s+(?:also\s+)?(?:must|should|"
        r"have to|has to|need to|needs to)\s+(?:also\s+)?(?P<rest>(?:not\s+)?(?:be|have)\s+.+)",
        narrowed,
    ),
    (
        r"(?:change|set|raise|lower|increase|reduce)\s+(?:the\s+)?(?P<what>.+?)\s+"
        r"to\s+(?P<rest>.+)",
        set_value,
    ),
    (
        r"(?:make|let)\s+(?:it|that|this|the rule)\s+(?:hold |apply |be )?(?:only|just)\s+"
        r"(?P<rest>(?:for|at|in|on|if|when|with|without)\s+.+)",
        narrowed,
    ),
    (
        r"(?:make|let)\s+(?P<what>it|that|this|the .+?)\s+(?:be\s+)?(?P<rest>(?:at least|"
        r"at most|over|under|more than|less than|exactly|up to|only\s+)?.+)",
        set_value,
    ),
    (r"the\s+(?P<what>.+?)\s+to\s+(?P<rest>\d.*)", set_value),
    (r"(?P<rest>.+?)\s+(?:instead of|rather than|not)\s+(?P<what>.+)", set_value),
    (
        r"(?:use|it should be|it's|should be|i mean|i meant|rather)\s+(?P<rest>.+?)(?:\s+"
        r"instead)?",
        set_value,
    ),
    (r"(?P<rest>(?:from|starting|effective|until|through|as of|between|beginning)\s+.+)", dated),
    (
        r"(?:also|and|include|add)\s+(?:for\s+|at\s+|in\s+|on\s+)?(?P<rest>.+?)(?:\s+(?:too|"
        r"as well|also))?",
        widened,
    ),
    (r"(?:for\s+|at\s+|in\s+)?(?P<rest>.+?)\s+(?:too|as well|also)", widened),
    (
        r"(?:but\s+)?(?:not|except|unless|excluding|other than|but not|except for|not if|"
        r"not when)\s+(?:for\s+|at\s+|in\s+|on\s+|if\s+|when\s+)?(?P<rest>.+)",
        excepted,
    ),
    (
        r"(?:(?:it\s+)?(?:should\s+)?(?:only|just)(?:\s+(?:apply|hold|holds|applies))?)\s+"
        r"(?P<rest>.+)",
        narrowed,
    ),
    (r"(?:limit|restrict|narrow)\s+(?:it|this|the rule)?\s*to\s+(?P<rest>.+)", narrowed),
    (r"(?P<rest>(?:if|when|for|at|in|with|without)\s+.+?)\s+only", narrowed),
    (r"(?P<rest>at\s+.+|in\s+.+)", narrowed),
    (r"(?:the opposite|the other way (?:a)?round|reverse it|turn it round)", turned),
    (r"(?P<rest>\d[\d.]*(?:\s*\w+)?)", set_value),
    (r"(?P<rest>.+?)\s+instead", set_value),
    (r"(?:the\s+)?(?P<what>.+?)\s+(?:is|should be|must be)\s+(?P<rest>.+)", set_value),
    (
        r"(?:i mean|i meant|rather|make that|that is|for)?\s*(?P<rest>\S+(?:\s+\S+){0,3})",
        corrected,
    ),
)  # fmt: skip
