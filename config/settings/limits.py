"""How often something may be tried: attempts and the seconds of their window, as 10/900. Beyond them: 429."""

from django.core.exceptions import ImproperlyConfigured

from config.env import env


def _rate(name: str, default: str) -> tuple[int, int]:
    text = env.str(name, default=default)
    attempts, _, seconds = text.partition("/")
    if not (attempts.isdecimal() and seconds.isdecimal() and int(attempts) and int(seconds)):
        raise ImproperlyConfigured(f"{name}: attempts and seconds, such as {default}; not {text!r}.")
    return int(attempts), int(seconds)


LIMITS = {
    # Wrong passwords; a right one takes its attempt back.
    "login_account": _rate("WAYBILL_LIMIT_LOGIN_ACCOUNT", "10/900"),
    "login_network": _rate("WAYBILL_LIMIT_LOGIN_NETWORK", "100/900"),
    # Codes of a second factor, wrong or right.
    "second_factor": _rate("WAYBILL_LIMIT_SECOND_FACTOR", "10/900"),
    # Mails somebody asks to be sent to an address: resets, and repeated registrations.
    "mail_account": _rate("WAYBILL_LIMIT_MAIL_ACCOUNT", "5/3600"),
    "mail_network": _rate("WAYBILL_LIMIT_MAIL_NETWORK", "1000/3600"),
    # Tokens and codes of other issuers that were refused.
    "social_network": _rate("WAYBILL_LIMIT_SOCIAL_NETWORK", "60/900"),
    # Discount codes that do not exist.
    "discount_code_guess": _rate("WAYBILL_LIMIT_DISCOUNT_CODES", "60/3600"),
    # Guests who ask to be told when something is back.
    "stock_request_address": _rate("WAYBILL_LIMIT_STOCK_REQUEST_ADDRESS", "10/3600"),
    "stock_request_network": _rate("WAYBILL_LIMIT_STOCK_REQUEST_NETWORK", "100/3600"),
}

# Requests in a minute of all of a partner's tokens together, unless the partner has a number of its own.
PARTNER_REQUESTS_PER_MINUTE = env.int("WAYBILL_PARTNER_REQUESTS_PER_MINUTE", default=600)

# Products that one person, or one address, can wait for at a time.
STOCK_REQUESTS_OPEN = env.int("WAYBILL_STOCK_REQUESTS_OPEN", default=20)
