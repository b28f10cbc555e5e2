"""What a campaign is and gives, in words."""

from datetime import datetime

from catalog.discounts.words import ENDED, OFF, RUNNING, WAITING
from catalog.discounts.words import state as discount_state
from kernel.money import CURRENCIES, ZERO, format_amount
from orders.models import DiscountCampaign
from orders.pricing.rules import buy_get_words, number

SPENT = "used up"

__all__ = ["ENDED", "OFF", "RUNNING", "SPENT", "WAITING", "gives", "state"]


def gives(campaign: DiscountCampaign) -> str:
    """Such as `10 % off the order, at most 20.00 EUR`."""
    kinds = DiscountCampaign.Kind
    if campaign.kind == kinds.FREE_SHIPPING:
        return "Free shipping"
    if campaign.kind == kinds.BUY_X_GET_Y:
        return buy_get_words(campaign.buy_quantity or 0, campaign.get_quantity or 0, campaign.percent or ZERO)
    of = "the goods it is for" if campaign.applies_to == DiscountCampaign.Target.LINES else "the order"
    if campaign.kind == kinds.FIXED:
        return f"{_money(campaign, 'amount')} off {of}"
    at_most = f", at most {_money(campaign, 'cap')}" if campaign.cap is not None else ""
    return f"{number(campaign.percent)} % off {of}{at_most}" if campaign.percent is not None else ""


def state(campaign: DiscountCampaign, now: datetime) -> str:
    """`running`, or why its codes give nothing now."""
    found = discount_state(campaign, now)
    is_spent = campaign.budget is not None and campaign.spent >= campaign.budget
    return SPENT if found == RUNNING and is_spent else found


def _money(campaign: DiscountCampaign, name: str) -> str:
    amount, currency = getattr(campaign, name), campaign.currency
    return f"{format_amount(amount, currency)} {currency}" if currency in CURRENCIES else number(amount)
