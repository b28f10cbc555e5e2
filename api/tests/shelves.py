"""Views for the tests of the conventions, over a table that is always there: Django's groups, called shelves."""

from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import Group, Permission
from django.db import connection
from django.http import FileResponse
from rest_framework import serializers
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import Throttled
from rest_framework.permissions import AllowAny, IsAuthenticated
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from api.actors import Actor
from api.fields import AmountField, QuantityField, TextField
from api.inputs import read_input
from api.json import OrjsonRenderer
from api.views import GenericViewSet, ViewSet
from kernel.errors import NotAllowedNow, NotFound, Unavailable


@dataclass(frozen=True)
class Caller:
    """Somebody with a number, known by `Authorization: Test 7`."""

    number: int
    is_authenticated = True

    def as_actor(self) -> Actor:
        return Actor.user(self.number)


class ByNumber(BaseAuthentication):
    def authenticate(self, request: Request) -> tuple[Caller, None] | None:
        scheme, _, number = request.headers.get("Authorization", "").partition(" ")
        return (Caller(int(number)), None) if scheme == "Test" else None

    def authenticate_header(self, request: Request) -> str:
        return "Test"


class PlainText(BaseRenderer):
    media_type = "text/plain"
    format = "txt"

    def render(self, data: Any, accepted_media_type: str | None = None, renderer_context: Any = None) -> bytes:
        return str(data).encode()


class ThingWrite(serializers.Serializer[Any]):
    sku = TextField(max_length=20)
    quantity = QuantityField()


class ShelfWrite(serializers.Serializer[Any]):
    name = TextField(max_length=150)
    price = AmountField(required=False)
    things = ThingWrite(many=True, required=False)


class ShelfViewSet(GenericViewSet):
    authentication_classes = (ByNumber,)
    permission_classes = (AllowAny,)
    renderer_classes = (OrjsonRenderer, PlainText)
    queryset = Group.objects.all()
    ordering_fields = {"-id": ("-id",), "name": ("name", "id")}
    query_params = {"list": {"q"}}
    idempotency_required = {"place"}
    dry_run_actions = {"create", "place"}

    def list(self, request: Request) -> Response:
        page = self.paginate_queryset(self.get_queryset())
        return self.get_paginated_response([shelf.name for shelf in page or []])

    def create(self, request: Request) -> Response:
        form = read_input(ShelfWrite, request)
        shelf = Group.objects.create(name=form.validated_data["name"])
        return Response({"id": shelf.pk, "name": shelf.name}, status=201, headers={"Location": f"/shelves/{shelf.pk}"})

    def place(self, request: Request) -> Response:
        """A shelf more, whatever its name is: how many there are is how often this took effect."""
        shelf = Group.objects.create(name=f"shelf {Group.objects.count()} {connection.connection.info.backend_pid}")
        return Response({"id": shelf.pk, "secret": "open-sesame"}, status=201)

    def fail(self, request: Request, how: str) -> Response:
        """Write a shelf, then fail in the way asked for."""
        Group.objects.create(name=f"half done: {how}")
        return FAILURES[how]()

    def retrieve(self, request: Request, name: str) -> Response:
        return self.versioned(self._found(name).pk, lambda: {"name": name})

    def partial_update(self, request: Request, name: str) -> Response:
        shelf = self._found(name)
        self.check_if_match(shelf.pk)
        form = read_input(ShelfWrite, request)
        Group.objects.filter(pk=shelf.pk).update(name=form.validated_data["name"])
        return Response(status=204)

    def _found(self, name: str) -> Group:
        shelf = Group.objects.filter(name=name).first()
        if shelf is None:
            raise NotFound()
        return shelf


class LabelViewSet(GenericViewSet):
    """Many rows of one name: the ties of an order."""

    authentication_classes = ()
    permission_classes = (AllowAny,)
    queryset = Permission.objects.all()
    ordering_fields = {"name": ("name", "id"), "-name": ("-name", "-id"), "mixed": ("name", "-id")}
    query_params = {"rows": {"ordering", "page_size", "cursor"}}

    def list(self, request: Request) -> Response:
        page = self.paginate_queryset(self.get_queryset())
        return self.get_paginated_response([label.pk for label in page or []])

    def rows(self, request: Request) -> Response:
        page = self.paginate_queryset(self.get_queryset().values("id", "name"))
        return self.get_paginated_response([row["id"] for row in page or []])


class PrivateViewSet(ViewSet):
    authentication_classes = (ByNumber,)
    permission_classes = (IsAuthenticated,)

    def list(self, request: Request) -> Response:
        return Response({"actor": str(self.actor)})

    def file(self, request: Request) -> FileResponse:
        return FileResponse(open(__file__, "rb"))


def terminate() -> Response:
    """The connection dies, as when PostgreSQL is restarted or the process killed."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
    return Response()


def refuse() -> Response:
    raise NotAllowedNow("The shelf is full.", available_actions=["wait"])


def be_away() -> Response:
    raise Unavailable(retry_after=7)


def be_wrong() -> Response:
    raise RuntimeError("a bug")


def be_throttled() -> Response:
    raise Throttled(wait=2.2)


def twice() -> Response:
    Group.objects.create(name="half done: twice")
    return Response()


def too_long() -> Response:
    Group.objects.create(name="x" * 200)
    return Response()


FAILURES = {
    "refuse": refuse,
    "answer": lambda: Response({"detail": "no"}, status=404),
    "away": be_away,
    "bug": be_wrong,
    "throttled": be_throttled,
    "terminate": terminate,
    "twice": twice,
    "long": too_long,
}
