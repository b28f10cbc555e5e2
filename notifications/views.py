"""Templates and the delivery log over HTTP."""

from typing import cast

from rest_framework.request import Request
from rest_framework.response import Response

from accounts.authentication import person
from accounts.permissions import IsAdmin
from api.inputs import read_input
from api.views import GenericViewSet
from kernel.errors import Invalid, NotFound
from notifications import schemas
from notifications.filters import NotificationFilter
from notifications.models import Notification, NotificationTemplate
from notifications.rendering import Source
from notifications.serializers import (
    NotificationSerializer,
    PreviewSerializer,
    TemplateChanges,
    TemplateInput,
    TemplateSerializer,
)
from notifications.services import (
    TemplateFields,
    create_template,
    delete_template,
    preview,
    send_test,
    source_for,
    update_template,
)
from notifications.states import DEFAULT_LANGUAGE, Kind


class TemplateViewSet(GenericViewSet):
    """The words of the shop's e-mails, one template a kind and language."""

    queryset = NotificationTemplate.objects.all()
    serializer_class = TemplateSerializer
    permission_classes = [IsAdmin]
    ordering_fields = {"kind": ("kind", "id"), "-kind": ("-kind", "-id")}
    query_params = {name: {"language"} for name in ("retrieve", "partial_update", "destroy", "preview", "send_test")}

    @schemas.LIST
    def list(self, request: Request) -> Response:
        page = self.paginate_queryset(self.get_queryset()) or []
        return self.get_paginated_response(TemplateSerializer(page, many=True).data)

    @schemas.CREATE
    def create(self, request: Request) -> Response:
        given = read_input(TemplateInput, request).validated_data
        kind, language = given.pop("kind"), given.pop("language")
        template = create_template(kind=kind, language=language, fields=cast(TemplateFields, given), by=self.actor)
        return self.versioned(template.version, lambda: TemplateSerializer(template).data, status=201)

    @schemas.RETRIEVE
    def retrieve(self, request: Request, kind: str) -> Response:
        template = self.find(kind)
        return self.versioned(template.version, lambda: TemplateSerializer(template).data)

    @schemas.UPDATE
    def partial_update(self, request: Request, kind: str) -> Response:
        template_id = self.find(kind).pk
        fields = cast(TemplateFields, read_input(TemplateChanges, request).validated_data)
        template = update_template(template_id=template_id, fields=fields, check=self.check_if_match, by=self.actor)
        return self.versioned(template.version, lambda: TemplateSerializer(template).data)

    @schemas.DESTROY
    def destroy(self, request: Request, kind: str) -> Response:
        delete_template(template_id=self.find(kind).pk, by=self.actor)
        return Response(status=204)

    @schemas.SHOW_PREVIEW
    def preview(self, request: Request, kind: str) -> Response:
        stored = source_for(known(kind), self.language)
        changes = read_input(TemplateChanges, request).validated_data
        given = {"subject": stored.subject, "text": stored.text, "html": stored.html} | changes
        return Response(PreviewSerializer(preview(kind=kind, source=Source(**given))).data)

    @schemas.SEND_TEST
    def send_test(self, request: Request, kind: str) -> Response:
        mail = send_test(kind=known(kind), language=self.language, user_id=person(request).pk, by=self.actor)
        return Response(NotificationSerializer(mail).data, status=202)

    @property
    def language(self) -> str:
        language = self.request.query_params.get("language", DEFAULT_LANGUAGE)
        if len(language) > 5:
            raise Invalid("Such as en or de-AT.", field="language")
        return language

    def find(self, kind: str) -> NotificationTemplate:
        template = self.get_queryset().filter(kind=kind, language=self.language).first()
        if template is None:
            raise NotFound("There is no such template.")
        return template


class NotificationViewSet(GenericViewSet):
    """What was sent, to whom, and what became of it."""

    queryset = Notification.objects.none()
    serializer_class = NotificationSerializer
    permission_classes = [IsAdmin]
    filterset_class = NotificationFilter
    ordering_fields = {"-created_at": ("-id",), "created_at": ("id",)}

    @schemas.LIST_MAILS
    def list(self, request: Request) -> Response:
        found = self.filter_queryset(Notification.objects.with_subjects())
        page = self.paginate_queryset(found) or []
        return self.get_paginated_response(NotificationSerializer(page, many=True).data)


def known(kind: str) -> str:
    """Raises `NotFound` for a kind of e-mail there is not."""
    if kind not in Kind.values:
        raise NotFound("There is no such kind of e-mail.")
    return kind
