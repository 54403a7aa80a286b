"""How a number is written wherever people read it."""

from __future__ import annotations


def number(value: float | None, digits: int = 2) -> str:
    """A number with a real minus sign and none before zero; – for None."""
    return "–" if value is None else f"{round(value, digits) + 0.0:.{digits}f}".replace("-", "−")
