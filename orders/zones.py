"""What tax and shipping zones have in common when they are entered: what is typed, and what makes no sense of it."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django_countries import countries

from catalog.discounts.checks import invalid
from kernel.errors import FieldProblem
from orders.models.area import Area
from orders.pricing.area import pattern_problem, plain, plain_postcode

MOST_PATTERNS = 1000
AREA = ("code", "name", "countries", "regions", "postcodes", "excluded_postcodes", "priority", "active")


def assign_area(zone: Area, fields: Mapping[str, Any], *, own: tuple[str, ...] = ()) -> None:
    """Put the fields that are given into a zone, spelled as they are compared."""
    for name in (*AREA, *own):
        if name in fields:
            setattr(zone, name, fields[name])
    zone.countries = sorted({country.upper() for country in zone.countries})
    zone.regions = sorted({plain(region) for region in zone.regions})
    for name in ("postcodes", "excluded_postcodes"):
        setattr(zone, name, list(dict.fromkeys(plain_postcode(pattern) for pattern in getattr(zone, name))))


def area_problems(zone: Any) -> Iterator[FieldProblem]:
    """What is wrong with a zone's own fields."""
    yield from row_problems(zone)
    for country in zone.countries:
        if country not in dict(countries):
            yield invalid("countries", f"{country} is no country (ISO 3166-1 alpha-2, such as DE).")
    if zone.regions and not zone.countries:
        yield invalid("countries", "Regions belong to a country: name it.")
    for name in ("postcodes", "excluded_postcodes"):
        patterns = getattr(zone, name)
        if len(patterns) > MOST_PATTERNS:
            yield invalid(name, f"At most {MOST_PATTERNS} patterns; most codes can be written as a span.")
        problems = (pattern_problem(pattern) for pattern in patterns[:MOST_PATTERNS])
        if first := next(filter(None, problems), None):
            yield invalid(name, first)
    if zone.postcodes and len(zone.countries) != 1:
        yield invalid("countries", "Postal codes belong to one country: name it, and only it.")


def row_problems(row: Any) -> Iterator[FieldProblem]:
    """What the fields of a row refuse by themselves, and a code or name that another has."""
    try:
        row.full_clean(validate_constraints=True)
    except ValidationError as error:
        for name, errors in error.error_dict.items():
            for found in errors:
                field = "" if name == "__all__" else name
                yield FieldProblem(field, found.code or "invalid", found.messages[0])
