"""A request is typed whole, or refused with what to try."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from datetime import date, time
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from data.ontology import Attribute, Value
from data.ontology.values import BadValue, converter, unchanged
from data.packs import load_pack
from data.rulelang.request import Request, RequestError, nested, read_request

HERE = Path(__file__).parent
TINY = load_pack(HERE.parent / "packs" / "tiny").ontology
BAD = yaml.load((HERE / "bad_requests.yaml").read_text(), yaml.BaseLoader)


@pytest.mark.parametrize("case", BAD, ids=[c["request"] for c in BAD])
def test_a_bad_request_is_refused_with_what_to_try(case: dict[str, str]) -> None:
    with pytest.raises(RequestError) as refused:
        read_request(TINY, json.loads(case["request"]))
    error = refused.value
    assert error.code == case["code"]
    assert case["message"] in error.message
    assert case["help"] in error.help
    assert error.to_json() == {
        "error": {"code": error.code, "message": error.message, "help": error.help}
    }
    assert "silent" not in case or case["silent"] not in error.message + error.help
    json.dumps(error.to_json(), ensure_ascii=False).encode()


@pytest.mark.parametrize(
    ("written", "read"),
    [("book", "book"), ("BOOK", "book"), ("Novel", "book"), (" paper back", None), ("no", "NO"),
     ("TEN", "0010"), ("0010", "0010"), ("12:30", "12:30"), ("large  print", None)],
)  # fmt: skip
def test_an_enum_is_taken_by_value_or_synonym_whatever_its_case(
    written: str, read: str | None
) -> None:
    request = {"loan": {"kind": written}}
    if read is None:
        with pytest.raises(RequestError):
            read_request(TINY, request)
    else:
        assert read_request(TINY, request).given == {"loan.kind": read}


def test_what_is_absent_or_null_is_unknown() -> None:
    request: dict[str, Any] = {
        "reader": {"age": None}, "loan": None, "branch": {}, "past_loans": None,
    }  # fmt: skip
    assert read_request(TINY, request) == Request({}, {})


def test_an_empty_list_is_none_not_unknown() -> None:
    assert read_request(TINY, {"past_loans": []}) == Request({}, {"past_loans": ()})
    assert read_request(TINY, {"loan": {"tags": []}}).given == {"loan.tags": frozenset()}


def test_a_request_may_carry_an_id_of_its_own() -> None:
    assert read_request(TINY, {"id": ["any", 1], "reader": {"age": 7}}).given == {"reader.age": 7}


def test_a_whole_float_is_a_whole_number() -> None:
    age = read_request(TINY, {"reader": {"age": 52.0}}).given["reader.age"]
    assert (age, type(age)) == (52, int)


def test_a_decimal_is_exact() -> None:
    assert read_request(TINY, {"reader": {"score": 1.1}}).given == {"reader.score": Decimal("1.1")}


def test_a_default_is_not_filled_in_here() -> None:
    assert "reader.member" not in read_request(TINY, {"reader": {"age": 7}}).given


def test_rows_are_kept_apart_from_facts() -> None:
    request = read_request(
        TINY, {"past_loans": [{"day": "2026-01-31"}, {}], "clerks": [{"login": "ann"}]}
    )
    assert request.given == {}
    assert request.rows == {
        "past_loans": ({"past.day": date(2026, 1, 31)}, {}),
        "clerks": ({"clerk.login": "ann"},),
    }


def values_of(attribute: Attribute) -> st.SearchStrategy[Value]:
    low, high = attribute.min, attribute.max
    match attribute.type:
        case "boolean":
            return st.booleans()
        case "integer":
            return st.integers(
                None if low is None else math.ceil(low), None if high is None else math.floor(high)
            ).filter(lambda n: abs(n) <= 10**18)
        case "decimal":
            return st.decimals(low, high, allow_nan=False, allow_infinity=False, places=3)
        case "enum":
            return st.sampled_from(list(attribute.values))
        case "date":
            return st.dates()
        case "time":
            return st.times().map(lambda t: t.replace(microsecond=0))
        case "set":
            items = st.sampled_from(list(attribute.values)) if attribute.values else texts()
            return st.frozensets(items)
        case _:
            return texts()


def texts() -> st.SearchStrategy[str]:
    return st.text(st.characters(codec="utf-8"))


def anything() -> st.SearchStrategy[object]:
    numbers = st.integers(-2, 122) | st.integers(-2, 122).map(float) | st.decimals(places=1)
    words = st.sampled_from([v for a in TINY.attributes.values() for v in a.values] + ["Ten", "x"])
    one = st.booleans() | numbers | st.floats() | words | st.dates().map(str) | texts()
    return one | st.lists(one, max_size=2) | st.dictionaries(texts(), one, max_size=1)


FACTS = [a for a in TINY.attributes.values() if a.entity in ("reader", "loan", "branch")]


@example(TINY.attributes["reader.age"], Decimal("sNaN"))
@given(st.sampled_from(FACTS), anything())
def test_a_fact_is_what_its_converter_makes_of_the_value(attribute: Attribute, value: Any) -> None:
    request = {attribute.entity: {attribute.name: value}}
    try:
        meant = converter(attribute)(value)
    except BadValue as bad:
        with pytest.raises(RequestError) as refused:
            read_request(TINY, request)
        told = refused.value
        assert (told.code, told.message, told.help) == (bad.code, bad.message, bad.help)
        assert told.path == (attribute.entity, attribute.name)
    else:
        found = read_request(TINY, request).given[attribute.path]
        assert (found, type(found)) == (meant, type(meant))


@pytest.mark.parametrize("attribute", TINY.attributes.values(), ids=lambda a: a.path)
def test_values_taken_as_they_are_are_what_the_converter_gives(attribute: Attribute) -> None:
    kind, values = unchanged(attribute)
    convert = converter(attribute)
    for value, taken in values.items():
        meant = convert(value)
        assert (taken, type(taken)) == (meant, kind)


def facts_of(*entities: str) -> st.SearchStrategy[dict[str, Value]]:
    attributes = [a for a in TINY.attributes.values() if a.entity in entities]
    return st.fixed_dictionaries({}, optional={a.path: values_of(a) for a in attributes})


@given(
    facts=facts_of("reader", "loan", "branch"),
    loans=st.lists(facts_of("past"), max_size=3),
    clerks=st.lists(texts(), unique=True, max_size=3),
)
def test_nested_facts_read_back_as_they_were(
    facts: Mapping[str, Value], loans: list[dict[str, Value]], clerks: list[str]
) -> None:
    rows = {"past_loans": tuple(loans), "clerks": tuple({"clerk.login": c} for c in clerks)}
    plain = json.loads(json.dumps(nested(facts, rows)))
    assert read_request(TINY, plain) == Request(facts, rows)


@given(st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(["reader", "loan", "past_loans", "clerks", "age", "kind", "tags", "x"]),
        inner, max_size=4,
    ),
    max_leaves=12,
))  # fmt: skip
def test_whatever_comes_in_is_read_or_refused_never_a_crash(anything: object) -> None:
    try:
        read_request(TINY, anything)
    except RequestError as error:
        assert error.message
        assert error.help
        json.dumps(error.to_json()).encode()


def test_two_ontologies_are_never_mixed_up() -> None:
    other = load_pack(HERE.parent / "packs" / "tiny").ontology
    assert other is not TINY
    for ontology in (TINY, other, TINY):
        assert read_request(ontology, {"reader": {"age": 1}}).given == {"reader.age": 1}


def test_times_are_written_with_seconds_only_where_there_are_any() -> None:
    assert nested({"loan.opened": time(12, 30)}) == {"loan": {"opened": "12:30"}}
    assert nested({"loan.opened": time(12, 30, 5)}) == {"loan": {"opened": "12:30:05"}}
