"""Explanations as plain JSON, for the command line and the decision API alike."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from app.answers import id_of, read_json
from data.ontology.nearest import did_you_mean
from data.ontology.values import json_value
from data.rulelang.analyse.smallest import WhyNot
from data.rulelang.analyse.why_not import why_not
from data.rulelang.explain import explain, explanation_json
from data.rulelang.request import Request, RequestError, nested, read_request
from data.rulelang.version import Version
from data.rulelang.wish import candidates_of, read_wish

Json = dict[str, Any]
MOST_WISHES = 10
"""``why_not`` of one call."""


def explained(version: Version, request: object, wishes: Sequence[str] = ()) -> Json:
    """Every decision of a request with what led to it; ``wishes`` are ``decision=value``.

    Raises :class:`RequestError` for no request, and for a wish that means nothing here.
    """
    read, own_id = read_request(version.ontology, request), id_of(request)
    told = {d: explanation_json(version, explain(version, read, d)) for d in version.plans}
    answered: Json = ({"id": own_id} if own_id else {}) | {"version": version.id, "outcomes": told}
    if wishes:
        answered["why_not"] = [_why_not(version, read, said) for said in wishes[:MOST_WISHES]]
    return answered


def explained_line(version: Version, line: str, wishes: Sequence[str]) -> Json:
    """As :func:`explained`, from text; what is wrong with the line is the answer to it."""
    try:
        return explained(version, read_json(line), wishes)
    except RequestError as error:
        return error.to_json()


def _why_not(version: Version, request: Request, said: str) -> Json:
    name, _, value = said.partition("=")
    if name not in version.plans:
        help = did_you_mean(name, version.plans)
        raise RequestError(
            "unknown-term", f"`{name}` is no decision", help or "write decision=value"
        )
    wish = read_wish(version, name, value, request)
    if wish is None:
        named = candidates_of(version, name, request)
        raise RequestError(
            "unknown-term",
            f"`{value}` is nothing that the rules give for `{name}`",
            did_you_mean(value, named) or "write a value, `left to staff` or `no rule`",
        )
    found = why_not(version, request, wish)
    told = {"decision": name, "wanted": json_value(wish.said)}
    return {**told, **_set_aside(found), **_change(found)}


def _set_aside(found: WhyNot) -> Json:
    """Of a candidate who was not chosen: who drops them, or which rule puts another first."""
    dropped = [a.rule for a in found.now.dropped if a.candidate == found.wish.said]
    behind = [a.rule for a in found.now.behind if a.candidate == found.wish.said]
    said = {"dropped_by": dropped} if dropped else {}
    return said | ({"behind_by": behind[0]} if behind else {})


def _change(found: WhyNot) -> Json:
    """``change`` is ``null`` where no facts give it; ``complete`` says whether that is proven.

    Of a choice, facts of the wished candidate stand in it under their entity. ``rows`` are those
    that a list would have more or lack, by relation.
    """
    complete = found.complete and not found.tests
    if found.change is None:
        return {"change": None, "complete": complete}
    change = found.change
    rows = {
        name: {
            "added": nested({}, {name: edit.added})[name],
            "removed": nested({}, {name: edit.removed})[name],
        }
        for name, edit in change.rows.items()
    }
    told = {"change": nested(change.facts), "complete": complete, "result": change.result.to_json()}
    return told | ({"rows": rows} if rows else {})
