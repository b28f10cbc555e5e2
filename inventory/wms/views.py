"""The WMS link over HTTP."""

from typing import Any

import django_filters
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import mixins
from rest_framework.request import Request
from rest_framework.response import Response

from api.views import GenericViewSet
from inventory.permissions import SeesMoves
from inventory.wms.links import link_named
from inventory.wms.models import WmsDifference, WmsRun
from inventory.wms.runs import open_run
from inventory.wms.serializers import WmsDifferenceSerializer, WmsRunInput, WmsRunSerializer
from inventory.wms.states import DifferenceState, RunKind
from kernel.errors import NotFound

TAGS = ["wms"]


class WmsRunFilter(django_filters.FilterSet):
    link = django_filters.CharFilter(max_length=40)
    kind = django_filters.CharFilter(method="filter_kind", help_text=", ".join(RunKind))

    class Meta:
        model = WmsRun
        fields = ("link", "kind")

    def filter_kind(self, queryset: QuerySet[WmsRun], name: str, value: str) -> QuerySet[WmsRun]:
        return queryset.filter(kind=value)


class WmsRunViewSet(mixins.ListModelMixin, GenericViewSet):
    """Each time that a WMS was asked what lies there, newest first."""

    permission_classes = [SeesMoves]
    serializer_class = WmsRunSerializer
    queryset = WmsRun.objects.all()
    filterset_class = WmsRunFilter
    idempotency_required = frozenset({"create"})

    @extend_schema(summary="List runs of the WMS link", tags=TAGS)
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().list(request, *args, **kwargs)

    @extend_schema(
        summary="Ask a WMS what lies there",
        description="A worker does it; look at the run until it has `finished_at`. One at a time for each link: while "
        "one is on its way, `not_allowed_now`.",
        tags=TAGS,
        request=WmsRunInput,
        responses={202: WmsRunSerializer},
    )
    def create(self, request: Request) -> Response:
        given = WmsRunInput(data=request.data)
        given.is_valid(raise_exception=True)
        link_named(given.validated_data["link"], caller=request.user)
        run = open_run(**given.validated_data, by=self.actor)
        return Response(WmsRunSerializer(run).data, status=202)


class WmsDifferenceFilter(django_filters.FilterSet):
    state = django_filters.CharFilter(max_length=12, help_text=", ".join(DifferenceState))
    sku = django_filters.CharFilter(max_length=100)

    class Meta:
        model = WmsDifference
        fields = ("state", "sku")


class WmsDifferenceViewSet(mixins.ListModelMixin, GenericViewSet):
    """What a run found to differ, of the warehouses that the caller sees."""

    permission_classes = [SeesMoves]
    serializer_class = WmsDifferenceSerializer
    queryset = WmsDifference.objects.all()
    filterset_class = WmsDifferenceFilter

    def get_queryset(self) -> QuerySet[WmsDifference]:
        run_id = self.kwargs.get("wms_run_id")
        if run_id is not None and not WmsRun.objects.filter(pk=run_id).exists():
            raise NotFound("There is no such run.")
        return WmsDifference.objects.visible_to(self.request.user).filter(run=run_id)

    @extend_schema(summary="List what a run found to differ", tags=TAGS)
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().list(request, *args, **kwargs)
