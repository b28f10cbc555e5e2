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
]
