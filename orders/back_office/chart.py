"""A curve as the numbers of an inline SVG: no script, and sharp in both themes."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import ceil, log10

from orders.back_office.figures import Day

WIDTH, HEIGHT, TOP = 900, 220, 12
STEPS = (1, 2, 2.5, 5, 10)


@dataclass(frozen=True, slots=True)
class Point:
    """A day on the canvas, and the column in which a pointer finds it."""

    day: Day
    x: float
    y: float
    left: float


@dataclass(frozen=True, slots=True)
class Chart:
    """What the template draws."""

    points: Sequence[Point]
    line: str
    area: str
    grid: Sequence[tuple[float, Decimal]]
    column: float
    width: int = WIDTH
    height: int = HEIGHT


def chart_of(days: Sequence[Day]) -> Chart:
    """Revenue by day, from 0 to a round number above the highest."""
    top = _round_up(max(day.revenue for day in days))
    column = WIDTH / len(days)

    def height(amount: Decimal) -> float:
        return round(HEIGHT - float(amount / top) * (HEIGHT - TOP), 1)

    points = [
        Point(day, round(column * (index + 0.5), 1), height(day.revenue), round(column * index, 1))
        for index, day in enumerate(days)
    ]
    line = " ".join(f"{'L' if index else 'M'}{point.x} {point.y}" for index, point in enumerate(points))
    area = f"{line} L{points[-1].x} {HEIGHT} L{points[0].x} {HEIGHT} Z"
    grid = [(height(top * part / 4), top * part / 4) for part in range(1, 5)]
    return Chart(points, line, area, grid, round(column, 1))


def _round_up(highest: Decimal) -> Decimal:
    """1, 2, 2.5 or 5 times a power of ten, not below the number."""
    if highest <= 0:
        return Decimal(100)
    power = Decimal(10) ** (ceil(log10(float(highest))) - 1)
    return next(Decimal(str(step)) * power for step in STEPS if Decimal(str(step)) * power >= highest)
