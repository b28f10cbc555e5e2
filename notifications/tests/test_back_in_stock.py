"""The mail that something is back: what it says, to whom, and that it is one."""

from decimal import Decimal
from typing import Any

import pytest

from accounts.models import User
from accounts.tests.factories import UserFactory
from audit.models import Delivery
from catalog.events import BackInStock
from catalog.models import Product, StockRequest
from catalog.stock_requests.services import tell_who_waits
from catalog.stock_requests.tests.wishes import ADA, TESTS, refill, sold_out, wish
from notifications.handlers import email_back_in_stock
from notifications.models import Notification, NotificationTemplate
from notifications.rendering import sample
from notifications.rendering.contexts import product_values
from notifications.services import send_again, send_due
from tests.journeys.personal_data import deliver_all

pytestmark = pytest.mark.django_db


def all_hear() -> None:
    """The sweep, and all that follows from it but the sending."""
    refill()
    tell_who_waits(by=TESTS)
    deliver_all()


def test_it_names_the_product_its_options_and_price_and_leads_to_it(mailoutbox: list[Any], settings: Any) -> None:
    settings.SHOP_PRODUCT_LINK = "https://shop.example/p/{sku}"
    product = sold_out(options={"colour": "blue", "size": "M"}, price=Decimal("12.50"), sale_price=Decimal("9.99"))
    Product.objects.filter(pk=product.pk).update(name="Mug & saucer")
    wish()
    all_hear()
    assert send_due() == 1
    (mail,) = mailoutbox
    html = mail.alternatives[0].content
    assert (mail.to, mail.subject) == ([ADA], "Mug & saucer can be ordered again")
    for text in ("Hello,", "Mug & saucer (M, blue)", "€9.99", "https://shop.example/p/MUG"):
        assert text in mail.body
    for text in ("<p>Hello,</p>", "Mug &amp; saucer", "M, blue", "€9.99", 'href="https://shop.example/p/MUG"'):
        assert text in html
    assert "12.50" not in mail.body + html


def test_a_customer_is_called_by_name_at_the_address_they_have_now(mailoutbox: list[Any]) -> None:
    sold_out()
    ada = UserFactory(first_name="Ada", email="before@example.com")
    wish(user=ada)
    User.objects.filter(pk=ada.pk).update(email="after@example.com")
    all_hear()
    send_due()
    assert (mailoutbox[0].to, "Hello Ada," in mailoutbox[0].body) == (["after@example.com"], True)


def test_it_goes_in_the_language_that_was_asked_for(mailoutbox: list[Any]) -> None:
    NotificationTemplate.objects.create(
        kind="back_in_stock", language="de", subject="Wieder da", text="{{ product.name }}", html="<p>Da</p>"
    )
    sold_out()
    wish(language="de")
    wish(email="eve@example.com", language="fr")
    all_hear()
    send_due()
    assert [mail.subject for mail in mailoutbox] == ["Wieder da", "Mug can be ordered again"]


def test_a_fact_that_is_delivered_twice_sends_one_mail(mailoutbox: list[Any]) -> None:
    sold_out()
    wish()
    all_hear()
    Delivery.objects.filter(handler="notifications.email_back_in_stock").update(state="pending")
    deliver_all()
    assert (send_due(), len(mailoutbox), Notification.objects.count()) == (1, 1, 1)


def test_what_was_taken_off_sale_meanwhile_is_not_praised(mailoutbox: list[Any]) -> None:
    sold_out()
    wish()
    all_hear()
    Product.objects.update(published=False)
    assert (send_due(), mailoutbox) == (0, [])
    assert Notification.objects.get().error == "The product is no longer on sale."


def test_who_has_left_or_whose_address_is_gone_is_sent_nothing(mailoutbox: list[Any]) -> None:
    sold_out()
    ada, gone = UserFactory(), UserFactory()
    wish(user=ada)
    wish(user=gone)
    wish()
    all_hear()
    User.objects.filter(pk=ada.pk).update(is_active=False)
    User.objects.filter(pk=gone.pk).update(email="erased-1@erased.invalid")
    StockRequest.objects.exclude(email="").update(email="")
    assert (send_due(), mailoutbox) == (0, [])
    Notification.objects.all().delete()
    for request in StockRequest.objects.exclude(user=ada):
        email_back_in_stock(BackInStock(request_id=request.pk))
    assert Notification.objects.count() == 0


def test_staff_can_send_it_again(mailoutbox: list[Any]) -> None:
    sold_out()
    wish()
    all_hear()
    send_due()
    again = send_again(notification_id=Notification.objects.get().pk, by=TESTS)
    assert (again.stock_request_id, send_due(), len(mailoutbox)) == (StockRequest.objects.get().pk, 1, 2)


def test_a_real_product_fills_in_exactly_what_the_example_does() -> None:
    real, example = product_values(Product.objects.get(pk=sold_out().pk)), sample("back_in_stock")["product"]
    assert {name: type(value) for name, value in real.items()} == {name: type(value) for name, value in example.items()}
