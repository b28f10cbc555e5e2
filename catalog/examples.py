"""Examples shown in the API document."""

from drf_spectacular.utils import OpenApiExample

IMAGE = {
    "id": 31,
    "alt": "A blue mug from the side",
    "position": 0,
    "width": 1600,
    "height": 1200,
    "url": "https://shop.example/media/products/0b1f.jpg",
    "thumbnail_url": "https://shop.example/media/products/9c2d.jpg",
}
SUMMARY = {
    "sku": "MUG-BLUE",
    "name": "Blue mug",
    "price": "12.50",
    "sale_price": "9.99",
    "currency": "EUR",
    "category": "mugs",
    "category_path": ["home", "kitchen", "mugs"],
    "tags": ["blue", "gift"],
    "options": {"colour": "blue"},
    "variant_of": None,
    "available": 42,
    "availability": "in_stock",
    "promised_at": None,
    "image": IMAGE,
    "published": True,
    "archived_at": None,
    "created_at": "2026-11-02T09:30:00.000000Z",
}
PRODUCT = SUMMARY | {
    "description": "Holds 350 ml.",
    "tax_class": "standard",
    "weight_grams": 350,
    "barcode": "4006381333931",
    "is_gift_card": False,
    "images": [IMAGE],
    "variants": [],
    "prices": [{"currency": "USD", "price": "14.50", "sale_price": None}],
    "version": 3,
    "updated_at": "2026-11-05T10:00:00.000000Z",
}
PRODUCT_IN = {
    "sku": "MUG-BLUE",
    "name": "Blue mug",
    "description": "Holds 350 ml.",
    "price": "12.50",
    "currency": "EUR",
    "category": "mugs",
    "tags": ["blue", "gift"],
    "weight_grams": 350,
    "barcode": "4006381333931",
    "options": {"colour": "blue"},
    "published": True,
}
FACETS = {
    "categories": [{"slug": "mugs", "name": "Mugs", "path": ["home", "kitchen", "mugs"], "count": 1}],
    "tags": [{"tag": "blue", "count": 1}],
    "prices": [{"currency": "EUR", "from": "5.00", "to": "10.00", "count": 1}],
}
BULK = {
    "created": 1,
    "updated": 0,
    "unchanged": 0,
    "refused": 1,
    "results": [
        {"index": 0, "sku": "MUG-BLUE", "status": "created", "version": 1, "problem": None},
        {
            "index": 1,
            "sku": "MUG-RED",
            "status": "refused",
            "version": None,
            "problem": {
                "type": "about:blank",
                "title": "Invalid input",
                "status": 400,
                "code": "invalid",
                "detail": "price: Ensure this value is greater than or equal to 0.",
                "errors": [
                    {
                        "field": "price",
                        "code": "min_value",
                        "detail": "Ensure this value is greater than or equal to 0.",
                    }
                ],
            },
        },
    ],
}
CATEGORY = {"slug": "mugs", "name": "Mugs", "parent": "kitchen", "path": ["home", "kitchen", "mugs"]}

product_out = OpenApiExample("A product", PRODUCT, response_only=True)
product_in = OpenApiExample("A product", PRODUCT_IN, request_only=True)
price_in = OpenApiExample(
    "A sale, and a price in another currency",
    {"sale_price": "9.99", "prices": [{"currency": "USD", "price": "14.50"}]},
    request_only=True,
)
products_out = OpenApiExample(
    "A page", {"results": [SUMMARY], "next": None, "previous": None, "facets": FACETS}, response_only=True
)
bulk_in = OpenApiExample(
    "Two products",
    {"items": [PRODUCT_IN, {"sku": "MUG-RED", "name": "Red mug", "price": "-1"}]},
    request_only=True,
)
bulk_out = OpenApiExample("One entered, one refused", BULK, response_only=True)
image_out = OpenApiExample("A picture", IMAGE, response_only=True)
category_out = OpenApiExample("A category", CATEGORY, response_only=True)
category_in = OpenApiExample("A category", {"name": "Mugs", "slug": "mugs", "parent": "kitchen"}, request_only=True)
tags_out = OpenApiExample(
    "Tags", {"results": [{"tag": "gift", "count": 12}], "next": None, "previous": None}, response_only=True
)
