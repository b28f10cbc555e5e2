"""Price lists, and what products cost on them."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from typing import Any

from api.actors import Actor
from audit.verbs import verb
from catalog.models import PriceList, Product
from catalog.services.products import update_product
from kernel.errors import Invalid, NotFound, Refused
from kernel.money import CURRENCIES

FIELDS = ("currency", "name", "includes_tax", "active")
MOST_LINES = 2000


@verb
def save_price_list(*, list_id: int | None, fields: Mapping[str, Any], by: Actor) -> PriceList:
    """Enter (`list_id` None) or change the list of a currency; its currency stays. Raises `NotFound`, `Invalid`."""
    row = PriceList() if list_id is None else _lock(list_id)
    for name in FIELDS:
        if name in fields and not (name == "currency" and list_id is not None):
            setattr(row, name, fields[name])
    if row.currency not in CURRENCIES:
        raise Invalid("An ISO 4217 currency code, such as USD.", field="currency")
    if list_id is None and PriceList.objects.filter(currency=row.currency).exists():
        raise Invalid(f"There is a list for {row.currency}.", field="currency")
    row.save()
    return row


@verb
def delete_price_list(*, list_id: int, by: Actor) -> None:
    """Take a list away with its prices: its currency is no longer sold in. Orders keep what they were placed at."""
    _lock(list_id).delete()


@verb
def set_list_price(
    *, sku: str, currency: str, price: Decimal | None, sale_price: Decimal | None = None, by: Actor
) -> Product:
    """What a product costs in another currency than its own; no price takes it off the list.

    Raises `Invalid`: no such product or list, its own currency, decimals, a sale price that is not below the price.
    """
    product_id = Product.objects.filter(sku=sku).values_list("pk", flat=True).first()
    if product_id is None:
        raise Invalid("There is no such product.", field="sku")
    try:
        return update_product(product_id=product_id, fields={"prices": {currency: (price, sale_price)}}, by=by)
    except Invalid as refusal:
        problems = [replace(problem, field=problem.field.removeprefix("prices.0.")) for problem in refusal.problems]
        raise Invalid(problems[0].detail, problems=problems) from refusal


@dataclass(frozen=True, slots=True)
class PastedLine:
    """What became of one line; `refusal` is empty where it was taken."""

    number: int
    sku: str
    refusal: str = ""


def save_pasted(*, list_id: int, text: str, by: Actor) -> list[PastedLine]:
    """Prices as a spreadsheet gives them: SKU, price, sale price, by semicolon, tabulator or comma. Each line is
    taken or refused on its own. Raises `NotFound`, and `Invalid` for more lines than can be taken at once.
    """
    listed = PriceList.objects.filter(pk=list_id).first()
    if listed is None:
        raise NotFound("There is no such price list.")
    lines = [(number, line) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
    if len(lines) > MOST_LINES:
        raise Invalid(f"At most {MOST_LINES} lines at once.", field="prices")
    return [_save_line(number, line, listed.currency, by=by) for number, line in lines]


def _save_line(number: int, line: str, currency: str, *, by: Actor) -> PastedLine:
    mark = next((mark for mark in ";\t," if mark in line), ";")
    cells = [cell.strip() for cell in next(csv.reader([line], delimiter=mark))]
    sku, price, sale_price = (*cells, "", "", "")[:3]
    try:
        set_list_price(sku=sku, currency=currency, price=_amount(price), sale_price=_amount(sale_price), by=by)
    except Refused as refusal:
        return PastedLine(number, sku, refusal.problems[0].detail if refusal.problems else refusal.text)
    return PastedLine(number, sku)


def _amount(text: str) -> Decimal | None:
    if not text:
        return None
    try:
        amount = Decimal(text)
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite() or amount >= 10**12:
        raise Invalid(f"{text} is no amount.", field="price")
    return amount


def _lock(list_id: int) -> PriceList:
    row = PriceList.objects.select_for_update().filter(pk=list_id).first()
    if row is None:
        raise NotFound("There is no such price list.")
    return row
