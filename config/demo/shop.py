"""The demo shop: accounts, a partner, warehouses, goods with stock and pictures, and orders at every stage."""

import random
from collections.abc import Iterable
from io import BytesIO
from pathlib import Path

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils import timezone

from accounts import roles
from accounts.models import Partner, PartnerToken, User
from accounts.services import TokenTerms, issue_partner_token, open_partner, revoke_partner_token
from catalog.models import Category, Product
from catalog.services import add_image, create_category, create_product
from config.demo.goods import CATEGORIES, Goods, goods, picture
from config.demo.trade import BY, customers, order, skus_on_sale
from inventory.models import Warehouse
from inventory.services import create_warehouse, receive_stock
from orders.models import Order

PASSWORD = "waybill-demo"  # noqa: S105  printed at the first start; production never loads this
ACCOUNTS = {
    "admin@example.com": roles.ADMIN,
    "service@example.com": roles.CUSTOMER_SERVICE,
    "warehouse@example.com": roles.WAREHOUSE,
    "customer@example.com": roles.CUSTOMER,
}
WAREHOUSES = {"MAIN": "Main warehouse", "NORTH": "Northern warehouse"}
PARTNER = "Demo partner"


def accounts() -> None:
    """One person of each role, with the demo password and a verified address."""
    hashed = make_password(PASSWORD)
    for email, role in ACCOUNTS.items():
        User.objects.get_or_create(
            email=email,
            defaults={
                "role": role,
                "password": hashed,
                "last_name": f"Demo {role.replace('_', ' ')}",
                "email_verified_at": timezone.now(),
            },
        )


def partner_token(file: Path) -> None:
    """A partner with a token of every scope, written to the file. An earlier token of theirs ends."""
    partner = Partner.objects.filter(name=PARTNER).first() or open_partner(given={"name": PARTNER}, by=BY)
    for old in PartnerToken.objects.filter(partner=partner, revoked_at=None):
        revoke_partner_token(partner_id=partner.pk, token_id=old.pk, by=BY)
    _, plain = issue_partner_token(partner_id=partner.pk, terms=TokenTerms(list(roles.PARTNER_SCOPES)), by=BY)
    file.touch(mode=0o600)
    file.write_text(plain)


def warehouses() -> None:
    for priority, (code, name) in enumerate(WAREHOUSES.items(), 1):
        if not Warehouse.objects.filter(code=code).exists():
            create_warehouse(code=code, name=name, priority=priority, by=BY)


def categories() -> None:
    for slug, name, parent in CATEGORIES:
        if not Category.objects.filter(slug=slug).exists():
            create_category(fields={"slug": slug, "name": name, "parent": parent}, by=BY)


def products(count: int, *, seed: int, pictures: int = 0) -> Iterable[None]:
    """Make what is missing of so many products, a picture for the first few; yields once a product."""
    there = set(Product.objects.filter(sku__startswith="D").values_list("sku", flat=True))
    for number, item in enumerate(goods(count, random.Random(seed))):  # noqa: S311
        if item.sku not in there:
            # Whole or not at all, so that a run that was stopped leaves no product without its stock.
            with transaction.atomic():
                _make(item, with_picture=number < pictures)
        yield


def _make(item: Goods, *, with_picture: bool) -> None:
    product = create_product(
        sku=item.sku,
        fields={
            "name": item.name,
            "description": item.description,
            "price": item.price,
            "sale_price": item.sale_price,
            "currency": settings.SHOP_CURRENCY,
            "category": item.category,
            "tags": item.tags,
            "weight_grams": item.grams,
            "barcode": item.barcode,
            "published": True,
        },
        by=BY,
    )
    for code, units in (("MAIN", 60), ("NORTH", 25)):
        receive_stock(sku=item.sku, warehouse_code=code, quantity=units, cause="demo shop", by=BY)
    if with_picture:
        add_image(product_id=product.pk, file=BytesIO(picture(item)), fields={"alt": item.name}, by=BY)


def trade(people: int, count: int, *, seed: int) -> Iterable[None]:
    """So many orders of so many customers, each of them the same for a seed; yields once an order."""
    buyers, skus = customers(people), skus_on_sale()
    done = set(Order.objects.filter(reference__startswith=f"demo-{seed}-").values_list("reference", flat=True))
    for number in range(1, count + 1):
        reference = f"demo-{seed}-{number}"
        if reference not in done and buyers and skus:
            order(reference, buyers, skus, random.Random(reference))  # noqa: S311
        yield
