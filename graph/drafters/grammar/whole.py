"""Whether words state a rule by themselves, or complete one that was begun."""

from __future__ import annotations

from graph.drafters.base import Task
from graph.drafters.grammar.account import content_of
from graph.drafters.grammar.lexicon import lexicon_of
from graph.drafters.grammar.message import Message, Sentence


def states_a_rule(text: str, task: Task) -> bool:
    """Whether a sentence says of somebody or something what is decided, known words or not."""
    message = Message(text, lexicon_of(task.ontology, task.code_sets, task.scope_rows))
    return any(_is_whole(message, s) for s in message.sentences)


def _is_whole(message: Message, sentence: Sentence) -> bool:
    main = [c for c in sentence.chunks if c.kind == "main"]
    others = [c for c in sentence.chunks if c.kind != "main"]
    decided = any(message.decides(c.start, c.end) for c in main)
    return decided and any(_says_whom(message, c.start, c.end) for c in others)


def _says_whom(message: Message, start: int, end: int) -> bool:
    """Whether a stretch holds a word that may name something and is no decision's."""
    decisions = {i for m in message.mentions if not m.ref.in_condition for i in m.tokens}
    words = [
        t.text
        for i, t in enumerate(message.tokens[start:end], start)
        if t.is_word and i not in decisions
    ]
    return any(not w.isdigit() for w in content_of(words)) and len(words) > 1


def names_a_fact(text: str, task: Task) -> bool:
    """Whether a sentence names a fact or a value of one: somebody or something it is about."""
    message = Message(text, lexicon_of(task.ontology, task.code_sets, task.scope_rows))
    return any(m.ref.in_condition for m in message.mentions)


def names_nothing(text: str, task: Task) -> bool:
    """Whether a sentence names no word of the organisation's, and no amount."""
    message = Message(text, lexicon_of(task.ontology, task.code_sets, task.scope_rows))
    return not message.mentions and not message.quants
