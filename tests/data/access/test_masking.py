"""Nothing identifying gets through, and what a rule is about does."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from data.access import candidate_keys, mask, mask_facts, ontology_words, pseudonym
from data.ontology.model import Attribute, Candidates, Code, CodeSet, Ontology, Relation
from data.packs.load import load_pack

CASES: dict[str, Any] = yaml.load(
    (Path(__file__).parent / "messages.yaml").read_text(), yaml.BaseLoader
)
WORDS = frozenset(CASES["words"])
MESSAGES: list[dict[str, Any]] = CASES["messages"]
TEXTS = [m["text"] for m in MESSAGES]


def test_there_are_a_hundred_messages() -> None:
    assert len({m["text"] for m in MESSAGES}) == len(MESSAGES) >= 100
    assert all(part in m["text"] for m in MESSAGES for part in (*m["hide"], *m["keep"]))


@pytest.mark.parametrize("message", MESSAGES, ids=TEXTS)
def test_what_identifies_is_gone_and_the_rest_is_there(message: dict[str, Any]) -> None:
    masked = mask(message["text"], keep=WORDS)
    assert [part for part in message["hide"] if part in masked] == []
    assert [part for part in message["keep"] if part not in masked] == []


@pytest.mark.parametrize("text", CASES["untouched"])
def test_what_names_nobody_comes_back_as_it_is(text: str) -> None:
    assert mask(text, keep=WORDS) == text


@pytest.mark.parametrize("text", [*TEXTS, *CASES["untouched"]])
def test_masking_twice_is_masking_once(text: str) -> None:
    once = mask(text, keep=WORDS)
    assert mask(once, keep=WORDS) == once


@pytest.mark.parametrize("message", MESSAGES, ids=TEXTS)
def test_identifying_words_go_without_the_organisations_words_too(message: dict[str, Any]) -> None:
    masked = mask(message["text"])
    assert [part for part in message["hide"] if part in masked] == []


@given(st.text(max_size=200))
def test_any_text_can_be_masked(text: str) -> None:
    once = mask(text, keep=WORDS)
    assert mask(once, keep=WORDS) == once


NAMES = ["Maria Lopez", "John Smith", "Aisha Khan", "Hans Müller", "Sofia O'Hara"]
BEFORE = ["patient {}", "Mrs. {}", "for {}", "why did {} get MM123?", "{} needs a wheelchair"]


CASINGS = [str, str.upper, str.lower]


@given(st.sampled_from(BEFORE), st.sampled_from(NAMES), st.sampled_from(CASINGS))
def test_a_name_is_found_however_it_is_written(before: str, name: str, case: Any) -> None:
    masked = mask(case(before.format(name)), keep=WORDS).lower()
    assert all(word not in masked for word in name.lower().split())


@given(st.from_regex(r"[2-9]\d{2}[-. ]\d{3}[-. ]\d{4}", fullmatch=True))
def test_every_phone_number_of_a_shape_is_found(number: str) -> None:
    assert mask(f"call {number} before noon") == "call [phone] before noon"


@given(st.dates(min_value=date(1920, 1, 1)))
def test_every_birth_date_is_found(day: Any) -> None:
    for shape in ("%Y-%m-%d", "%m/%d/%Y", "%d.%m.%Y", "%d %B %Y", "%B %d, %Y"):
        assert mask(f"born {day.strftime(shape)}, age 52") == "born [date of birth], age 52"


@given(st.integers(0, 120), st.integers(2020, 2040), st.integers(1, 12))
def test_ages_and_effective_dates_stay(age: int, year: int, month: int) -> None:
    text = f"at least {age} years old, from {year}-{month:02}-01 until {year + 1}-{month:02}-28"
    assert mask(text) == text


def test_what_is_known_of_the_person_goes_wherever_it_stands() -> None:
    text = "Kestrel wants the 3 pm slot; tell kestrel's mother, file K-7"
    assert mask(text, known=["Wren Kestrel", "K-7"]) == (
        "[name] wants the 3 pm slot; tell [name]'s mother, file [record number]"
    )


def test_a_known_name_that_is_a_word_too_hides_only_the_name() -> None:
    text = "will Will Smith walk? smith will not"
    assert mask(text, known=["Will Smith"]) == "will [name] walk? [name] will not"


def test_the_codes_of_an_organisation_are_never_numbers_of_a_person() -> None:
    text = "use 84412071 for Adele exams"
    assert mask(text, keep=["84412071", "Adele exams"]) == text


@pytest.mark.parametrize("name", ["radiology"])
def test_a_packs_own_words_and_examples_stay(name: str) -> None:
    pack = load_pack(name)
    keep = ontology_words(pack.ontology, pack.code_sets, pack.scope_rows)
    changed = [e.sentence for e in pack.examples if mask(e.sentence, keep=keep) != e.sentence]
    assert changed == []
    words = [
        w for w in keep if mask(f"the exam is {w} there", keep=keep) != f"the exam is {w} there"
    ]
    assert words == []


ONTOLOGY = Ontology(
    "small", "Small", None, ("patient", "visit"),
    {
        a.path: a
        for a in (
            Attribute("patient.age", "integer", "age"),
            Attribute("patient.name", "text", "name", sensitive="identifying"),
            Attribute("visit.exam", "text", "exam"),
            Attribute("visit.phone", "text", "phone", sensitive="identifying"),
        )
    },
    {"prior_visits": Relation("prior_visits", "patient", "visit", "prior visit")}, None, {},
)  # fmt: skip


def test_sensitive_facts_and_unknown_ones_are_dropped_at_every_depth() -> None:
    facts = {
        "patient": {"age": 52, "name": "Maria Lopez", "nickname": "Mia"},
        "prior_visits": [{"exam": "x", "phone": "555"}, {"exam": "y"}, "Maria"],
        "diary": {"entry": "Maria was here"},
        "id": "MRN 123456",
    }
    assert mask_facts(ONTOLOGY, facts) == {
        "patient": {"age": 52},
        "prior_visits": [{"exam": "x"}, {"exam": "y"}, None],
    }


def test_the_words_of_an_organisation_are_all_its_labels_values_and_codes() -> None:
    codes = {"North": CodeSet("North", {"AB1": Code("AB1", "First exam", ("WA",), "first")})}
    found = ontology_words(ONTOLOGY, codes, [{"id": "north-1"}])
    assert {"age", "exam", "prior visit", "AB1", "First exam", "WA", "first", "north-1"} <= found
    assert "" not in found


def test_a_pseudonym_is_stable_and_leads_nowhere_without_the_secret() -> None:
    one, other = "a secret of the installation", "another secret of another"
    assert pseudonym(one, "ann") == pseudonym(one.encode(), "ann")
    assert len({pseudonym(s, p) for s in (one, other) for p in ("ann", "ann1")}) == 4
    assert "ann" not in pseudonym(one, "ann")
    with pytest.raises(ValueError, match="at least 16"):
        pseudonym("short", "ann")


@pytest.mark.parametrize("sensitive", [None, "identifying"])
def test_what_candidates_are_called_is_kept_unless_it_is_sensitive(sensitive: Any) -> None:
    login = Attribute("engineer.login", "text", "login", sensitive=sensitive)
    words = Ontology(
        "o", "o", None, ("engineer",), {login.path: login}, {}, None, {},
        candidates={"engineers": Candidates("engineers", "engineer", "login")},
    )  # fmt: skip
    rows = [{"login": "alice-moreau"}, {"login": None}, {}]
    keys = candidate_keys(words, {"engineers": rows, "others": [{"login": "maria-lopez"}]})
    assert keys == (frozenset() if sensitive else {"alice-moreau"})
    said = "why not alice-moreau, maria-lopez, Alice Moreau or alice"
    kept = "[name]" if sensitive else "alice-moreau"
    assert mask(said, keep=keys) == f"why not {kept}, [name], [name] or [name]"
    assert candidate_keys(words, {"engineers": "alice-moreau"}) == frozenset()
