"""The codes somebody has typed, as the pipeline takes them."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from kernel.money import ZERO
from orders.codes.customer import customer_key, spelled
from orders.models import CampaignCustomer, DiscountCampaign, DiscountCode, Order
from orders.pricing.shop import buy_get_of, goods_of, slugs_of
from orders.pricing.terms import Code, Window
from orders.states import Status

Why = tuple[str, str] | None


def normal_code(text: str) -> str:
    """A code as it is stored: without blanks around it, in capitals."""
    return text.strip().upper()


def read_codes(given: Sequence[str], *, email: str, user_id: int | None) -> tuple[Code, ...]:
    """The codes in the order given, each once, with why this customer cannot use them; none cost no statement.

    `email` is the customer's, empty while it is not known: what depends on it is then seen when the order is placed.
    """
    wanted = list(dict.fromkeys(normal_code(text) for text in given))
    if not wanted:
        return ()
    known = find_codes(wanted, customer=customer_key(email) if email else "")
    slugs = slugs_of(row.campaign for row in known.values())
    first = _is_first_order(known.values(), email, user_id)
    beside: Counter[int] = Counter()
    codes = []
    for text in wanted:
        row = known.get(text)
        if row is None:
            codes.append(Code(text, refusal=("unknown", f"There is no code {text}.")))
            continue
        why = refusal_of(row, row.used + beside[row.campaign_id], is_first=first)
        beside[row.campaign_id] += why is None
        codes.append(campaign_terms(row.campaign, text, slugs, why))
    return tuple(codes)


def find_codes(codes: Iterable[str], *, customer: str) -> dict[str, Any]:
    """The codes there are, each with its campaign and, as `used`, how often this customer has used that; in one
    statement.
    """
    counted = CampaignCustomer.objects.filter(campaign=OuterRef("campaign"), customer=customer).values("uses")
    rows = DiscountCode.objects.filter(code__in=codes).select_related("campaign")
    return {row.code: row for row in rows.annotate(used=Coalesce(Subquery(counted), 0))}


def campaign_terms(campaign: DiscountCampaign, code: str, slugs: dict[int, str], refusal: Why = None) -> Code:
    """A campaign's terms under one of its codes."""
    return Code(
        code=code,
        campaign_id=campaign.pk or 0,
        name=campaign.name,
        kind=campaign.kind,
        on_lines=campaign.applies_to == DiscountCampaign.Target.LINES,
        currency=campaign.currency,
        percent=campaign.percent or ZERO,
        amount=campaign.amount or ZERO,
        cap=campaign.cap,
        minimum_spend=campaign.minimum_spend,
        budget_left=None if campaign.budget is None else campaign.budget - campaign.spent,
        combines=campaign.combines,
        goods=goods_of(campaign, slugs),
        buy_get=buy_get_of(campaign, slugs),
        window=Window(campaign.starts_at, campaign.ends_at),
        refusal=refusal,
    )


def refusal_of(row: DiscountCode, uses: int, *, is_first: bool) -> Why:
    """Why a customer who has used its campaign so often cannot use a code: a reason and a sentence."""
    campaign, code = row.campaign, row.code
    if not (row.active and campaign.active):
        return "inactive", f"{code} is switched off."
    if row.limit is not None and row.uses >= row.limit:
        return "limit_reached", f"{code} has been used as often as it can be."
    if campaign.limit_per_customer is not None and uses >= campaign.limit_per_customer:
        return "used_before", f"You have used {code} as often as one customer can."
    if campaign.first_order_only and not is_first:
        return "not_first_order", f"{code} is for a first order."
    return None


def _is_first_order(codes: Iterable[DiscountCode], email: str, user_id: int | None) -> bool:
    if not any(row.campaign.first_order_only for row in codes):
        return True
    return not has_ordered(email=email, user_id=user_id)


def has_ordered(*, email: str, user_id: int | None, but: int = 0) -> bool:
    """Whether the account or address has an order that is not cancelled, other than the order `but`."""
    whose: Any = Q()
    if user_id is not None:
        whose |= Q(user=user_id)
    if email:
        whose |= Q(email=spelled(email))
    if not whose:
        return False
    return Order.objects.live().filter(whose).exclude(status=Status.CANCELLED).exclude(pk=but).exists()
