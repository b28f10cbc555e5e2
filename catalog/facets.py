"""How many of the products found are in which category, with which tag, in which range of prices."""

import json
from decimal import Decimal
from typing import Any

from django.db import connection

from catalog.querysets import ProductQuerySet
from kernel.money import format_amount

MOST_TAGS = 50

# One statement, which counts first and looks at what it counted after. A product counts in its category and in all
# above it, whose slugs are its category's path. Prices fall into ranges of 1-2-5 by power of ten, which suits any
# currency.
FACETS = """
    WITH found AS MATERIALIZED ({found}),
    in_category AS (SELECT category_id, count(*) AS n FROM found GROUP BY category_id),
    categories AS (
        SELECT above AS slug, sum(n)::bigint AS n FROM in_category JOIN catalog_category c ON c.id = category_id,
            unnest(string_to_array(rtrim(c.path, '/'), '/')) AS above
        GROUP BY above),
    tags AS (
        SELECT tag, count(*) AS n FROM found, unnest(found.tags) AS tag
        GROUP BY tag ORDER BY n DESC, tag LIMIT {most_tags}),
    at_price AS (SELECT currency, asked_price AS price, count(*) AS n FROM found GROUP BY 1, 2),
    scaled AS (
        SELECT currency, price, n,
            CASE WHEN price > 0 THEN power(10::numeric, floor(log(price))) ELSE 0 END AS ten
        FROM at_price),
    prices AS (
        SELECT currency,
            ten * CASE WHEN price >= 5 * ten THEN 5 WHEN price >= 2 * ten THEN 2 ELSE 1 END AS low,
            ten * CASE WHEN price >= 5 * ten THEN 10 WHEN price >= 2 * ten THEN 5 ELSE 2 END AS high,
            sum(n)::bigint AS n
        FROM scaled GROUP BY 1, 2, 3)
    SELECT
        (SELECT coalesce(json_agg(json_build_object('slug', c.slug, 'name', c.name,
                'path', string_to_array(rtrim(c.path, '/'), '/'), 'count', categories.n) ORDER BY c.path), '[]')
            FROM categories JOIN catalog_category c USING (slug)),
        (SELECT coalesce(json_agg(json_build_object('tag', tag, 'count', n) ORDER BY n DESC, tag), '[]') FROM tags),
        (SELECT coalesce(json_agg(json_build_object('currency', currency, 'from', low::text, 'to', high::text,
                'count', n) ORDER BY currency, low), '[]') FROM prices)
"""


def facets(products: ProductQuerySet) -> dict[str, Any]:
    """Counts over all of these products, not only over one page of them."""
    columns = products.order_by().values("category_id", "tags", "asked_price", "currency")
    sql, params = columns.query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(FACETS.format(found=sql, most_tags=MOST_TAGS), params)
        categories, tags, prices = (_plain(value) for value in cursor.fetchone())
    for price in prices:
        for end in ("from", "to"):
            price[end] = format_amount(Decimal(price[end]), price["currency"])
    return {"categories": categories, "tags": tags, "prices": prices}


def _plain(value: Any) -> Any:
    # Django keeps psycopg from decoding JSON.
    return json.loads(value) if isinstance(value, str) else value
