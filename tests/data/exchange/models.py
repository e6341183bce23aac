"""Small DMN models as text, for tests."""

from __future__ import annotations

from collections.abc import Sequence
from xml.sax.saxutils import escape, quoteattr

HEAD = '<definitions xmlns="https://www.omg.org/spec/DMN/20230324/MODEL/" name="small">'
Input = tuple[str, str]
"""Name and type."""
Output = tuple[str, str, str]
"""Name, allowed values, default."""
Row = tuple[Sequence[str], Sequence[str]]


def model(*parts: str) -> bytes:
    return f"{HEAD}{''.join(parts)}</definitions>".encode()


def inputs(*given: Input) -> str:
    return "".join(
        f"<inputData name={quoteattr(n)}><variable typeRef={quoteattr(t)}/></inputData>"
        for n, t in given
    )


def decision(
    name: str,
    columns: Sequence[str],
    outputs: Sequence[Output],
    rows: Sequence[Row],
    policy: str = "UNIQUE",
    aggregation: str = "",
) -> str:
    head = "".join(
        f"<input><inputExpression><text>{escape(c)}</text></inputExpression></input>"
        for c in columns
    )
    head += "".join(
        f"<output name={quoteattr(n)}>"
        + _text("outputValues", allowed)
        + _text("defaultOutputEntry", default)
        + "</output>"
        for n, allowed, default in outputs
    )
    body = "".join(
        "<rule>"
        + "".join(f"<inputEntry><text>{escape(c)}</text></inputEntry>" for c in cells)
        + "".join(f"<outputEntry><text>{escape(c)}</text></outputEntry>" for c in said)
        + "</rule>"
        for cells, said in rows
    )
    how = f" aggregation={quoteattr(aggregation)}" if aggregation else ""
    table = f"<decisionTable hitPolicy={quoteattr(policy)}{how}>{head}{body}</decisionTable>"
    return f"<decision name={quoteattr(name)}>{table}</decision>"


def _text(element: str, text: str) -> str:
    return f"<{element}><text>{escape(text)}</text></{element}>" if text else ""
