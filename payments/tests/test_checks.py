from typing import Any

from payments.checks import check_gateways


def test_a_provider_without_what_it_takes_to_be_believed_is_refused(settings: Any) -> None:
    settings.PAYMENT_GATEWAYS = {"stripe": "payments.gateways.stripe.StripeGateway"}
    settings.STRIPE_ACCOUNT, settings.STRIPE_WEBHOOK_SECRETS = "acct_shop", []
    assert [error.msg for error in check_gateways()] == ["STRIPE_WEBHOOK_SECRETS is not set, but stripe is offered."]
    settings.STRIPE_WEBHOOK_SECRETS = ["whsec"]
    assert check_gateways() == []


def test_a_shop_without_providers_is_fine(settings: Any) -> None:
    settings.PAYMENT_GATEWAYS = {}
    assert check_gateways() == []
