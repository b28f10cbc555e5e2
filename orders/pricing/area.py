"""Which zone an address lies in, for tax and for shipping alike. See `orders.models.area.Area`."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

Address = Mapping[str, str]
PART = r"[A-Z0-9]{1,12}"
PATTERN = re.compile(rf"(?P<exact>{PART})|(?P<start>{PART})\*|(?P<low>{PART})\.\.(?P<high>{PART})")


@dataclass(frozen=True, slots=True)
class AreaTerms:
    """A zone's addresses: ISO countries and regions in capitals (none: all), patterns of postal codes."""

    code: str
    countries: frozenset[str] = frozenset()
    regions: frozenset[str] = frozenset()
    postcodes: tuple[str, ...] = ()
    excluded_postcodes: tuple[str, ...] = ()
    priority: int = 100

    def holds(self, address: Address) -> bool:
        """Whether the address lies in it. Without a country it lies nowhere but in a zone of the whole world."""
        if self.countries and address.get("country", "").upper() not in self.countries:
            return False
        if self.regions and plain(address.get("region", "")) not in self.regions:
            return False
        code = plain_postcode(address.get("postal_code", ""))
        if self.postcodes and not any(matches(pattern, code) for pattern in self.postcodes):
            return False
        return not any(matches(pattern, code) for pattern in self.excluded_postcodes)

    @property
    def rank(self) -> tuple[bool, bool, bool, int, str]:
        """Sorts the most precise first."""
        return not self.postcodes, not self.regions, not self.countries, self.priority, self.code


def by_precision(areas: Iterable[AreaTerms], address: Address) -> list[AreaTerms]:
    """Those that hold the address, the most precise first."""
    return sorted((area for area in areas if area.holds(address)), key=lambda area: area.rank)


def most_precise(areas: Iterable[AreaTerms], address: Address) -> AreaTerms | None:
    """The zone that counts for this address."""
    return next(iter(by_precision(areas, address)), None)


def plain(text: str) -> str:
    """A region as it is compared: in capitals, blanks around it taken away."""
    return text.strip().upper()


def plain_postcode(text: str) -> str:
    """A postal code as it is compared: `EC1A 1BB` and `ec1a1bb` are the same."""
    return re.sub(r"[\s-]", "", text).upper()


def matches(pattern: str, code: str) -> bool:
    """Whether a plain postal code fits a pattern. Numbers in a span compare as numbers of the same length."""
    found = PATTERN.fullmatch(pattern)
    if found is None:
        return False
    if found["exact"]:
        return code == pattern
    if found["start"]:
        return code.startswith(found["start"])
    low, high = found["low"], found["high"]
    return len(low) == len(code) == len(high) and low <= code <= high


def pattern_problem(pattern: str) -> str | None:
    """What is wrong with a pattern of postal codes, as a sentence; None when it can be used."""
    found = PATTERN.fullmatch(pattern)
    if found is None:
        return f"{pattern}: write a code such as 10115, the beginning of codes as 75*, or a span as 1000..1999."
    low, high = found["low"], found["high"]
    if low and len(low) != len(high):
        return f"{pattern}: both ends of a span have the same length."
    if low and low > high:
        return f"{pattern}: the span ends before it begins."
    return None
