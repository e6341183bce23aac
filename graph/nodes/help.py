"""Help, and the polite answer to what cannot be done here."""

from __future__ import annotations

from langgraph.runtime import Runtime

from graph.context import Services
from graph.state import Turn, Update

CAN = """\
Tell me a rule in your own words, and I show you whom it changes before anything is saved.

- **State a rule**: who it is for, and what they get. Then change it: `make it 45`.
- **Change a rule that stands**: `change the rule …: make it 45`
- **Find rules**: `show the rules about …`
- **Ask why**: `why did <number> get …?`, `why not …?`
- **See changes**: `what changed?`
- **Take a rule out**: `pause the rule …`, later `resume the rule …`; for good: `retire the rule …`
- **Keep a case**: `add a scenario: …`, `show the scenarios`
- **Put it live**: `promote to production`; take it back: `roll back`"""


def help_(state: Turn, runtime: Runtime[Services]) -> Update:
    """What can be said here."""
    return {"reply": {"text": CAN}, "summary": "Said what can be done here."}


def out_of_scope(state: Turn, runtime: Runtime[Services]) -> Update:
    """One polite sentence, then what can be done."""
    text = "I found none of your organisation's words in that, so I left it.\n\n" + CAN
    return {"reply": {"text": text}, "summary": "Not about the rules."}
