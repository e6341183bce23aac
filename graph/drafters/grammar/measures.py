"""What an amount of a message is in the units of a fact or a decision; whether it can be one."""

from __future__ import annotations

from datetime import date, time
from decimal import Decimal

from data.ontology import Attribute, Decision, Value
from graph.drafters.grammar.amounts import WORKING, WORKING_DAYS, unit_of
from graph.drafters.grammar.english import (
    GRAMS,
    INCHES,
    MILLILITRES,
    MILLIMETRES,
    MONTH_COUNT,
    SECONDS,
    SQUARE,
)
from graph.drafters.grammar.quantities import Quant
from graph.drafters.grammar.words import Token, tokenise


def fits(quant: Quant, target: Attribute | Decision) -> bool:
    """The kind and unit of the amount can be this number's."""
    if quant.kind in ("vague", "often"):
        return False
    if target.type in ("date", "time"):
        return (quant.kind == "date") == (target.type == "date") and quant.kind in ("date", "clock")
    if quant.kind == "date":
        return False
    if quant.kind == "clock":
        return "hour" in (target.unit or "") and "day" in (target.unit or "")
    return scale(quant, target) is not None and in_range(quant, target)


_DATED = ("date", "time")


def scale(quant: Quant, target: Attribute | Decision) -> Decimal | None:
    """What one of the amount's units is in the target's units; ``None`` where they do not match."""
    unit = target_unit(target)
    foreign = quant.unit is not None and quant.unit not in {unit_of(t) for t in _named(target)}
    if unit is None and foreign and quant.unit != "percent" and target.type not in _DATED:
        return None
    if quant.unit is None or unit is None or quant.unit == unit:
        return Decimal(1)
    if unit == WORKING_DAYS and quant.unit == "days":
        return Decimal(1)
    for table in (SECONDS, MONTH_COUNT, MILLIMETRES, GRAMS, INCHES, MILLILITRES):
        if quant.unit in table and unit in table:
            return Decimal(table[quant.unit]) / Decimal(table[unit])
    words = {unit_of(t) for t in tokenise(target.unit or "")}
    if unit.startswith("square "):
        return None
    if quant.unit in words and not (quant.unit in SECONDS or quant.unit in MONTH_COUNT):
        return Decimal(1)
    return None


def _named(target: Attribute | Decision) -> list[Token]:
    """The words of its names: ``number of months``."""
    return [t for text in (target.label, *target.synonyms) for t in tokenise(text)]


def target_unit(target: Attribute | Decision) -> str | None:
    """The unit in the drafter's own words; ``None`` for a plain count."""
    if not target.unit:
        return None
    words = tokenise(target.unit)
    known = [u for t in words if (u := unit_of(t))]
    if known == ["days"] and len(words) == 2 and words[0].low in WORKING:
        return WORKING_DAYS
    if len(known) == 1 and len(words) == 2 and words[0].low in SQUARE:
        return f"square {known[0]}"
    return known[0] if len(known) == 1 and len(words) == 1 else target.unit


def in_range(quant: Quant, target: Attribute | Decision) -> bool:
    factor = scale(quant, target) or Decimal(1)
    for amount in quant.amounts:
        if not isinstance(amount, Decimal):
            return False
        scaled = amount * factor
        if target.type == "integer" and scaled != scaled.to_integral_value():
            return False
        if (target.min is not None and scaled < target.min) or (
            target.max is not None and scaled > target.max
        ):
            return False
    return True


def typed(amount: Decimal | date, target: Attribute | Decision, factor: Decimal) -> Value:
    """The amount as a value of the target's type."""
    if isinstance(amount, date):
        return amount
    scaled = amount * factor
    if target.type == "integer":
        return int(scaled)
    if target.type == "time":
        minutes = int(scaled * 60)
        return time(minutes // 60 % 24, minutes % 60)
    return int(scaled) if scaled == scaled.to_integral_value() else scaled.normalize()


def unit_words(target: Attribute | Decision) -> frozenset[str]:
    """The words of its unit."""
    return frozenset(t.low for t in tokenise(target.unit or "") if t.is_word)
