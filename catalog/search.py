"""Full-text search of products: what is indexed, and how the words a person types become a query.

Each word is found in two ways: as the beginning of a word ("blu" finds "Blue"), and by its stem in the shop's
language ("mugs" finds "Mug"). The vector holds both forms, and SKU, barcode and tags whole.
"""

import re

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.search import SearchQueryField, SearchVectorField
from django.db.models import BooleanField, Case, Expression, F, Func, IntegerField, TextField, Value, When
from django.db.models.functions import Cast, Lower
from django.db.models.lookups import GreaterThan

# A text search configuration of our own, a copy of the one for the shop's language (SHOP_SEARCH_LANGUAGE), made
# by the first migration: the generated column can then be the same in every shop.
STEMS = "waybill_search"
WHOLE_WORDS = "simple"

MAX_WORDS = 12
MAX_WORD = 64
WORD = re.compile(r"[^\W_]+")


def vector() -> Expression:
    """The expression of `Product.search`: name and SKU weigh most, then tags, then the description."""
    parts = (
        _weigh(_words(WHOLE_WORDS, "name"), "A"),
        _weigh(_words(STEMS, "name"), "A"),
        _weigh(_whole(Lower("sku")), "A"),
        _weigh(_words(WHOLE_WORDS, "sku"), "A"),
        _weigh(_whole(Func(Lower("barcode"), Value(""), function="NULLIF")), "A"),
        _weigh(Func(Cast("tags", ArrayField(TextField())), function="array_to_tsvector"), "B"),
        _weigh(_words(WHOLE_WORDS, "description"), "C"),
        _weigh(_words(STEMS, "description"), "C"),
    )
    return Func(*parts, template="(%(expressions)s)", arg_joiner=" || ", output_field=SearchVectorField())


def _weigh(part: Expression, letter: str) -> Expression:
    return Func(part, template=f"setweight(%(expressions)s, '{letter}')")


def _words(config: str, field: str) -> Expression:
    # Only letters and digits reach the parser: it would take "red/white" for a path and "-01" for a number.
    plain = Func(F(field), template="regexp_replace(%(expressions)s, '[^[:alnum:]]+', ' ', 'g')")
    return Func(plain, template=f"to_tsvector('{config}', %(expressions)s)")


def _whole(value: Expression) -> Expression:
    # A code is one lexeme as it stands; the parser would cut it at its hyphens.
    return Func(value, template="array_to_tsvector(array_remove(ARRAY[%(expressions)s]::text[], NULL))")


def matches(asked: Expression) -> Expression:
    """The condition that a product's vector matches the query."""
    return Func(F("search"), asked, template="(%(expressions)s)", arg_joiner=" @@ ", output_field=BooleanField())


def query(text: str) -> Expression | None:
    """What to match `Product.search` against, or None when the text holds nothing to look for."""
    words = WORD.findall(text.lower())[:MAX_WORDS]
    whole = " ".join(text.lower().split())[:MAX_WORD]
    terms = [_term(word[:MAX_WORD]) for word in words]
    if not terms:
        return _begins(whole) if whole else None
    every = Func(*terms, template="(%(expressions)s)", arg_joiner=" && ", output_field=SearchQueryField())
    return _either(every, _begins(whole))


def _term(word: str) -> Expression:
    # A word such as "the" has no stem and asks for nothing, unless it is all there is.
    meant = Func(_stem(word), function="numnode", output_field=IntegerField())
    return Case(
        When(GreaterThan(meant, 0), then=_either(_begins(word), _stem(word))),
        default=Cast(Value(""), SearchQueryField()),
        output_field=SearchQueryField(),
    )


def _either(*terms: Expression) -> Expression:
    return Func(*terms, template="(%(expressions)s)", arg_joiner=" || ", output_field=SearchQueryField())


def _begins(word: str) -> Expression:
    """A tsquery of one lexeme as a prefix, quoted so that nothing in it is an operator."""
    quoted = word.replace("\\", "\\\\").replace("'", "''")
    return Cast(Value(f"'{quoted}':*"), SearchQueryField())


def _stem(word: str) -> Expression:
    return Func(Value(word), template=f"plainto_tsquery('{STEMS}', %(expressions)s)", output_field=SearchQueryField())
