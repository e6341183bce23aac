"""``rulewright usage``: what was used, how it went and what it cost, for a platform owner."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from app.environment import be_quiet
from app.settings import Settings, read_settings

if TYPE_CHECKING:
    from evals.usage import Prices, Unit, Usage

NOTHING = "Nothing is installed here yet: start `rulewright serve` first."
NO_MLFLOW = "The turns cannot be read from MLflow now. Try again later."
UNREADABLE = 1
MOST_HOURS = 48
"""Hours that are listed, the last ones."""


def usage(days: int, as_json: bool, settings: Settings | None = None) -> int:
    """Print the last days of each organisation."""
    be_quiet()
    settings = settings or read_settings()
    end = datetime.now(UTC)
    start = end.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(
        days=max(days, 1) - 1
    )
    found = _read(settings, start, end)
    if found is None:
        return UNREADABLE
    hours = -(-(end - start) // timedelta(hours=1))
    if as_json:
        print(json.dumps(_for_programs(settings, found, hours), ensure_ascii=False))
    else:
        print(f"{start:%Y-%m-%d} to {end:%Y-%m-%d}, hours in UTC")
        print("\n".join(line for u in found for line in _lines(u)))
        print("\n".join(_priced(settings, found, hours)))
    return 0


def _read(settings: Settings, start: datetime, end: datetime) -> list[Usage] | None:
    from data.store import open_store
    from evals.reviewers import ReviewServer
    from evals.usage import read_usage

    if settings.store_address.startswith("sqlite") and not (settings.var / "store.db").exists():
        print(NOTHING, file=sys.stderr)
        return None
    store = open_store(settings.store_address)
    try:
        uri = ReviewServer(settings.var / "mlflow", settings.mlflow_port).tracking_uri
        return read_usage(store, uri, start, end)
    except Exception:  # whatever a database or a server that is not there raises
        print(NO_MLFLOW, file=sys.stderr)
        return None
    finally:
        store.close()


def _lines(usage: Usage) -> list[str]:
    turns = sum(usage.turns.values())
    lines = [
        f"\n{usage.organisation}",
        f"{_turns(turns)}, {usage.broke:,} of them ended in an error of ours{_share(usage)}.",
    ]
    if usage.asked:
        lines.append(
            f"The model was asked for {usage.asked:,} drafts and answered for "
            f"{usage.answered:,} ({usage.answered / usage.asked:.1%})."
        )
    if usage.steps:
        head = ("step", "times", "p50", "p95", "without error")
        lines += ["", *_table(head, [_step_row(s) for s in usage.steps])]
    if usage.turns:
        peaks = ", ".join(f"{h:02}:00 ({_turns(n)})" for h, n in usage.peaks())
        lines += ["", f"Busiest hours of the day: {peaks}."]
    return lines + _by_hour(usage)


def _turns(number: int) -> str:
    return f"{number:,} turn{'' if number == 1 else 's'}"


def _share(usage: Usage) -> str:
    turns = sum(usage.turns.values())
    return f" ({usage.broke / turns:.1%})" if turns else ""


def _step_row(step: Any) -> tuple[str, ...]:
    good = f"{1 - step.failed / step.times:.1%}"
    return (step.name, f"{step.times:,}", f"{step.p50:,.0f} ms", f"{step.p95:,.0f} ms", good)


def _by_hour(usage: Usage) -> list[str]:
    hours = sorted(usage.turns.keys() | usage.model.keys())
    if not hours:
        return []
    from data.store import Used

    rows = [
        _hour_row(f"{h:%Y-%m-%d %H}:00", usage.turns.get(h, 0), usage.model.get(h, Used()))
        for h in hours[-MOST_HOURS:]
    ]
    in_all = _hour_row("in all", sum(usage.turns.values()), usage.used)
    return ["", *_table(("hour", "turns", "answers", "tokens", "cost"), [*rows, in_all])]


def _hour_row(name: str, turns: int, used: Any) -> tuple[str, ...]:
    return (name, f"{turns:,}", f"{used.tries:,}", f"{used.tokens:,}", f"${used.cost:,.2f}")


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Columns as wide as they need; the first to the left, numbers to the right."""
    widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
    return [
        "  ".join(
            c.rjust(w) if n else c.ljust(w) for n, (c, w) in enumerate(zip(r, widths, strict=True))
        )
        for r in (head, *rows)
    ]


def _unit(settings: Settings) -> Unit | None:
    from evals.usage import Unit

    price, tokens = settings.chat_model_unit_price, settings.chat_model_unit_tokens
    return None if price is None or tokens is None else Unit(price, tokens)


def _prices(settings: Settings, found: Sequence[Usage], hours: int) -> Prices | None:
    """``None`` where a price is not set."""
    from evals.usage import prices

    unit = _unit(settings)
    by_token = (settings.chat_model_input_price, settings.chat_model_output_price)
    return None if unit is None or None in by_token else prices(found, unit, hours)


def _priced(settings: Settings, found: Sequence[Usage], hours: int) -> list[str]:
    both = _prices(settings, found, hours)
    if both is None:
        return []
    units = f"{both.units} unit{'' if both.units == 1 else 's'}"
    cheaper = "by the token" if both.by_token <= both.provisioned else "provisioned capacity"
    return [
        "",
        f"Paid by the token: ${both.by_token:,.2f} in {hours:,} hours.",
        f"Provisioned: {units} for the busiest hour ({both.busiest:,} tokens), "
        f"${both.provisioned:,.2f}.",
        f"Cheaper for this load: {cheaper}, by ${abs(both.provisioned - both.by_token):,.2f}.",
    ]


def _for_programs(settings: Settings, found: Sequence[Usage], hours: int) -> dict[str, Any]:
    both = _prices(settings, found, hours)
    return {
        "organisations": [
            {
                "organisation": u.organisation,
                "turns": {h.isoformat(): n for h, n in sorted(u.turns.items())},
                "broke": u.broke,
                "steps": [asdict(s) for s in u.steps],
                "asked": u.asked,
                "answered": u.answered,
                "model": {h.isoformat(): asdict(m) for h, m in u.model.items()},
            }
            for u in found
        ],
        "hours": hours,
        "prices": None if both is None else asdict(both),
    }
