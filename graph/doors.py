"""What becomes of a turn's words: they go to a card that waits, or begin a turn at a door."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from graph.drafters.grammar.edit_ranks import says_rank
from graph.events import Reply
from graph.nodes.route import takes_calls
from graph.routes import Intent, Route, Waiting
from graph.state import Json

Door = Literal["draft", "move", "call", "talk"]
DOORS: tuple[Door, ...] = ("call", "move", "draft")
"""Where cards wait. Each door of a conversation has a checkpoint of its own, so that a question
asked meanwhile leaves a waiting card alone."""
MOVES: frozenset[Intent] = frozenset(
    ["promote", "roll_back", "pause", "resume", "retire", "waiting_words", "remember", "forget"]
)
CALLS: frozenset[Intent] = frozenset(["call", "call_change", "call_rest"])
ACTIONS: Mapping[str, frozenset[str]] = {
    "confirm": frozenset(["confirm", "change", "discard", "keep"]),
    "question": frozenset(["answer", "change", "discard", "keep"]),
    "promotion": frozenset(["confirm", "discard"]),
    "fact": frozenset(["answer", "discard"]),
    "word": frozenset(["confirm", "refuse", "discard"]),
}
"""What may be done with each kind of card."""
DONE_TO_DRAFTS: frozenset[Intent] = frozenset(
    ["keep", "discard", "as_scenario", "undo", "restart", "other"]
)
"""Words that say what is to be done, and are no answer."""
TO_CARDS: frozenset[Intent] = frozenset([*DONE_TO_DRAFTS, "agree", "decline"])
SPEAKING = frozenset(["answer", "change"])
DECIDED = "That card was decided already. Nothing was done twice."
NOTHING_WAITS = "No draft is waiting, so you can begin: state a rule."
BUSY = "A draft is waiting. Confirm it, discard it or say `keep it`, then go on with another."


@dataclass(frozen=True, slots=True)
class Pending:
    """A card that waits for a person."""

    door: Door
    interrupt_id: str
    card: Json
    shown: str = ""
    """When, in ISO form."""

    @property
    def payload(self) -> Json:
        return {**self.card, "interrupt_id": self.interrupt_id}

    @property
    def kind(self) -> Waiting:
        return self.card["kind"]


@dataclass(frozen=True, slots=True)
class ToCard:
    """The words decide a card that waits."""

    card: Pending
    action: str
    text: str


@dataclass(frozen=True, slots=True)
class Begin:
    """The words begin a turn of their own, through this door."""

    door: Door


def way(
    asked: Route, said: str, waiting: Sequence[Pending], roles: Collection[str]
) -> ToCard | Begin | Reply:
    """To the waiting card, where the words are for it; else a turn of their own.

    ``waiting`` are the conversation's cards in the order of ``DOORS``; ``roles`` those of who
    speaks. A reply says why neither can be.
    """
    call = next((w for w in waiting if w.door == "call"), None)
    draft = next((w for w in waiting if w.door == "draft"), None)
    word = next((w for w in waiting if w.kind == "word"), None)
    match asked.intent:
        case "remember" | "forget" | "no_because" if word is not None and _named(word, asked):
            action = "confirm" if asked.intent == "remember" else "refuse"
            return ToCard(word, action, asked.args.get("reason", ""))
        case "draft" | "keep" | "agree" | "decline" if call is not None:
            return ToCard(call, "answer", said)
        case intent if waiting and intent in TO_CARDS:
            text = "" if waiting[0].kind == "word" else said
            return ToCard(waiting[0], _spoken(intent, waiting[0]), text)
        case "draft" if takes_calls(roles):
            return Begin("call")
        case "call" if "again" in asked.args and call is None and not takes_calls(roles):
            return Reply(NOTHING_WAITS)
        case "draft":
            return _worded(draft, said) if draft is not None else Begin("draft")
        case "edit" | "same" | "go_on":
            if draft is not None and ("which" in asked.args or says_rank(said)):
                return _worded(draft, asked.args.get("rest", said).strip(" :,"))
            return Reply(BUSY) if draft is not None else Begin("draft")
        case intent:
            return Begin("move" if intent in MOVES else "call" if intent in CALLS else "talk")


def _worded(draft: Pending, text: str) -> ToCard:
    """Words for a draft: the answer to its question, or a change of it."""
    return ToCard(draft, "answer" if draft.kind == "question" else "change", text)


def _named(card: Pending, asked: Route) -> bool:
    """Whether the words are about the taught word on the card: they name it, or none."""
    named = asked.args.get("few", card.card["word"])
    return named.casefold() == str(card.card["word"]).casefold()


def _spoken(intent: Intent, card: Pending) -> str:
    """What a spoken `yes`, `no` or `keep it` does to a card; to a question they are answers."""
    if intent in DONE_TO_DRAFTS:
        return intent
    if card.kind in ("question", "fact"):
        return "answer"
    no = "refuse" if card.kind == "word" else "discard"
    return "confirm" if intent == "agree" else no


def refusal(card: Pending | None, action: str, text: str) -> str:
    """Why a button cannot be taken, in words; nothing where it can."""
    if card is None:
        return DECIDED
    if action not in ACTIONS[str(card.kind)]:
        return "That button does not fit what is waiting here. Reload the page, please."
    return "Say it in words, please." if action in SPEAKING and not text.strip() else ""
