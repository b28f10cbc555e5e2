from collections.abc import Mapping
from typing import Any

import pytest
from django.conf import settings

from api.tokens import derive_token
from notifications.rendering import Source, default_source, problems, render, sample
from notifications.rendering.contexts import cancellation_values, order_values, shipment_values
from notifications.states import Kind
from orders.models import Order
from orders.services import cancel_order
from orders.tests.factories import TESTS, buyable, place, shipped

VALUES = {"order": {"number": "W1", "lines": [{"name": "A & B"}], "discount": ""}, "name": "<b>Ada</b>"}


def source(part: str) -> Source:
    return Source(subject=part.splitlines()[0] if part else part, text=part, html=part)


def complaints(html: str) -> list[str]:
    return problems(Source("Fine", "Fine", html), VALUES).get("html", [])


def shape(values: Any) -> Any:
    """Names all the way down; a list by its first element."""
    if isinstance(values, Mapping):
        return {name: shape(value) for name, value in values.items()}
    return [shape(values[0])] if isinstance(values, list) else type(values)


@pytest.mark.parametrize("kind", Kind.values)
def test_what_waybill_comes_with_is_fit_to_be_sent(kind: str) -> None:
    values = sample(kind)
    assert problems(default_source(kind), values) == {}
    mail = render(default_source(kind), values)
    assert mail.subject
    assert "Hello Ada," in mail.text
    assert "<p>Hello Ada,</p>" in mail.html
    assert "{{" not in mail.text + mail.html
    assert "{%" not in mail.text + mail.html


def test_html_is_escaped_and_plain_text_is_not() -> None:
    mail = render(source("Hello {{ name }}"), VALUES)
    assert "Hello &lt;b&gt;Ada&lt;/b&gt;" in mail.html
    assert "Hello <b>Ada</b>" in mail.text
    assert mail.subject == "Hello <b>Ada</b>"


def test_a_subject_is_one_line_whatever_is_filled_in() -> None:
    assert (
        render(source("Order {{ name }}"), {"name": "W1\r\nBcc: x@example.com"}).subject
        == "Order W1 Bcc: x@example.com"
    )


def test_rendering_leaves_what_it_was_given_alone() -> None:
    values = {"order": {"lines": [1, 2]}}
    render(source("{{ order.lines.clear }}{{ order.clear }}"), values)
    assert values == {"order": {"lines": [1, 2]}}


@pytest.mark.parametrize(
    ("html", "sentence"),
    [
        (
            "{{ order.nmber }}",
            "Line 1: there is no order.nmber here. There are order.discount, order.lines, order.number.",
        ),
        ("{{ person }}", "Line 1: there is no person here. There are name, order."),
        ("\n{% if order.gone %}x{% endif %}", "Line 2: there is no order.gone here."),
        ("{% if name and not order.gone %}x{% endif %}", "Line 1: there is no order.gone here."),
        ("{% if 0 %}{{ nobody }}{% endif %}", "Line 1: there is no nobody here."),
        (
            "{% for line in order.lines %}{{ line.prize }}{% endfor %}",
            "Line 1: there is no line.prize here. There are line.name.",
        ),
        ("{% for line in order.lines %}{% endfor %}{{ line.name }}", "Line 1: there is no line.name here."),
        ("{{ name|default:nobody }}", "Line 1: there is no nobody here."),
        ("{% for x in name %}{% endfor %}", "Line 1: name is not a list."),
        ("{% for a, b in order.lines %}{% endfor %}", "Line 1: a loop has one variable."),
        ("{% include 'x' %}", "Line 1: there is no tag include here. There are if, for, comment."),
        ("{% load static %}", "Line 1: there is no tag load here."),
        ("{% autoescape off %}x{% endautoescape %}", "Line 1: there is no tag autoescape here."),
        ("{{ name|safe }}", "There is no filter safe here. There are capfirst,"),
        ("{{ name|stringformat:'900000000d' }}", "There is no filter stringformat here."),
        ("{% if name %}", "Unclosed tag on line 1: 'if'."),
        ("{{ name }", "A {{ has lost its }}."),
        ("{% if name }x", "A {% has lost its %}."),
        ("{{ }}", "Empty variable tag on line 1."),
        ("{{ name._secret }}", "Variables and attributes may not begin with underscores: 'name._secret'."),
        ("", "This cannot be empty."),
        ("x" * 100_001, "At most 100000 characters."),
    ],
)
def test_what_would_go_wrong_is_said_in_a_sentence(html: str, sentence: str) -> None:
    (found,) = complaints(html)
    assert found.startswith(sentence)


def test_loops_inside_loops_inside_loops_are_refused() -> None:
    two = "{% for a in order.lines %}{% for b in order.lines %}x{% endfor %}{% endfor %}"
    assert complaints(two) == []
    assert complaints(f"{{% for c in order.lines %}}{two}{{% endfor %}}") == [
        "Line 1: at most 2 loops inside each other."
    ]


def test_the_counters_of_loops_are_known() -> None:
    loop = "{% for a in order.lines %}{{ forloop.counter }}{% if not forloop.last %},{% endif %}{% endfor %}"
    assert complaints(loop) == []
    assert complaints("{{ forloop.counter }}") != []


def test_a_subject_of_two_lines_is_refused() -> None:
    assert problems(Source("a\nb", "x", "x"), VALUES) == {"subject": ["A subject is one line."]}


@pytest.mark.django_db
def test_a_real_order_fills_in_exactly_what_the_example_does() -> None:
    buyable()
    order = shipped()
    Order.objects.filter(pk=order.pk).update(reference="R", expires_at=order.created_at)
    order = Order.objects.whole().get(pk=order.pk)
    shipment = order.shipments.select_related("order").get()
    shipment.order = order
    assert shape(order_values(order)) == shape(sample("order_placed")["order"])
    assert shape(shipment_values(shipment)) == shape(sample("order_shipped")["shipment"])


@pytest.mark.django_db
def test_a_real_cancellation_fills_in_exactly_what_the_example_does() -> None:
    buyable()
    order = place(("MUG", 2))
    cancel_order(order_id=order.pk, reason="mistake", lines={order.lines.get().pk: 1}, by=TESTS)
    order = Order.objects.whole().get(pk=order.pk)
    values = cancellation_values(order, order.transitions.get(version=2))
    assert shape(values) == shape(sample("order_cancelled")["cancellation"])
    assert (values["whole"], values["expired"], values["reason"], values["refund"]) == (False, False, "mistake", "")
    assert [(line["name"], line["quantity"]) for line in values["lines"]] == [("Mug", 1)]


@pytest.mark.django_db
def test_amounts_are_shown_with_their_currency_and_the_link_opens_the_order() -> None:
    buyable("MUG", price="1234.50")
    values = order_values(Order.objects.whole().get(pk=place(("MUG", 2)).pk))
    number = values["number"]
    assert [values[name] for name in ("subtotal", "discount", "shipping", "tax", "total", "paid")] == [
        *("€2,469.00", "", "€5.00", "€493.80", "€2,967.80", "")
    ]
    assert values["link"] == f"{settings.SHOP_PUBLIC_URL}/orders/{number}#token={derive_token('order', number)}"
    assert values["address"] == ["Example", "1 High Street", "10115 Berlin", "Germany"]
