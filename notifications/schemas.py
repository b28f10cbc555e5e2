"""What the OpenAPI document says of each operation on templates and e-mails."""

from collections.abc import Callable
from typing import Any

from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema

from notifications.serializers import (
    NotificationSerializer,
    PreviewSerializer,
    TemplateChanges,
    TemplateInput,
    TemplateSerializer,
)
from notifications.states import DEFAULT_LANGUAGE, Kind

KIND = OpenApiParameter("kind", str, OpenApiParameter.PATH, enum=Kind.values)
LANGUAGE = OpenApiParameter("language", str, default=DEFAULT_LANGUAGE, description="Such as en or de-AT.")
IF_MATCH = OpenApiParameter("If-Match", str, OpenApiParameter.HEADER, description="Only this version: its `ETag`.")
IF_NONE_MATCH = OpenApiParameter("If-None-Match", str, OpenApiParameter.HEADER, description="The `ETag` you have.")

WORDS: dict[str, Any] = {
    "subject": "We have your order {{ order.number }}",
    "text": "Hello {{ order.first_name }}, thank you!\n\n{{ order.link }}\n",
    "html": '<h1>Thank you</h1>\n<p><a class="button" href="{{ order.link }}">See your order</a></p>\n',
}
TEMPLATE: dict[str, Any] = {
    "kind": "order_placed",
    "language": "en",
    **WORDS,
    "version": 2,
    "variables": ["order.first_name", "order.lines[]", "order.lines[].name", "order.link", "order.number"],
    "updated_at": "2030-03-04T10:00:00Z",
}
PREVIEW: dict[str, Any] = {
    "subject": "We have your order W0042",
    "text": "Hello Ada, thank you!\n\nhttps://shop.example.com/orders/W0042#token=...\n",
    "html": "<!doctype html>...",
}
MAIL: dict[str, Any] = {
    "id": 311,
    "kind": "order_placed",
    "language": "en",
    "order": "W1000001",
    "version": 1,
    "shipment": None,
    "to": "ada@example.com",
    "is_sample": False,
    "requested_by": "",
    "status": "sent",
    "attempts": 1,
    "created_at": "2030-03-04T10:00:00Z",
    "due_at": "2030-03-04T10:10:00Z",
    "sent_at": "2030-03-04T10:00:01Z",
    "error": "",
}
TEST_MAIL = MAIL | {"order": None, "version": None, "is_sample": True, "requested_by": "user:1", "status": "queued"}
TEST_MAIL |= {"attempts": 0, "sent_at": None}

Decorator = Callable[[Any], Any]


def _operation(name: str, summary: str, answer: Any = None, example: Any = None, **more: Any) -> Decorator:
    status = more.pop("status", 200)
    shown = [OpenApiExample("Answer", value=example, response_only=True, status_codes=[str(status)])] if example else []
    shown += [OpenApiExample(title, value=body, request_only=True) for title, body in more.pop("sends", {}).items()]
    more.setdefault("request", None)
    return extend_schema(
        operation_id=f"notification_{name}",
        summary=summary,
        responses={status: answer},
        examples=shown,
        tags=["notifications"],
        **more,
    )


LIST = _operation("templates_list", "List e-mail templates", TemplateSerializer(many=True), TEMPLATE)
CREATE = _operation(
    *("templates_create", "Write a template", TemplateSerializer, TEMPLATE),
    status=201,
    description="Refused with 409 `template_taken` where there is one for this kind and language. What would go wrong "
    "when it is sent is refused now, with a sentence each: unknown variables, tags that e-mails do not have.",
    request=TemplateInput,
    sends={"Thank you": {"kind": "order_placed", "language": "en", **WORDS}},
)
RETRIEVE = _operation(
    *("templates_read", "Look at a template", TemplateSerializer, TEMPLATE),
    parameters=[KIND, LANGUAGE, IF_NONE_MATCH],
)
UPDATE = _operation(
    *("templates_change", "Change a template", TemplateSerializer, TEMPLATE),
    request=TemplateChanges,
    sends={"Another subject": {"subject": WORDS["subject"]}},
    parameters=[KIND, LANGUAGE, IF_MATCH],
)
DESTROY = _operation(
    *("templates_delete", "Remove a template"),
    status=204,
    description="The words of the shop's first language are used then, or those Waybill comes with.",
    parameters=[KIND, LANGUAGE],
)
SHOW_PREVIEW = _operation(
    *("templates_preview", "See what a template makes of an example", PreviewSerializer, PREVIEW),
    description="With the parts as given, the others as they are stored. Nothing is saved.",
    request=TemplateChanges,
    sends={"As stored": {}, "Another subject": {"subject": WORDS["subject"]}},
    parameters=[KIND, LANGUAGE],
)
SEND_TEST = _operation(
    *("templates_send_test", "Send an example to yourself", NotificationSerializer, TEST_MAIL),
    status=202,
    parameters=[KIND, LANGUAGE],
)
LIST_MAILS = _operation("list", "Look at what was sent", NotificationSerializer(many=True), MAIL)
