"""Values as FEEL and the ZEN expression language both write them; they differ in texts alone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, time
from decimal import Decimal

from data.ontology.model import Value
from data.rulelang.render import render_value


def literal(value: Value | None, quoted: Callable[[str], str]) -> str:
    """The value; nothing is ``null``, a text is written by ``quoted``."""
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case int() | Decimal():
            return render_value(value)
        case time():
            return f'time("{value.isoformat("seconds")}")'
        case date():
            return f'date("{value.isoformat()}")'
        case _:
            return quoted(str(value))
