"""What is shown of a draft: payloads of the pipeline made into card props and Markdown.

Pure functions; nothing here knows a browser or the chat library. Props are plain JSON and
hold only text to be shown as text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from app import wording

Payload = Mapping[str, Any]
Props = dict[str, Any]

MOST_BARS = 6
MOST_EXAMPLES = 4
MOST_CASES = 12
LONGEST_MOVE = 18
"""Characters of before and after together that fit beside a bar."""
LONGEST_TEXT = 4000
ELEMENTS = {
    "confirm": "DraftCard",
    "question": "QuestionCard",
    "promotion": "PromotionCard",
    "fact": "FactCard",
    "word": "WordCard",
}
NOT_LINKED = ("set aside", "sign:", "goes with", "unplaced")
"""Places that are no clause of the rule."""
KEYWORD = re.compile(r"^(scope|when|then|because|from|until|overrides|unless|and|or)\s+")
PAUSE = re.compile(r"[,;.:!?]")


def card_props(kind: str, interrupt_id: str, payload: Payload) -> Props:
    """Props of the card of a waiting interrupt, whatever its kind."""
    makers = {
        "confirm": draft_props,
        "question": question_props,
        "promotion": promotion_props,
        "fact": fact_props,
        "word": word_props,
    }
    return (
        makers[kind](payload)
        | {
            "kind": kind,
            "interrupt_id": interrupt_id,
            "draft_id": _text(payload.get("draft_id")),
            "alt": wording.CARD_ALT[kind],
            "words": dict(wording.CARD_WORDS),
        }
        | status_props("waiting")
    )


def status_props(status: str, outcome: str = "") -> Props:
    """The part of a card that says where it stands."""
    return {
        "status": status,
        "status_label": wording.STATUS[status],
        "outcome": outcome or wording.OUTCOME.get(status, ""),
        "open": status == "waiting",
    }


def card_text(props: Props) -> str:
    """The line that stands above a card, and is read where cards cannot be."""
    return str(props.get("summary") or props.get("text") or props["alt"])


# the draft


def draft_props(payload: Payload) -> Props:
    tests = _mapping(payload.get("tests"))
    placed = _rows(payload.get("placed"))
    rules = [_rule(r) for r in _rows(payload.get("rules"))]
    return {
        "summary": _text(payload.get("summary")),
        "rules": rules,
        "sentence": sentence(_text(payload.get("message")), placed),
        "places": places(placed, [r["text"] for r in rules]),
        "unplaced": _texts(payload.get("unplaced")),
        "unread": [_unread(u) for u in _rows(payload.get("unread"))],
        "impact": impact(_mapping(tests.get("history"))),
        "cases": [_case(c) for c in _rows(tests.get("generated"))[:MOST_CASES]],
        "scenarios": scenarios(_mapping(tests.get("scenarios"))),
        "beats": [_beat(b) for b in _rows(payload.get("beats"))],
        "findings": [finding(f) for f in _rows(payload.get("findings"))],
        "can_confirm": bool(payload.get("can_confirm")) and not payload.get("unplaced"),
        "blockers": _texts(payload.get("blockers")),
        "notices": _texts(payload.get("notices")),
        "hint": wording.CONFIRM_HINT,
    }


def _unread(unread: Payload) -> Props:
    return {key: _text(unread.get(key)) for key in ("text", "place", "reason")}


def _rule(rule: Payload) -> Props:
    change = _text(rule.get("change")) or "new"
    return {
        "title": _text(rule.get("title")),
        "change": change,
        "change_label": wording.CHANGE.get(change, change),
        "words": _texts(rule.get("words")),
        "text": _text(rule.get("text")),
        "before_text": _text(rule.get("before_text")),
    }


def places(placed: Sequence[Payload], texts: Sequence[str] = ()) -> list[Props]:
    """The clauses phrases went to, numbered in the order in which they are first said.

    ``texts`` are the rules of the draft: a place is shown as the clause it names there.
    """
    linked = dict.fromkeys(p for row in placed if _is_linked(p := _text(row.get("place"))))
    return [
        {"number": n, "place": place, "clause": clause_of(place, texts)}
        for n, place in enumerate(linked, start=1)
    ]


def _is_linked(place: str) -> bool:
    return bool(place) and not place.startswith(NOT_LINKED)


def clause_of(place: str, texts: Sequence[str]) -> str:
    """The clause of the rule that a place names, where there is exactly one; else its name."""
    name = place.partition(": ")[2] or place
    lines = [ln.strip() for text in texts for ln in text.splitlines()[1:]]
    clauses = [(ln.startswith("scope "), KEYWORD.sub("", ln)) for ln in lines]
    found = [c for _, c in clauses if name.casefold() in c.casefold()]
    if not found:
        level = name.split()[-1].casefold()
        found = [c for is_scope, c in clauses if is_scope and c.casefold().startswith(level)]
    return found[0] if len(found) == 1 else name


def sentence(message: str, placed: Sequence[Payload]) -> list[Props]:
    """The author's message in pieces: each with the number of its clause, 0 for none.

    Words are looked for in order; one that is not found where it should be is left plain.
    Words of one clause with nothing but small words between them are one piece.
    """
    numbers = {p["place"]: p["number"] for p in places(placed)}
    pieces: list[Props] = []
    at = 0
    for row in placed:
        phrase, place = _text(row.get("text")), _text(row.get("place"))
        start = message.find(phrase, at) if phrase else -1
        if start < 0:
            continue
        pieces += _plain(message[at:start])
        pieces.append({"text": phrase, "number": numbers.get(place, 0), "place": place})
        at = start + len(phrase)
    return _joined(pieces + _plain(message[at:]))


def _plain(text: str) -> list[Props]:
    return [{"text": text, "number": 0, "place": ""}] if text else []


def _joined(pieces: Sequence[Props]) -> list[Props]:
    out: list[Props] = []
    for piece in pieces:
        out.append(piece)
        last = _same_clause_before(out)
        if last is not None:
            whole = "".join(p["text"] for p in out[last:])
            out[last:] = [piece | {"text": whole}]
    return out


def _same_clause_before(pieces: Sequence[Props]) -> int | None:
    """Where the piece of the same clause stands that the last one goes on from, if it does."""
    number = pieces[-1]["number"]
    if not number:
        return None
    for at in range(len(pieces) - 2, -1, -1):
        if pieces[at]["number"] == number:
            return at
        if pieces[at]["number"] or PAUSE.search(pieces[at]["text"]):
            return None
        if pieces[at]["place"] == "unplaced":
            return None
    return None


def impact(history: Payload) -> Props:
    """Whom the draft changes, with the numbers the plot is drawn from."""
    run, changed = _count(history.get("run")), _count(history.get("changed"))
    moves = sorted(_rows(history.get("moves")), key=lambda m: -_count(m.get("count")))
    where = sorted(_rows(history.get("where")), key=lambda w: -_count(w.get("count")))
    return {
        "run": run,
        "changed": changed,
        "number": f"{changed:,}",
        "line": _impact_line(run, changed),
        "share": _share(changed, run),
        "moves": [_move(m, moves) for m in moves[:MOST_BARS]],
        "more_moves": max(0, len(moves) - MOST_BARS),
        "where": [_bar(_text(w.get("value")), w, where) for w in where[:MOST_BARS]],
        "examples": [_example(e) for e in _rows(history.get("examples"))[:MOST_EXAMPLES]],
        "seconds": _number(history.get("seconds")),
    }


def _impact_line(run: int, changed: int) -> str:
    if run == 0:
        return wording.NO_HISTORY
    return wording.impact(changed, run) if changed else wording.NOTHING_CHANGES


def _share(part: int, whole: int) -> str:
    if not part or not whole:
        return ""
    percent = 100 * part / whole
    return "under 0.1 %" if percent < 0.1 else f"{percent:.1f} %"


def _move(move: Payload, among: Sequence[Payload]) -> Props:
    before, after = shown(move.get("from")), shown(move.get("to"))
    bar = _bar(_text(move.get("decision")), move, among)
    return bar | {"from": before, "to": after, "long": len(before + after) > LONGEST_MOVE}


def _bar(label: str, row: Payload, among: Sequence[Payload]) -> Props:
    count = _count(row.get("count"))
    longest = max(_count(r.get("count")) for r in among) or 1
    return {
        "label": _spoken(label),
        "count": f"{count:,}",
        "width": round(max(1.5, 100 * count / longest), 1),
    }


def _example(example: Payload) -> Props:
    return {
        "words": _text(example.get("words")) or _text(example.get("id")),
        "decision": _spoken(_text(example.get("decision"))),
        "before": shown(example.get("before")),
        "after": shown(example.get("after")),
    }


def _case(case: Payload) -> Props:
    before, after = shown(case.get("before")), shown(case.get("after"))
    return {
        "words": _text(case.get("words")) or request_words(_mapping(case.get("given"))),
        "why": _text(case.get("why")),
        "before": before,
        "after": after,
        "changes": before != after,
    }


def scenarios(result: Payload) -> Props:
    run, kept = _count(result.get("run")), _count(result.get("kept"))
    changed = [
        {
            "name": _text(c.get("name")),
            "decision": _spoken(_text(c.get("decision"))),
            "before": shown(c.get("before")),
            "after": shown(c.get("after")),
        }
        for c in _rows(result.get("changed"))
    ]
    return {"line": wording.scenarios(run, kept), "run": run, "kept": kept, "changed": changed}


def _beat(beat: Payload) -> Props:
    return {key: _text(beat.get(key)) for key in ("rule", "beats", "because")}


def finding(found: Payload) -> Props:
    """A finding as a person reads it; its witness is told, never printed as data."""
    severity = _text(found.get("severity")) or "note"
    witness = _text(found.get("witness_words")) or request_words(_mapping(found.get("witness")))
    return {
        "severity": severity,
        "label": wording.SEVERITY.get(severity, severity),
        "message": _as_sentence(_text(found.get("message"))),
        "suggestion": _as_sentence(_text(found.get("suggestion"))),
        "witness": f"{wording.FOR_EXAMPLE}: {witness}." if witness else "",
    }


# questions and promotion


def question_props(payload: Payload) -> Props:
    return {
        "text": _text(payload.get("text")),
        "options": _texts(payload.get("options")),
        "unplaced": _texts(payload.get("unplaced")),
        "note": _text(payload.get("note")),
        "of_change": bool(payload.get("of_change")),
    }


def fact_props(payload: Payload) -> Props:
    """One question about an appointment, what was understood so far, and the answers there are."""
    listed = _texts(payload.get("options"))
    few = len(listed) <= int(payload.get("most_buttons") or 0)
    return {
        "text": _text(payload.get("text")),
        "understood": _texts(payload.get("understood")),
        "notice": _text(payload.get("notice")),
        "buttons": listed if few else [],
        "listed": [] if few else listed,
        "dont_know": _text(payload.get("dont_know")),
    }


def word_props(payload: Payload) -> Props:
    """A taught word that an approver decides on, or an approved one that is to go."""
    withdraws = _text(payload.get("action")) == "withdraw"
    others = _texts(payload.get("others"))
    return {
        "summary": _text(payload.get("summary")),
        "message": _text(payload.get("message")),
        "taught": wording.taught(_text(payload.get("by")), _text(payload.get("on"))),
        "others": wording.words_waiting(others),
        "yes": wording.CARD_WORDS["forget" if withdraws else "remember"],
        "can_refuse": not withdraws,
    }


def promotion_props(payload: Payload) -> Props:
    """A version that is to run somewhere else, and what that changes."""
    history = _mapping(_mapping(payload.get("tests")).get("history"))
    words = wording.CARD_WORDS
    action = _text(payload.get("action"))
    return {
        "summary": _text(payload.get("summary")),
        "short": short_version(_text(payload.get("version"))),
        "environment": _text(payload.get("environment")),
        "go": words["move"].get(action, words["move_other"]),
        "changes": [_difference(r, action) for r in _rows(payload.get("rules"))],
        "impact": impact(history) | {"groups": move_groups(history)},
        "can_confirm": bool(payload.get("can_confirm")),
        "blockers": _texts(payload.get("blockers")),
    }


def move_groups(history: Payload) -> list[Props]:
    """The moves of a replay by decision, the most moved first; bars share one scale."""
    moves = sorted(_rows(history.get("moves")), key=lambda m: -_count(m.get("count")))
    names = dict.fromkeys(_text(m.get("decision")) for m in moves)
    return [_group(n, [m for m in moves if _text(m.get("decision")) == n], moves) for n in names]


def _group(name: str, own: Sequence[Payload], moves: Sequence[Payload]) -> Props:
    return {
        "decision": _spoken(_text(own[0].get("label")) or name),
        "moves": [_move(m, moves) for m in own[:MOST_BARS]],
        "more": wording.more_moves(len(own) - MOST_BARS),
    }


def _difference(row: Payload, action: str) -> Props:
    """One rule of two versions that is not the same in both; who changed it, where known."""
    change = _text(row.get("change"))
    labels = wording.CHANGE_BACK if action == "roll_back" else wording.CHANGE
    author, message = _text(row.get("author")), _text(row.get("message"))
    return {
        "rule": _text(row.get("rule")),
        "change_label": labels.get(change, change.capitalize()),
        "by": wording.changed_by(author, message) if author else "",
        "before": _text(row.get("before")),
        "after": _text(row.get("after")),
    }


def short_version(version: str) -> str:
    """The first characters of a version's id, enough to tell it from others."""
    return version.removeprefix("sha256:")[:8]


def button_props(card_id: str, buttons: list[Props]) -> Props:
    """A row of buttons under an answer."""
    row = {"kind": "buttons", "card_id": card_id, "buttons": buttons}
    return row | {"words": dict(wording.CARD_WORDS)} | status_props("waiting")


# tables and words


def table_props(rows: Sequence[Payload], text: str) -> Props:
    """Rows as a table; folded away where ``text`` tells of every one of them already."""
    table = table_json(rows)
    cells: list[list[str]] = table["data"]
    return {
        "kind": "table",
        "columns": table["columns"],
        "rows": cells,
        "folded": all(row[0] in text for row in cells),
        "show_all": wording.show_all(len(cells)),
        "words": dict(wording.TABLE_WORDS),
    }


def table_json(rows: Sequence[Payload]) -> Props:
    """Columns and cells, in the form the chat's own viewer reads; a column with nothing is left
    out."""
    named = dict.fromkeys(c for row in rows for c in row)
    columns = [c for c in named if any(row.get(c) not in (None, "") for row in rows)]
    return {
        "columns": [_capital(_spoken(c)) for c in columns],
        "index": list(range(len(rows))),
        "data": [["" if row.get(c) is None else shown(row[c]) for c in columns] for row in rows],
    }


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def request_words(facts: Payload) -> str:
    """Nested facts as one phrase: ``patient age 52, wheelchair yes``."""
    return ", ".join(_facts(facts))


def _facts(facts: Payload) -> list[str]:
    out: list[str] = []
    for name, value in facts.items():
        if isinstance(value, Mapping):
            out += [f"{_spoken(name)} {fact}" for fact in _facts(_mapping(value))]
        elif isinstance(value, list) and any(isinstance(v, Mapping) for v in _items(value)):
            out.append(f"{len(_items(value))} {_spoken(name)}")
        else:
            out.append(f"{_spoken(name)} {shown(value)}")
    return out


def shown(value: Any) -> str:
    """A value as a person reads it."""
    match value:
        case None:
            return "nothing"
        case bool():
            return "yes" if value else "no"
        case list() | tuple():
            return ", ".join(shown(v) for v in _items(value)) or "nothing"
        case Mapping():
            return _result(_mapping(value))
        case _:
            return str(value)


def _result(result: Payload) -> str:
    """A decision's result, or the part of it that was given."""
    status = _text(result.get("status"))
    if "value" in result:
        return shown(result["value"])
    return _spoken(status) if status else request_words(result)


def _spoken(name: str) -> str:
    return name.replace("_", " ")


def _as_sentence(text: str) -> str:
    """A finding's text with a capital and a full stop, its quotes kept."""
    text = text.strip()
    if not text:
        return ""
    return _capital(text) + ("" if text[-1] in ".?!" else ".")


# payloads are plain JSON, but what is missing or odd must not break a card


def _text(value: Any) -> str:
    return "" if value is None else str(value)[:LONGEST_TEXT]


def _texts(value: Any) -> list[str]:
    return [_text(v) for v in _items(value)]


def _items(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else []  # pyright: ignore[reportUnknownArgumentType]


def _rows(value: Any) -> list[Payload]:
    return [v for v in _items(value) if isinstance(v, Mapping)]


def _mapping(value: Any) -> Payload:
    return value if isinstance(value, Mapping) else {}  # pyright: ignore[reportUnknownVariableType]


def _count(value: Any) -> int:
    return int(value) if isinstance(value, int | float) and not isinstance(value, bool) else 0


def _number(value: Any) -> float:
    return round(float(value), 2) if isinstance(value, int | float) else 0.0
