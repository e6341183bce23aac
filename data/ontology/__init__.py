"""The words of one organisation, as data."""

from data.ontology.model import (
    Attribute,
    Candidates,
    Code,
    CodeSet,
    CodeSets,
    Decision,
    Number,
    Ontology,
    Relation,
    ScopeRow,
    Scopes,
    Value,
)

__all__ = [
    "Attribute",
    "Candidates",
    "Code",
    "CodeSet",
    "CodeSets",
    "Decision",
    "Number",
    "Ontology",
    "Relation",
    "ScopeRow",
    "Scopes",
    "Value",
]
