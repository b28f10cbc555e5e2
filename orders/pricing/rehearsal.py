"""What a draft would do to a sample basket, with nothing saved."""

from dataclasses import replace

from orders.pricing.basket import Problem, Wanted, read_terms
from orders.pricing.quote import Quote, quote
from orders.pricing.terms import Code, Rule


def rehearse(
    wanted: Wanted, *, rule: Rule | None = None, code: Code | None = None
) -> tuple[Quote, Quote, tuple[Problem, ...]]:
    """The quote as it is now and the one with the draft, which stands in for the saved rule of its id; and which lines
    cannot be sold.
    """
    read = read_terms(wanted)
    terms = read.terms
    if rule is not None:
        terms = replace(terms, rules=(*(known for known in terms.rules if known.id != rule.id), rule))
    if code is not None:
        terms = replace(terms, codes=(*terms.codes, code))
    return quote(read.items, read.terms), quote(read.items, terms), read.problems
