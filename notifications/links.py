"""Where the links in e-mails lead: pages of the shop, with what opens them after the `#`.

What follows a `#` is not sent to servers, so that no token ends up in anybody's log.
"""

from django.conf import settings
from django.urls import reverse

from api.tokens import derive_token


def order_link(number: str) -> str:
    """The order's page for its customer, also for a guest: the token is derived, never stored."""
    return str(settings.SHOP_ORDER_LINK).format(number=number, token=derive_token("order", number))


def return_link(number: str, return_number: str) -> str:
    """The return's page for its customer, from which the label is fetched. It opens with the token of its order."""
    token = derive_token("order", number)
    return str(settings.SHOP_RETURN_LINK).format(number=number, return_number=return_number, token=token)


def payment_link(number: str) -> str:
    """Straight to paying the order. Its token pays through the API as it opens the order."""
    return str(settings.SHOP_PAY_LINK).format(number=number, token=derive_token("order", number))


def product_link(sku: str) -> str:
    """The product's page for customers."""
    return str(settings.SHOP_PRODUCT_LINK).format(sku=sku)


def low_stock_link() -> str:
    """The queue of what is low, in the back office."""
    queue = f"{reverse('admin:inventory_stocklevel_changelist')}?availability=low"
    return f"{settings.SHOP_PUBLIC_URL}{queue}"


def verification_link(key: str) -> str:
    return str(settings.SHOP_VERIFY_LINK).format(key=key)


def reset_link(key: str) -> str:
    return str(settings.SHOP_RESET_LINK).format(key=key)


def login_link() -> str:
    return str(settings.SHOP_LOGIN_LINK)


def export_link() -> str:
    """The page of the shop on which a person fetches the copy of their data."""
    return str(settings.SHOP_EXPORT_LINK)


def keep_link(key: str) -> str:
    return str(settings.SHOP_KEEP_LINK).format(key=key)
