"""The OpenAPI document tells the truth: answers, and its own examples, have exactly the members and types it says."""

from typing import Any

import pytest
from drf_spectacular.generators import SchemaGenerator
from openapi_schema_validator import OAS30Validator
from referencing import Registry, Resource
from rest_framework.test import APIClient

from accounts.tests.factories import UserFactory
from catalog.models import Product
from orders.services import place_hold
from orders.tests.factories import ADDRESS, TESTS, buyable, delivered, paid, place
from orders.tests.http import get, post, ready_cart, staff

pytestmark = pytest.mark.django_db

PATHS = ("/api/v1/carts", "/api/v1/orders", "/api/v1/shipments", "/api/v1/returns")


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    generator: Any = SchemaGenerator()
    return dict(null_too(generator.get_schema(request=None, public=True)))


def null_too(schema: Any) -> Any:
    """OpenAPI 3.0 writes a reference that may be null as `allOf` beside `nullable`; JSON Schema as alternatives."""
    if isinstance(schema, list):
        return [null_too(inner) for inner in schema]
    if not isinstance(schema, dict):
        return schema
    read = {name: null_too(inner) for name, inner in schema.items()}
    if read.get("nullable") and "allOf" in read:
        return {"anyOf": [*read["allOf"], {"type": "object", "nullable": True, "maxProperties": 0}]}
    return read


def differences(document: dict[str, Any], name: str, value: Any) -> list[str]:
    """What is wrong with a value by the schema of this name, members it does not mention included."""
    registry = Registry().with_resource("", Resource.opaque(document))
    schema = {"$ref": f"#/components/schemas/{name}"}
    validator = OAS30Validator({**schema, "components": document["components"]}, registry=registry)
    wrong = [f"{error.json_path}: {error.message}" for error in validator.iter_errors(value)]
    return wrong + list(unmentioned(document, schema, value, name))


def unmentioned(document: dict[str, Any], schema: dict[str, Any], value: Any, path: str) -> list[str]:
    while {"allOf", "anyOf", "$ref"} & set(schema):
        schema = (schema.get("allOf") or schema.get("anyOf") or [schema])[0]
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema
    if isinstance(value, list):
        return [
            found for inner in value for found in unmentioned(document, schema.get("items", {}), inner, f"{path}[]")
        ]
    if not isinstance(value, dict) or "properties" not in schema:
        return []
    found = [f"{path}.{name}" for name in value if name not in schema["properties"]]
    missing = [f"{path}.{name} missing" for name in schema["properties"] if name not in value]
    for name, inner in value.items():
        found += unmentioned(document, schema["properties"].get(name, {}), inner, f"{path}.{name}")
    return found + [gone for gone in missing if not gone.endswith(OPTIONAL)]


OPTIONAL = (".token missing", "problems[].item missing", "problems[].field missing")


def test_carts(document):
    buyable("MUG", quantity=1)
    buyable("CUP")
    guest = APIClient()
    cart = ready_cart(guest, ("MUG", 2), ("CUP", 1))
    assert differences(document, "OpenedCart", cart) == []
    Product.objects.filter(sku="CUP").update(published=False)
    headers = {"x_cart_token": cart["token"]}
    seen = get(guest, f"carts/{cart['id']}", **headers).json()
    assert [problem["code"] for problem in seen["problems"]] == ["product_unavailable", "insufficient_stock"]
    assert differences(document, "Cart", seen) == []
    bare = post(guest, "carts", {"billing_address": ADDRESS}).json()
    assert differences(document, "OpenedCart", bare) == []
    options = get(guest, f"carts/{cart['id']}/shipping-options", **headers).json()
    assert differences(document, "ShippingOptionList", options) == []


def test_a_new_order(document):
    buyable("MUG")
    guest = APIClient()
    cart = ready_cart(guest)
    order = post(guest, "orders", {"cart": cart["id"]}, x_cart_token=cart["token"]).json()
    assert differences(document, "PlacedOrder", order) == []


def test_orders_with_all_that_can_be_in_them(document):
    buyable("MUG", quantity=20)
    Product.objects.update(options={"colour": "blue"})
    admin = staff("admin")
    order = delivered(("MUG", 3), user=UserFactory())
    line = {"line": order.lines.get().pk, "quantity": 1}
    asked = post(admin, f"orders/{order.number}/returns", {"lines": [line | {"reason": "damaged"}]}).json()
    assert differences(document, "Return", asked) == []
    post(admin, f"returns/{asked['number']}/approve")
    arrival = {"lines": [line | {"condition": "new", "restock": True}]}
    assert differences(document, "Return", post(admin, f"returns/{asked['number']}/receive", arrival).json()) == []
    held = paid(("MUG", 2))
    hold = post(admin, f"orders/{held.number}/holds", {"kind": "stock"}).json()
    assert differences(document, "Hold", hold) == []
    place_hold(order_id=place().pk, kind="fraud", by=TESTS)
    orders = get(admin, "orders").json()
    assert len(orders["results"]) == 3
    assert differences(document, "OrderList", orders) == []
    timeline = get(admin, f"orders/{order.number}/timeline").json()
    assert differences(document, "Timeline", timeline) == []


def test_packages(document):
    buyable("MUG")
    order = paid()
    warehouse = staff("warehouse")
    package = post(warehouse, f"orders/{order.number}/shipments", {}).json()
    assert differences(document, "Shipment", package) == []
    shipped = post(warehouse, f"shipments/{package['number']}/ship", {"carrier": "DHL"}).json()
    assert differences(document, "Shipment", shipped) == []


def test_refusals(document):
    answer = post(staff("admin"), f"orders/{place_of_a_mug()}/shipments", {}).json()
    assert "available_actions" in answer
    assert differences(document, "Problem", answer) == []


def place_of_a_mug() -> str:
    buyable("MUG")
    return place().number


def operations(document: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    return [
        (f"{method} {path}", operation)
        for path, methods in document["paths"].items()
        if path.startswith(PATHS)
        for method, operation in methods.items()
        if "payments" not in path
    ]


def test_every_operation_has_a_summary_and_examples_of_its_shape(document):
    found = operations(document)
    assert len(found) == 37
    for name, operation in found:
        assert operation["summary"], name
        for content in bodies(operation):
            assert content.get("examples"), name
            for example in content["examples"].values():
                assert fits(document, content["schema"], example["value"]), (name, example)


def bodies(operation: dict[str, Any]) -> list[dict[str, Any]]:
    """The bodies an operation takes and gives where it succeeds."""
    answers = [answer for status, answer in operation["responses"].items() if status < "300"]
    return [
        content
        for body in [operation.get("requestBody", {}), *answers]
        for kind, content in body.get("content", {}).items()
        if kind == "application/json"
    ]


def fits(document: dict[str, Any], schema: dict[str, Any], value: Any) -> bool:
    name = schema["$ref"].rpartition("/")[2]
    branches = document["components"]["schemas"][name].get("oneOf", [{"$ref": name}])
    names = [branch["$ref"].rpartition("/")[2] for branch in branches]
    strict = not name.endswith("Request")
    return any(not [wrong for wrong in differences(document, name, value) if strict or ":" in wrong] for name in names)


SHIPMENT_ACTIONS = ("ship", "deliver", "lose", "returned-to-sender", "cancel")


def test_keys_are_said_to_be_required_where_they_are(document):
    required = {
        name
        for name, operation in operations(document)
        for parameter in operation.get("parameters", [])
        if parameter["name"] == "Idempotency-Key" and parameter.get("required")
    }
    assert required == {
        f"post /api/v1/{path}"
        for path in (
            "orders",
            "orders/{number}/cancel",
            "orders/{number}/edit",
            "orders/{number}/shipments",
            "orders/{number}/returns",
            *(f"shipments/{{number}}/{action}" for action in SHIPMENT_ACTIONS),
            *(f"returns/{{number}}/{action}" for action in ("approve", "reject", "receive", "exchange")),
            *(f"returns/{{number}}/units/{{unit_id}}/{action}" for action in ("restock", "write-off")),
        )
    }


def test_every_status_that_was_seen_is_described(document):
    described = {name: set(operation["responses"]) for name, operation in operations(document)}
    assert {"200", "304", "401", "404"} <= described["get /api/v1/orders/{number}"]
    assert {"201", "400", "401", "403", "404", "409", "415", "422", "503"} <= described["post /api/v1/orders"]
    assert {"204", "403", "404", "409", "412"} <= described["delete /api/v1/orders/{number}/holds/{hold_id}"]
