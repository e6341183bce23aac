"""Taught words: who teaches one, which wait, and what an approver makes of each."""

from __future__ import annotations

from collections.abc import Sequence

from langchain_core.runnables import RunnableConfig
from langgraph.runtime import Runtime
from langgraph.types import interrupt

from data.access import may
from data.rulelang.version import Version
from data.store import (
    StoreError,
    TaughtWord,
    approve_word,
    propose_word,
    refuse_word,
    take_back_word,
    taught_words,
    withdraw_word,
)
from graph.context import Services
from graph.nodes.changes import names_of
from graph.state import Json, Turn, Update, heard
from graph.teaching import called, refusal, term_words, terms_meant
from graph.words import joined, value_words

NO_RULES = "There are no rules yet, and so no words."
ONLY_APPROVERS = "Only an approver may decide which words are remembered: ask one to."
NONE_WAIT = "No words wait for an approver."
OWN = "You taught it yourself: another approver decides."
LEFT = "Left as it is."
IS = {
    "waiting": "waits for an approver", "approved": "remembered", "refused": "not remembered",
    "withdrawn": "withdrawn",
}  # fmt: skip


def teach(state: Turn, runtime: Runtime[Services], config: RunnableConfig) -> Update:
    """Proposes a word that somebody explains outright."""
    services, who, args = runtime.context, state["who"], state["args"]
    version = services.staging(who["org_id"])
    if version is None:
        return _reply(NO_RULES)
    word, thing = args["few"].strip(" `"), args["means"].strip(" `")
    terms = terms_meant(version.ontology, thing.removeprefix("the ").removeprefix("a "))
    if len(terms) != 1:
        return _which(services, version, state, word, thing, terms)
    if wrong := refusal(version, word, terms[0]):
        return _reply(wrong)
    thread = str(config.get("configurable", {}).get("thread_id", "")).rpartition("/")[0]
    said = (word, terms[0], state["message"], thread, who["person_id"])
    with services.store.session() as session:
        refused = _refused_before(taught_words(session, who["org_id"]), word, terms[0])
        propose_word(session, who["org_id"], *said)
    means = term_words(version.ontology, terms[0])
    return _reply(f"Remember `{word}` as {means}? An approver decides.{refused}")


def _which(
    services: Services,
    version: Version,
    state: Turn,
    word: str,
    thing: str,
    terms: Sequence[str],
) -> Update:
    """What the word is to mean is the name of several things, or of none."""
    near = terms
    if not near:
        retriever = services.retriever(state["who"]["org_id"], version)
        kinds = ("attribute", "value", "decision", "scope")
        near = [f.id for f in retriever.retrieve(thing, 12) if f.kind in kinds][:4]
    names = joined([f"`{term_words(version.ontology, t)}`" for t in near], "or")
    meant = f" Do you mean {names}?" if near else ""
    what = "is the name of several things" if terms else "is no name of anything here"
    return _reply(f"`{thing}` {what}, so `{word}` cannot stand for it.{meant}")


def _refused_before(rows: Sequence[TaughtWord], word: str, term: str) -> str:
    row = called([r for r in rows if r.term == term], word, "refused")
    if row is None:
        return ""
    because = f": “{row.reason}”" if row.reason else ""
    return f" One said no before{because}."


def words(state: Turn, runtime: Runtime[Services]) -> Update:
    """The words that wait or were taught; for an approver, the next one to decide on a card."""
    services, who = runtime.context, state["who"]
    version = services.staging(who["org_id"])
    if version is None:
        return _reply(NO_RULES)
    with services.store.reading() as session:
        rows = taught_words(session, who["org_id"])
    match state["intent"]:
        case "remember":
            return _to_decide(services, version, state, rows)
        case "forget":
            return _to_forget(services, version, state, rows)
        case "taught_words":
            return _listed(services, version, rows, "No words were taught yet.")
        case _:
            return _next(services, version, state, rows)


def _next(services: Services, version: Version, state: Turn, rows: Sequence[TaughtWord]) -> Update:
    waiting = [r for r in reversed(rows) if r.status == "waiting"]
    mine = [r for r in waiting if r.by == state["who"]["person_id"]]
    others = [r for r in waiting if r not in mine]
    if not others or not may(state["who"]["roles"], "approve_synonym"):
        return _listed(services, version, waiting, NONE_WAIT)
    return _card(services, version, others[0], "remember", [r.word for r in (*others[1:], *mine)])


def _to_decide(
    services: Services, version: Version, state: Turn, rows: Sequence[TaughtWord]
) -> Update:
    word = str(state["args"]["few"])
    row = called(rows, word, "waiting")
    if row is None:
        return _reply(f"`{word}` does not wait. Say `show the words that wait` to see which do.")
    if row.by == state["who"]["person_id"]:
        return _reply(OWN)
    return _card(services, version, row, "remember")


def _to_forget(
    services: Services, version: Version, state: Turn, rows: Sequence[TaughtWord]
) -> Update:
    """One's own waiting word is taken back at once; all else is an approver's to decide."""
    word, who = str(state["args"]["few"]), state["who"]
    row = called(rows, word, "waiting", "approved")
    if row is None:
        return _reply(f"`{word}` was never taught, so there is nothing to forget.")
    if row.status == "waiting" and row.by == who["person_id"]:
        with services.store.session() as session:
            take_back_word(session, who["org_id"], row.id, who["person_id"])
        return _reply(f"`{row.word}` is taken back. Nobody is asked about it.")
    if not may(who["roles"], "approve_synonym"):
        return _reply(ONLY_APPROVERS)
    return _card(services, version, row, "remember" if row.status == "waiting" else "withdraw")


def _card(
    services: Services,
    version: Version,
    row: TaughtWord,
    action: str,
    others: Sequence[str] = (),
) -> Update:
    name = names_of(services, row.org_id, [row.by])[row.by]
    means = term_words(version.ontology, row.term)
    asks = f"Remember `{row.word}` as {means}?"
    if action == "withdraw":
        asks = f"Forget that `{row.word}` means {means}?"
    card: Json = {
        "kind": "word",
        "action": action,
        "id": row.id,
        "word": row.word,
        "means": means,
        "message": row.message,
        "by": name,
        "on": value_words(row.created.date()),
        "others": list(others),
        "summary": asks,
    }
    return {"card": card, "summary": asks}


def settle_word(state: Turn, runtime: Runtime[Services]) -> Update:
    """Waits for an approver's word, then remembers, refuses or withdraws once."""
    card = state["card"] or {}
    verdict: Json = interrupt(card)
    if not may(verdict["who"]["roles"], "approve_synonym"):
        return _over(verdict, ONLY_APPROVERS)
    try:
        return _over(verdict, _settled(runtime.context, card, verdict))
    except StoreError as gone:
        return _over(verdict, f"{str(gone)[:1].upper()}{str(gone)[1:]}.")


def _settled(services: Services, card: Json, verdict: Json) -> str:
    org_id, by = verdict["who"]["org_id"], verdict["who"]["person_id"]
    yes, withdraws = verdict["action"] == "confirm", card["action"] == "withdraw"
    word = str(card["word"])
    with services.store.session() as session:
        if yes and withdraws:
            withdraw_word(session, org_id, card["id"], by, lambda v: services.version(org_id, v))
            return f"Done. `{word}` means nothing any more."
        if verdict["action"] == "refuse" and not withdraws:
            refuse_word(session, org_id, card["id"], by, str(verdict["text"]).strip())
            return f"`{word}` is not remembered.{_more(card)}"
        if not yes:
            return LEFT
        if wrong := _clashes(services, org_id, card["id"]):
            return f"{wrong} It cannot be remembered: refuse it, or leave it."
        approve_word(session, org_id, card["id"], by, lambda v: services.version(org_id, v))
    return f"Done. From now on `{word}` means {card['means']}, for everybody here.{_more(card)}"


def _clashes(services: Services, org_id: str, word_id: str) -> str:
    """What changed since the word was proposed may have taken its name."""
    version = services.staging(org_id)
    with services.store.reading() as session:
        row = next((r for r in taught_words(session, org_id) if r.id == word_id), None)
    return refusal(version, row.word, row.term) if version is not None and row is not None else ""


def _more(card: Json) -> str:
    left = [f"`{w}`" for w in card["others"]]
    return f" {joined(left)} still wait{'s' if len(left) == 1 else ''}." if left else ""


def _listed(services: Services, version: Version, rows: Sequence[TaughtWord], none: str) -> Update:
    if not rows:
        return _reply(none)
    people = [p for r in rows for p in (r.by, r.settled_by) if p]
    names = names_of(services, rows[0].org_id, people)
    told: list[Json] = [
        {
            "word": r.word,
            "means": term_words(version.ontology, r.term),
            "is": IS[r.status],
            "by": names.get(r.settled_by or "", ""),
            "because": r.reason,
            "taught by": names[r.by],
            "on": value_words(r.created.date()),
            "in": r.message,
        }
        for r in rows
    ]
    count = "1 word" if len(rows) == 1 else f"{len(rows)} words"
    return {"reply": {"text": f"{count}:", "rows": told}, "summary": f"{count}."}


def _reply(text: str) -> Update:
    return {"reply": {"text": text}, "summary": text}


def _over(verdict: Json, text: str) -> Update:
    return {**heard(verdict), "card": None, **_reply(text)}
