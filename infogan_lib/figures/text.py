"""How numbers are written for readers."""

from __future__ import annotations


def number(value: float | None, digits: int = 2) -> str:
    """A number with `digits` decimals and a real minus sign, never −0; a dash for None."""
    return "–" if value is None else f"{round(value, digits) + 0.0:.{digits}f}".replace("-", "−")
