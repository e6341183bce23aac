"""Which words there are: from the ontology, the code sets and the table of places alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from data.rulelang.ast import RuleSet
from data.rulelang.version import Version, make_version
from graph.glossary import listed
from tests.graph.small import CODE_SETS, ONTOLOGY, SCOPE_ROWS
from tests.graph.talk import Talk, shipped, talking
from tests.graph.world import reply_of


def column(rows: list[dict[str, Any]] | None, name: str) -> list[str]:
    return [row[name] for row in rows or []]


async def test_every_clinic_is_listed_and_those_of_a_place_by_its_synonym(talk: Talk) -> None:
    every = reply_of(await talk.say("which clinics are there?"))
    pack = shipped("radiology")
    assert column(every.rows, "clinic id") == [r["id"] for r in pack.scope_rows]
    there = reply_of(await talk.say("which clinics are there in Texas?"))
    assert set(column(there.rows, "clinic id")) == {
        r["id"] for r in pack.scope_rows if r["state"] == "TX"
    }


async def test_values_codes_and_facts_are_listed_by_what_people_call_them(talk: Talk) -> None:
    families = reply_of(await talk.say("what families are there?"))
    assert "Northstar" in families.text and len(families.rows or []) == 7
    exams = reply_of(await talk.say("which exams are there with MRI?"))
    assert "MRI knee" in exams.text and "CT head" not in exams.text
    codes = reply_of(await talk.say("codes with ankle"))
    assert codes.rows and all("ankle" in r["title"].casefold() for r in codes.rows)
    here = reply_of(await talk.say("codes for ankle at Summit"))
    assert 0 < len(here.rows or []) < len(codes.rows)
    patient = reply_of(await talk.say("what can I say about the patient?"))
    assert "wheelchair assistance" in column(patient.rows, "fact")
    assert "medical record number" not in column(patient.rows, "fact")
    assert "procedure code" in column(
        reply_of(await talk.say("what can a rule decide?")).rows, "decision"
    )


async def test_a_question_about_words_leaves_a_waiting_question_alone(talk: Talk) -> None:
    asked = await talk.card("Women over 65 with a zorbly brain MRI get 15 extra minutes")
    assert reply_of(await talk.say("what modalities are there?")).rows
    assert await talk.assistant.pending(talk.thread) == asked.payload


async def test_what_nothing_is_called_is_said_plainly(talk: Talk) -> None:
    assert "Nothing here is called “zorps”" in await talk.reply("what zorps are there?")
    assert "no procedure codes with “zorp”" in await talk.reply("codes with zorp")


async def test_another_organisation_has_other_words(tmp_path: Path) -> None:
    async with talking("issues", tmp_path) as talk:
        assert "payments, platform, web, mobile and data" in await talk.reply(
            "what teams are there?"
        )
        engineers = reply_of(await talk.say("what can I say about the engineers?"))
        assert "open issues" in column(engineers.rows, "fact")
        assert "full name" not in column(engineers.rows, "fact")


@pytest.fixture(scope="module")
def version() -> Version:
    return make_version(ONTOLOGY, CODE_SETS, SCOPE_ROWS, RuleSet())


def test_no_list_says_anything_identifying(version: Version) -> None:
    for thing in ("", "patient", "patient name", "facts", "name"):
        found = listed(version, thing)
        assert found is None or all("patient name" not in str(r) for r in found.rows)


def test_a_fact_without_values_says_what_it_holds(version: Version) -> None:
    (row,) = getattr(listed(version, "age"), "rows", ())
    assert row["is"] == "a whole number of years, 0 to 120"
