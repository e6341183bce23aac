"""Payloads as the pipeline sends them, for an organisation that no code knows."""

from __future__ import annotations

from typing import Any

SENTENCE = (
    "When a patient at a Northstar clinic is over 40, needs a wheelchair and has a screening "
    "mammogram, the code is MM123WA."
)
MESSAGE = f"Please: {SENTENCE}"
TEXT = """rule "Wheelchair mammogram"
  scope      family Northstar
  when       exam is screening mammogram
             and patient age is more than 40
             and wheelchair assistance is yes
  then       procedure code is MM123WA"""


def confirm(interrupt_id: str = "i-1", **changes: Any) -> dict[str, Any]:
    """A draft that waits for its author."""
    return {
        "kind": "confirm",
        "draft_id": "d-1",
        "message": MESSAGE,
        "base_version": "sha256:" + "0" * 64,
        "interrupt_id": interrupt_id,
        "rules": [
            {
                "title": "Wheelchair mammogram",
                "text": TEXT,
                "words": [
                    "At clinic family Northstar: when the exam is screening mammogram and the "
                    "patient age is over 40 years and the wheelchair assistance is yes, the "
                    "procedure code is MM123WA."
                ],
                "change": "new",
                "before_text": None,
            }
        ],
        "placed": [
            {"text": "Please", "place": "set aside: politeness"},
            {"text": "Northstar clinic", "place": "scope: family Northstar"},
            {"text": "over 40", "place": "patient age is more than 40"},
            {"text": "needs a wheelchair", "place": "wheelchair assistance is yes"},
            {"text": "screening mammogram", "place": "exam is screening mammogram"},
            {"text": "the code is MM123WA", "place": "procedure code is MM123WA"},
        ],
        "unplaced": [],
        "findings": [
            {
                "code": "redundant",
                "severity": "warning",
                "rules": ["Wheelchair mammogram"],
                "message": "`Wheelchair at any clinic` says the same for part of these patients",
                "suggestion": "retire it if this rule is meant to take its place",
                "place": 'rule "Wheelchair mammogram", line 3',
                "witness": {"patient": {"age": 41, "wheelchair": True}},
            }
        ],
        "beats": [
            {
                "rule": "Wheelchair mammogram",
                "beats": "General mammogram",
                "because": "it is the exception to the general case",
            }
        ],
        "tests": {
            "scenarios": {"run": 54, "kept": 54, "changed": []},
            "generated": [
                {
                    "given": {"patient": {"age": 40}},
                    "words": "a 40-year-old woman, wheelchair assistance, screening mammogram, "
                    "at Northstar",
                    "why": "at the limit of patient age",
                    "before": "MM123",
                    "after": "MM123",
                },
                {
                    "given": {"patient": {"age": 41}},
                    "words": "a 41-year-old woman, wheelchair assistance, screening mammogram, "
                    "at Northstar",
                    "why": "just past the limit of patient age",
                    "before": "MM123",
                    "after": "MM123WA",
                },
            ],
            "history": {
                "run": 100000,
                "changed": 1204,
                "moves": [
                    {"decision": "procedure_code", "from": "MM123", "to": "MM123WA", "count": 1130},
                    {"decision": "procedure_code", "from": "MM123BI", "to": "MM123WA", "count": 74},
                ],
                "where": [
                    {"value": "north-3", "count": 611},
                    {"value": "north-1", "count": 402},
                    {"value": "north-7", "count": 191},
                ],
                "examples": [
                    {
                        "id": "a-1",
                        "words": "a 52-year-old woman, wheelchair assistance, screening mammogram, "
                        "at north-3, Northstar",
                        "decision": "procedure_code",
                        "before": "MM123",
                        "after": "MM123WA",
                    },
                    {
                        "id": "a-2",
                        "words": "a 67-year-old woman, wheelchair assistance, at north-1",
                        "decision": "procedure_code",
                        "before": "MM123BI",
                        "after": "MM123WA",
                    },
                ],
                "seconds": 0.41,
            },
        },
        "can_confirm": True,
        "blockers": [],
        "summary": "Patients over 40 with wheelchair assistance get MM123WA for a screening "
        "mammogram at Northstar.",
    } | changes


def question(interrupt_id: str = "q-1", **changes: Any) -> dict[str, Any]:
    return {
        "kind": "question",
        "text": "A 40-year-old woman, wheelchair assistance, screening mammogram at Northstar: "
        "MM123 or MM123WA?",
        "options": ["MM123", "MM123WA"],
        "request": {"patient": {"age": 40, "wheelchair": True}},
        "draft_id": "d-1",
        "interrupt_id": interrupt_id,
        "unplaced": [],
    } | changes
