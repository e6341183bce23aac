"""Who may do what and where, and what must not be seen."""

from data.access.masking import candidate_keys, mask, mask_facts, ontology_words, pseudonym
from data.access.roles import (
    ACTIONS,
    ROLES,
    ROLES_OF,
    Action,
    Grants,
    Role,
    may,
    may_write,
    not_allowed_findings,
)

__all__ = [
    "ACTIONS",
    "ROLES",
    "ROLES_OF",
    "Action",
    "Grants",
    "Role",
    "candidate_keys",
    "mask",
    "mask_facts",
    "may",
    "may_write",
    "not_allowed_findings",
    "ontology_words",
    "pseudonym",
]
