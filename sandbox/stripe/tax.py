"""Tax calculations and transactions: https://docs.stripe.com/api/tax/calculations, .../tax/transactions"""

import time
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from sandbox.books import Document
from sandbox.calls import Answer, Call
from sandbox.stripe.errors import impossible, invalid, missing
from sandbox.stripe.form import Form, choice, form_of, integer, items, known, merged, required
from sandbox.stripe.intents import currency_of
from sandbox.stripe.ledger import Ledger, ledger_of

CALCULATING = (
    "currency",
    "customer",
    "customer_details",
    "line_items",
    "ship_from_details",
    "shipping_cost",
    "tax_date",
)
REVERSING = ("mode", "original_transaction", "reference", "flat_amount", "line_items", "metadata", "shipping_cost")
BEHAVIORS = ("exclusive", "inclusive")
OVERRIDES = ("none", "customer_exempt", "reverse_charge")
MOST_LINES = 100
EXPIRES_AFTER_SECONDS = 90 * 24 * 60 * 60
SHIPPING_CODE, USUAL_CODE, NOT_TAXED = "txcd_92010001", "txcd_10000000", "txcd_00000000"
# What is due where: percent, as it is called, and its kind. Nothing is due elsewhere.
RATES = {
    ("DE", ""): ("19.0", "VAT", "vat"),
    ("FR", ""): ("20.0", "VAT", "vat"),
    ("US", "CA"): ("7.25", "Sales tax", "sales_tax"),
}


def calculate(call: Call) -> Answer:
    form, ledger = known(form_of(call), *CALCULATING), ledger_of(call)
    customer = customer_of(form)
    lines = [line_of(ledger, item, customer) for item in array(form, "line_items")]
    if not 1 <= len(lines) <= MOST_LINES:
        raise invalid(f"1 to {MOST_LINES} line items.", param="line_items")
    if len({line["reference"] for line in lines}) < len(lines):
        raise invalid("Line item references must be unique.", param="line_items")
    shipping = shipping_of(form["shipping_cost"], customer) if "shipping_cost" in form else None
    now = int(time.time())
    calculation = {
        "id": ledger.books.next_id("taxcalc_"),
        "object": "tax.calculation",
        **totals([*lines, *([shipping] if shipping else [])]),
        "created": now,
        "currency": currency_of(form),
        "customer": None,
        "customer_details": customer,
        "expires_at": now + EXPIRES_AFTER_SECONDS,
        "line_items": {"object": "list", "data": lines, "has_more": False, "url": ""},
        "livemode": False,
        "ship_from_details": None,
        "shipping_cost": shipping,
        "tax_breakdown": [part for line in lines for part in line["tax_breakdown"]],
        "tax_date": now,
    }
    calculation["line_items"]["url"] = f"/v1/tax/calculations/{calculation['id']}/line_items"
    ledger.put(calculation)
    return Answer(200, shown(calculation, items(form, "expand")))


def customer_of(form: Form) -> Document:
    details = form.get("customer_details") or {}
    address = details.get("address") or {}
    if not address.get("country"):
        message = "The customer's location isn't recognized."
        raise invalid(message, code="customer_tax_location_invalid", param="customer_details[address]")
    names = ("city", "country", "line1", "line2", "postal_code", "state")
    return {
        "address": {name: address.get(name) for name in names},
        "address_source": choice(details, "address_source", ("billing", "shipping")),
        "ip_address": None,
        "tax_ids": [],
        "taxability_override": choice(details, "taxability_override", OVERRIDES) or "none",
    }


def line_of(ledger: Ledger, item: Form, customer: Document) -> Document:
    return {
        "id": ledger.books.next_id("tax_li_"),
        "object": "tax.calculation_line_item",
        **taxed(item, customer, code=USUAL_CODE),
        "livemode": False,
        "metadata": None,
        "product": None,
        "quantity": integer(item, "quantity", default=1),
        "reference": item.get("reference"),
    }


def shipping_of(said: Form, customer: Document) -> Document:
    return {**taxed(said, customer, code=SHIPPING_CODE), "shipping_rate": None}


def taxed(said: Form, customer: Document, *, code: str) -> Document:
    """An amount with its tax, rounded half up to whole units."""
    behavior = choice(said, "tax_behavior", BEHAVIORS) or "exclusive"
    amount, code = integer(said, "amount", least=0), said.get("tax_code") or code
    required(said, "amount")
    percent, name, kind, reason = rate_for(customer, code)
    rate = Decimal(percent) / 100
    exact = amount * rate / (1 + rate) if behavior == "inclusive" else amount * rate
    tax = int(exact.quantize(Decimal(1), ROUND_HALF_UP))
    address = customer["address"]
    part = {
        "amount": tax,
        "jurisdiction": {"country": address["country"], "display_name": name, "level": "country", "state": None},
        "sourcing": "destination",
        "tax_rate_details": {"display_name": name, "percentage_decimal": percent, "tax_type": kind} if rate else None,
        "taxability_reason": reason,
        "taxable_amount": (amount - tax if behavior == "inclusive" else amount) if rate else 0,
    }
    return {"amount": amount, "amount_tax": tax, "tax_behavior": behavior, "tax_code": code, "tax_breakdown": [part]}


def rate_for(customer: Document, code: str) -> tuple[str, str, str, str]:
    address, override = customer["address"], customer["taxability_override"]
    if override != "none":
        return "0.0", "", "", override
    if code == NOT_TAXED:
        return "0.0", "", "", "product_exempt"
    state = (address["state"] or "").removeprefix("US-") if address["country"] == "US" else ""
    if (found := RATES.get((address["country"], state))) is None:
        return "0.0", "", "", "not_collecting"
    return (*found, "standard_rated")


def totals(parts: list[Document]) -> Document:
    exclusive = sum(part["amount_tax"] for part in parts if part["tax_behavior"] == "exclusive")
    inclusive = sum(part["amount_tax"] for part in parts if part["tax_behavior"] == "inclusive")
    return {
        "amount_total": sum(part["amount"] for part in parts) + exclusive,
        "tax_amount_exclusive": exclusive,
        "tax_amount_inclusive": inclusive,
    }


def commit(call: Call) -> Answer:
    form, ledger = known(form_of(call), "calculation", "reference", "metadata", "posted_at"), ledger_of(call)
    id = required(form, "calculation")  # noqa: A001
    calculation = ledger.books.get("stripe.tax.calculation", id)
    if calculation is None or calculation["expires_at"] < time.time():
        raise missing("tax calculation", id, param="calculation", status=400)
    lines = [
        {name: value for name, value in line.items() if name != "tax_breakdown"}
        | {"id": ledger.books.next_id("tax_li_"), "object": "tax.transaction_line_item", "type": "transaction"}
        for line in calculation["line_items"]["data"]
    ]
    transaction = new_transaction(ledger, form, "transaction", calculation, lines)
    # Beside what Stripe tells: what of it is not taken back.
    ledger.books.put("stripe.tax.left", transaction["id"], {"left": calculation["amount_total"]})
    return Answer(200, shown(transaction, items(form, "expand")))


def new_transaction(ledger: Ledger, form: Form, kind: str, source: Document, lines: list[Document]) -> Document:
    """Write a transaction. A reference is taken only once, by bookings and reversals alike."""
    reference, id = required(form, "reference"), ledger.books.next_id("tax_")  # noqa: A001
    if ledger.books.get("stripe.tax.reference", reference):
        message = f"A tax transaction with the reference '{reference}' already exists."
        raise impossible(message, code="resource_already_exists", param="reference")
    ledger.books.put("stripe.tax.reference", reference, {"id": id})
    copied = ("currency", "customer", "customer_details", "livemode", "ship_from_details", "tax_date")
    now = int(time.time())
    transaction: Document = {
        "id": id,
        "object": "tax.transaction",
        "created": now,
        **{name: source[name] for name in copied},
        "line_items": {
            "object": "list",
            "data": lines,
            "has_more": False,
            "url": f"/v1/tax/transactions/{id}/line_items",
        },
        "metadata": merged({}, form),
        "posted_at": now,
        "reference": reference,
        "reversal": None,
        "shipping_cost": source["shipping_cost"],
        "type": kind,
    }
    return ledger.put(transaction)


def reverse(call: Call) -> Answer:
    form, ledger = known(form_of(call), *REVERSING), ledger_of(call)
    mode, id = choice(form, "mode", ("full", "partial")), required(form, "original_transaction")  # noqa: A001
    original = ledger.books.get("stripe.tax.transaction", id)
    if original is None or original["type"] != "transaction":
        raise missing("tax transaction", id, param="original_transaction", status=400)
    left = ledger.books.get("stripe.tax.left", id) or {"left": 0}
    if not left["left"]:
        raise impossible(f"You can't reverse transaction '{id}' because it has been fully reversed.")
    amount = left["left"] if mode == "full" else -flat_amount(form)
    if amount > left["left"]:
        message = f"The amount to reverse ({amount}) is greater than what is left of the transaction ({left['left']})."
        raise impossible(message, param="flat_amount")
    share = Decimal(amount) / whole(original)
    lines = [reversed_line(ledger, line, share) for line in original["line_items"]["data"]]
    reversal = new_transaction(ledger, form, "reversal", original, lines)
    reversal["reversal"] = {"original_transaction": id}
    if reversal["shipping_cost"]:
        reversal["shipping_cost"] = reversed_part(reversal["shipping_cost"], share)
    ledger.put(reversal)
    ledger.books.put("stripe.tax.left", id, {"left": left["left"] - amount})
    return Answer(200, shown(reversal, items(form, "expand")))


def flat_amount(form: Form) -> int:
    if "flat_amount" not in form:
        raise invalid("Only flat amounts can be reversed here.", code="parameter_missing", param="flat_amount")
    amount = integer(form, "flat_amount", least=-(10**12))
    if amount >= 0:
        raise invalid("flat_amount must be negative.", param="flat_amount")
    return amount


def whole(transaction: Document) -> int:
    shipping = transaction["shipping_cost"]
    total: int = totals([*transaction["line_items"]["data"], *([shipping] if shipping else [])])["amount_total"]
    return total


def reversed_part(part: Document, share: Decimal) -> Document:
    return part | {name: -int((part[name] * share).to_integral_value()) for name in ("amount", "amount_tax")}


def reversed_line(ledger: Ledger, line: Document, share: Decimal) -> Document:
    return reversed_part(line, share) | {
        "id": ledger.books.next_id("tax_li_"),
        "type": "reversal",
        "reversal": {"original_line_item": line["id"]},
    }


def show_calculation(call: Call) -> Answer:
    return shown_of(call, "tax.calculation")


def show_transaction(call: Call) -> Answer:
    return shown_of(call, "tax.transaction")


def shown_of(call: Call, kind: str) -> Answer:
    form, ledger = known(form_of(call)), ledger_of(call)
    return Answer(200, shown(ledger.get(kind, call.ids["id"]), items(form, "expand")))


def shown(document: Document, paths: list[str]) -> Document:
    """Line items are told only when they are asked for, and what they are made of only when that is."""
    lines = document["line_items"]["data"]
    if not any(path.startswith("line_items.data.tax_breakdown") for path in paths):
        lines = [without_breakdown(line) for line in lines]
    told = document | {"line_items": document["line_items"] | {"data": lines}}
    if not any(path.startswith("line_items") for path in paths):
        del told["line_items"]
    if told["shipping_cost"] and "shipping_cost.tax_breakdown" not in paths:
        told["shipping_cost"] = without_breakdown(told["shipping_cost"])
    return told


def without_breakdown(part: Document) -> Document:
    return {name: value for name, value in part.items() if name != "tax_breakdown"}


def array(form: Form, name: str) -> list[Any]:
    found = form.get(name) or {}
    if not isinstance(found, dict) or not all(isinstance(item, dict) for item in found.values()):
        raise invalid("Invalid array.", param=name)
    return list(found.values())
