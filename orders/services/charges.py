"""What an order keeps of a quote: its lines, and the rows that say how its totals came about."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection
from django.db.models import Model

from catalog.services import ProductFacts
from kernel.money import format_amount
from orders.models import LineDiscount, Order, OrderLine, ShippingCharge, TaxLine
from orders.pricing.quote import Line, Quote, Step, Tax


def lines_of(order: Order, quote: Quote, facts: Sequence[ProductFacts]) -> list[OrderLine]:
    """A line, not yet written, for each of the quote's, with what the catalogue says of its product (`facts`)."""
    return [
        OrderLine(
            order=order,
            product_id=product.id,
            sku=product.sku,
            name=product.name,
            options=product.options,
            unit_price=line.item.unit_price,
            quantity=line.item.quantity,
            discount=line.discount,
            tax_rate=line.tax_rate,
            tax=line.tax,
            included_tax=line.included_tax,
            total=line.total,
        )
        for line, product in zip(quote.lines, facts, strict=True)
    ]


def write_charges(order: Order, lines: Sequence[OrderLine], quote: Quote) -> None:
    """Write the discounts, the taxes and the shipping of a quote beside the order just written from it."""
    priced = list(zip(lines, quote.lines, strict=True))
    taxes = [_tax_line(order, line, found.tax_due, quote) for line, found in priced if found.tax_due.name]
    charges = []
    if quote.shipping is not None:
        charges.append(_shipping_charge(order, quote))
        if quote.shipping.tax_due.name:
            taxes.append(_tax_line(order, None, quote.shipping.tax_due, quote))
    insert_together([*_discounts(order, priced)], taxes, charges)


def _discounts(order: Order, priced: Sequence[tuple[OrderLine, Line]]) -> Iterator[LineDiscount]:
    for line, found in priced:
        for cut in found.cuts:
            yield LineDiscount(
                order=order,
                line=line,
                source=cut.kind,
                source_id=cut.source_id,
                code=cut.code,
                name=cut.name,
                base=cut.base,
                amount=cut.amount,
            )


def _tax_line(order: Order, line: OrderLine | None, tax: Tax, quote: Quote) -> TaxLine:
    return TaxLine(
        order=order,
        line=line,
        name=tax.name,
        zone=quote.terms.tax.zone,
        tax_class=tax.tax_class,
        rate=tax.rate,
        base=tax.base,
        amount=tax.added + tax.included,
        included=quote.terms.tax.included and not tax.reason,
        source=tax.source,
        estimated=tax.estimated,
        reason=tax.reason,
    )


def _shipping_charge(order: Order, quote: Quote) -> ShippingCharge:
    shipping = quote.shipping
    assert shipping is not None
    offer = shipping.offer
    return ShippingCharge(
        order=order,
        method=offer.code,
        name=offer.name,
        zone=offer.zone,
        price=shipping.price,
        discount=shipping.discount,
        discount_code=shipping.discount_code,
        tax_rate=shipping.tax_due.rate,
        tax=shipping.tax,
        included_tax=shipping.included_tax,
        total=shipping.total,
        estimated=offer.estimated,
        cut_off=offer.cut_off,
        handling_days=offer.handling_days,
        transit_days=offer.transit_days,
    )


def insert_together(*groups: Sequence[Model]) -> None:
    """Insert rows of several tables in one statement. Their ids are not read back."""
    inserts, values = [], []
    for rows in filter(None, groups):
        meta = rows[0]._meta
        fields = [field for field in meta.concrete_fields if not field.primary_key]
        columns = ", ".join(f'"{field.column}"' for field in fields)
        inserts.append(
            f'INSERT INTO "{meta.db_table}" ({columns}) SELECT {columns} '  # noqa: S608  names of our own models
            f'FROM jsonb_populate_recordset(NULL::"{meta.db_table}", %s)'
        )
        cells = [{field.column: getattr(row, field.attname) for field in fields} for row in rows]
        values.append(json.dumps(cells, cls=DjangoJSONEncoder))
    if inserts:
        *others, last = inserts
        named = ", ".join(f"t{place} AS ({insert})" for place, insert in enumerate(others))
        with connection.cursor() as cursor:
            cursor.execute(f"WITH {named} {last}" if named else last, values)


def explain(quote: Quote) -> list[dict[str, Any]]:
    """The quote's steps as JSON: amounts as exact strings."""
    return [show_step(step, quote.currency) for step in quote.explanation]


def show_step(step: Step, currency: str) -> dict[str, Any]:
    """A step as answers show it."""
    return {
        "step": step.step,
        "rule": step.rule,
        "amount": format_amount(step.amount, currency),
        "detail": step.detail,
        "base": None if step.base is None else format_amount(step.base, currency),
        "sku": step.sku,
        "reason": step.reason,
    }
