from audit.doctor import Invariant
from kernel.money import CURRENCIES, exponent

_exponents = ", ".join(f"('{code}', {exponent(code)})" for code in sorted(CURRENCIES))

INVARIANTS = [
    Invariant(
        name="catalog.paths",
        when="always",
        says="The path of every category is its parent's path and its own slug.",
        sql="""
            SELECT c.id, c.slug, c.path, p.path AS parent_path FROM catalog_category c
            LEFT JOIN catalog_category p ON p.id = c.parent_id
            WHERE c.path <> coalesce(p.path, '') || c.slug || '/'
        """,
    ),
    Invariant(
        name="catalog.exact_prices",
        when="always",
        says="Every price has at most the decimals of its currency, and the currency exists.",
        sql=f"""
            SELECT p.id, p.sku, p.price, p.sale_price, p.currency FROM catalog_product p
            LEFT JOIN (VALUES {_exponents}) AS known (code, places) ON known.code = p.currency
            WHERE known.code IS NULL OR p.price <> round(p.price, known.places)
               OR p.sale_price <> round(p.sale_price, known.places)
        """,  # noqa: S608  codes and numbers of a library
    ),
    Invariant(
        name="catalog.rule_prices",
        when="calm",
        says="What the discount rules leave of a price is below it, with at most the decimals of its currency.",
        sql=f"""
            SELECT p.id, p.sku, p.effective_price, p.rule_price, p.currency FROM catalog_product p
            JOIN (VALUES {_exponents}) AS known (code, places) ON known.code = p.currency
            WHERE p.rule_price >= p.effective_price OR p.rule_price <> round(p.rule_price, known.places)
        """,  # noqa: S608  codes and numbers of a library
    ),
    Invariant(
        name="catalog.list_prices",
        when="always",
        says="A price on a list has at most the decimals of its currency, and is not in the product's own.",
        sql=f"""
            SELECT l.id, p.sku, l.price, l.sale_price, list.currency FROM catalog_listprice l
            JOIN catalog_pricelist list ON list.id = l.price_list_id
            JOIN catalog_product p ON p.id = l.product_id
            LEFT JOIN (VALUES {_exponents}) AS known (code, places) ON known.code = list.currency
            WHERE known.code IS NULL OR p.currency = list.currency
               OR l.price <> round(l.price, known.places) OR l.sale_price <> round(l.sale_price, known.places)
        """,  # noqa: S608  codes and numbers of a library
    ),
    Invariant(
        name="catalog.variants",
        when="always",
        says="A variant has no variants.",
        sql="""
            SELECT v.id, v.sku, m.sku AS variant_of FROM catalog_product v
            JOIN catalog_product m ON m.id = v.variant_of_id WHERE m.variant_of_id IS NOT NULL
        """,
    ),
    Invariant(
        name="catalog.items",
        when="always",
        says="A product and its stock item have the same SKU.",
        sql="""
            SELECT p.id, p.sku, i.sku AS item_sku FROM catalog_product p
            JOIN inventory_stockitem i ON i.id = p.item_id WHERE i.sku <> p.sku
        """,
    ),
    Invariant(
        name="catalog.told_once",
        when="always",
        says="Of each request that was told there is one fact, of any other none.",
        sql="""
            SELECT r.id, r.state, count(f.id) AS facts FROM catalog_stockrequest r
            LEFT JOIN audit_logentry f
                ON f.aggregate = 'stock_request' AND f.aggregate_id = r.id::text AND f.name = 'BackInStock'
            GROUP BY r.id HAVING count(f.id) <> (r.state = 'told')::int
        """,
    ),
]
