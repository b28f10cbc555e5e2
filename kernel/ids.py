"""Ids of rows as addresses and forms bring them: text that anybody may have typed."""

# So many fit a bigint whatever they are, and `int` itself refuses thousands of them.
MOST_DIGITS = 18


def row_id(text: str) -> int | None:
    """The id that a text says; None where it says none that a row can have."""
    return int(text) if text.isdecimal() and len(text) <= MOST_DIGITS else None
