"""A small organisation for tests of the index and the pipeline, made in code."""

from __future__ import annotations

from data.ontology.model import (
    Attribute,
    Code,
    CodeSet,
    Decision,
    Ontology,
    Scopes,
)
from data.rulelang.ast import And, Compare, Decide, Include, Rule, RuleSet, Scope

EXAMS = {
    "screening mammogram": ("screening mammo", "routine mammogram"),
    "diagnostic mammogram": ("diagnostic mammo",),
    "chest x-ray": ("chest xray", "cxr"),
    "brain mri": ("head mri",),
}

ATTRIBUTES = (
    Attribute("patient.age", "integer", "patient age", ("age", "years old"), unit="years",
              min=0, max=120),
    Attribute("patient.sex", "enum", "patient sex", ("gender",),
              values={"female": ("woman", "women"), "male": ("man", "men")}),
    Attribute("patient.wheelchair", "boolean", "wheelchair assistance",
              ("wheelchair", "w/c", "needs a wheelchair")),
    Attribute("patient.name", "text", "patient name", sensitive="identifying"),
    Attribute("request.exam", "enum", "exam", ("examination", "procedure"), values=EXAMS),
    Attribute("request.date", "date", "appointment date", ("date of visit",)),
    Attribute("clinic.id", "text", "clinic", ()),
    Attribute("clinic.family", "enum", "clinic family", ("family", "clinic group"),
              values={"Northstar": ("north star",), "Lakeside": ()}),
    Attribute("clinic.state", "enum", "state", (), values={"TX": ("texas",), "OH": ("ohio",)}),
)  # fmt: skip

ONTOLOGY = Ontology(
    name="small",
    title="Small clinic network",
    date="request.date",
    entities=("patient", "request", "clinic"),
    attributes={a.path: a for a in ATTRIBUTES},
    relations={},
    scopes=Scopes("clinic", ("state", "family", "id")),
    decisions={
        d.name: d
        for d in (
            Decision("procedure_code", "code", "procedure code", synonyms=("code",),
                     code_set="clinic.family", modifiers=("WA", "BI"), required=True,
                     gap_by="request.exam"),
            Decision("instructions", "text", "instructions", hit="collect"),
        )
    },
)  # fmt: skip


def _codes(name: str) -> CodeSet:
    rows = (
        Code("MM123", "Screening mammogram", ("WA",), "screening mammogram"),
        Code("MM200", "Diagnostic mammogram", ("WA", "BI"), "diagnostic mammogram"),
        Code("CX100", "Chest x-ray", (), "chest x-ray"),
        Code("MR300", "MRI of the brain", ("WA",), "brain mri"),
    )
    return CodeSet(name, {c.code: c for c in rows})


CODE_SETS = {name: _codes(name) for name in ("Northstar", "Lakeside")}
SCOPE_ROWS = (
    {"state": "TX", "family": "Northstar", "id": "north-1"},
    {"state": "OH", "family": "Northstar", "id": "north-2"},
    {"state": "OH", "family": "Lakeside", "id": "lake-1"},
)


def exam_is(exam: str) -> Compare:
    return Compare("request.exam", "is", exam)


RULES = (
    Rule("General mammogram", (Decide("procedure_code", "MM123"),), exam_is("screening mammogram")),
    Rule("Diagnostic mammogram", (Decide("procedure_code", "MM200"),),
         exam_is("diagnostic mammogram")),
    Rule("Chest x-ray", (Decide("procedure_code", "CX100"),), exam_is("chest x-ray")),
    Rule("Brain MRI", (Decide("procedure_code", "MR300"),), exam_is("brain mri")),
    Rule("Accessible room", (Include("instructions", "Book the accessible room."),),
         Compare("patient.wheelchair", "is", True), scope=Scope("family", ("Northstar",))),
)  # fmt: skip
RULE_SET = RuleSet(RULES)

WHEELCHAIR = Rule(
    "Wheelchair mammogram",
    (Decide("procedure_code", "MM123WA"),),
    And(
        (
            exam_is("screening mammogram"),
            Compare("patient.wheelchair", "is", True),
            Compare("patient.age", "is at least", 40),
        )
    ),
    scope=Scope("family", ("Northstar",)),
)
