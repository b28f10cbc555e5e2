"""Country names as ledgers write them, to ISO 3166-1 codes."""

from django_countries import countries

# Names the standard does not know. "Channel Islands" has no code of its own; Jersey's stands for both bailiwicks.
ALSO_KNOWN_AS = {"EIRE": "IE", "USA": "US", "RSA": "ZA", "Channel Islands": "JE", "Czech Republic": "CZ"}
ELSEWHERE = "GB"  # the shop's own, for "Unspecified" and "European Community"


def country_code(name: str) -> str:
    """The two-letter code of a country's English name; the shop's own where the name is none."""
    return ALSO_KNOWN_AS.get(name) or countries.by_name(name, language="en") or ELSEWHERE
