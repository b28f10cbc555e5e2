"""Reconciliation over HTTP."""

import django_filters
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.permissions import IsAdmin
from api.inputs import read_input
from api.views import GenericViewSet
from kernel.errors import NotFound
from payments.models import Difference, ReconciliationRun
from payments.reconciliation import schemas
from payments.reconciliation.run import open_run
from payments.reconciliation.serializers import DifferenceSerializer, RunInput, RunSerializer
from payments.states import Provider

SHOWN = 1000


class RunFilter(django_filters.FilterSet):
    provider = django_filters.ChoiceFilter(choices=Provider.choices)

    class Meta:
        model = ReconciliationRun
        fields = ("provider",)


class RunViewSet(GenericViewSet):
    """Comparisons of our books with the providers'."""

    queryset = ReconciliationRun.objects.all()
    serializer_class = RunSerializer
    permission_classes = [IsAdmin]
    filterset_class = RunFilter
    idempotency_required = {"create"}

    @schemas.LIST
    def list(self, request: Request) -> Response:
        found = self.paginate_queryset(self.filter_queryset(self.get_queryset())) or []
        return self.get_paginated_response(RunSerializer(found, many=True).data)

    @schemas.RETRIEVE
    def retrieve(self, request: Request, run_id: int) -> Response:
        run = ReconciliationRun.objects.filter(pk=run_id).first()
        if run is None:
            raise NotFound("There is no such run.")
        differences = Difference.objects.filter(run=run).order_by("state", "pk")[:SHOWN]
        return Response(RunSerializer(run).data | {"differences": DifferenceSerializer(differences, many=True).data})

    @schemas.CREATE
    def create(self, request: Request) -> Response:
        given = read_input(RunInput, request).validated_data
        run = open_run(provider=given["provider"], since=given.get("since"), until=given.get("until"), by=self.actor)
        return Response(RunSerializer(run).data, status=202)
