"""Pick lists over HTTP, and what is printed at the bench."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import HttpResponse
from rest_framework.request import Request
from rest_framework.response import Response

from api.inputs import read_input
from api.paper import PdfRenderer, as_answer, pdf
from api.views import GenericViewSet, ViewSet
from kernel.errors import NotFound
from orders import schemas_bench as schemas
from orders.bench.lists import cancel_pick_list, finish_pick_list, make_pick_list
from orders.bench.papers import label, packing_slip, walk
from orders.bench.picks import confirm_pick, short_pick
from orders.bench.representation import show_list, show_summary, summarised
from orders.models import PickList, Shipment
from orders.serializers.bench import PickInput, PickListFilter, PickListInput, ShortInput
from orders.views.base import OrderView


class PickListViewSet(OrderView, GenericViewSet):
    """The pick lists of the caller's warehouses."""

    serializer_class = PickListInput  # for the schema
    filterset_class = PickListFilter
    queryset = PickList.objects.none()
    idempotency_required = {"create", "pick", "short", "finish", "cancel"}
    needs = dict.fromkeys(("list", "create", "retrieve", "pick", "short", "finish", "cancel"), "pick")
    ordering_fields: ClassVar[dict[str, tuple[str, ...]]] = {"-id": ("-id",), "id": ("id",)}

    def get_queryset(self) -> QuerySet[PickList]:
        return summarised(PickList.objects.visible_to(self.request.user))

    @schemas.LIST
    def list(self, request: Request) -> Response:
        page: Any = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response([show_summary(found) for found in page])

    @schemas.MAKE
    def create(self, request: Request) -> Response:
        given = read_input(PickListInput, request).validated_data
        return self.shown(make_pick_list(**given, by=self.actor).pk, status=201)

    @schemas.READ
    def retrieve(self, request: Request, number: str) -> Response:
        return self.shown(self.named_list(number).pk)

    @schemas.PICK
    def pick(self, request: Request, number: str) -> Response:
        found, given = self.named_list(number), read_input(PickInput, request).validated_data
        task = given.get("task")
        confirm_pick(list_id=found.pk, code=given["code"], quantity=given["quantity"], task_id=task, by=self.actor)
        return self.shown(found.pk)

    @schemas.SHORT
    def short(self, request: Request, number: str) -> Response:
        found, given = self.named_list(number), read_input(ShortInput, request).validated_data
        if not found.tasks.filter(pk=given["task"]).exists():
            raise NotFound("There is no such task on this list.", field="task")
        short_pick(task_id=given["task"], quantity=given["quantity"], reason=given["reason"], by=self.actor)
        return self.shown(found.pk)

    @schemas.FINISH
    def finish(self, request: Request, number: str) -> Response:
        return self.shown(finish_pick_list(list_id=self.named_list(number).pk, by=self.actor).pk)

    @schemas.CANCEL
    def cancel(self, request: Request, number: str) -> Response:
        return self.shown(cancel_pick_list(list_id=self.named_list(number).pk, by=self.actor).pk)

    def named_list(self, number: str) -> PickList:
        """Raises `NotFound`, also for a list of another's warehouse."""
        return named_list(self.request.user, number)

    def shown(self, list_id: int, status: int = 200) -> Response:
        return Response(show_list(summarised(PickList.objects.filter(pk=list_id)).get()), status=status)


class PaperViewSet(OrderView, ViewSet):
    """Documents to print, as PDF."""

    renderer_classes = (PdfRenderer, *ViewSet.renderer_classes)
    serializer_class = None
    needs = dict.fromkeys(("packing_slip", "label", "pick_list"), "papers")

    @schemas.SLIP
    def packing_slip(self, request: Request, number: str) -> HttpResponse:
        return as_answer(pdf(packing_slip(self.package(number))), f"{number}-slip.pdf")

    @schemas.LABEL
    def label(self, request: Request, number: str) -> HttpResponse:
        return as_answer(pdf(label(self.package(number))), f"{number}-label.pdf")

    @schemas.PICK_LIST
    def pick_list(self, request: Request, number: str) -> HttpResponse:
        return as_answer(pdf(walk(named_list(request.user, number))), f"{number}.pdf")

    def package(self, number: str) -> Shipment:
        """Raises `NotFound`, also for a package of another's warehouse."""
        return named_package(self.request.user, number)


def named_list(user: Any, number: str) -> PickList:
    """A list of the person's warehouses. Raises `NotFound`."""
    found = PickList.objects.visible_to(user).select_related("warehouse").filter(number=number).first()
    if found is None:
        raise NotFound("There is no such pick list.")
    return found


def named_package(user: Any, number: str) -> Shipment:
    """A package of the person's warehouses. Raises `NotFound`."""
    theirs = Shipment.objects.lying_in(getattr(user, "own_warehouses", None))
    found = theirs.select_related("order", "warehouse").filter(number=number).first()
    if found is None:
        raise NotFound("There is no such package.")
    return found
