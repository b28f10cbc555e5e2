"""A person's own things."""

from typing import TYPE_CHECKING

from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import services
from accounts.authentication import person
from accounts.models import Address
from accounts.permissions import IsPerson
from accounts.personal_data.serializers import CLOSED, ClosedSerializer
from accounts.personal_data.services import ask_erasure
from accounts.schema import ADDRESS
from accounts.serializers import AddressEntrySerializer, AddressSerializer, MeSerializer, ProfileSerializer
from api.inputs import read_input
from api.views import GenericViewSet, ViewSet

if TYPE_CHECKING:
    from accounts.querysets import AddressQuerySet


class MeViewSet(ViewSet):
    permission_classes = (IsPerson,)

    @extend_schema(summary="Who I am, with role and scopes", responses=MeSerializer)
    def retrieve(self, request: Request) -> Response:
        return Response(MeSerializer(person(request)).data)

    @extend_schema(summary="Change my name", request=ProfileSerializer, responses=MeSerializer)
    def partial_update(self, request: Request) -> Response:
        values = read_input(ProfileSerializer, request)
        user = services.change_profile(user_id=person(request).pk, profile=values.validated_data, by=self.actor)
        return Response(MeSerializer(user).data)

    @extend_schema(
        summary="Close my account and have me erased",
        description="Every session ends at once. Until `erase_at` the key of the mail takes it back. Whoever has an "
        "order or money under way is erased when that is finished. Refused for staff.",
        responses={202: ClosedSerializer},
        examples=[CLOSED],
    )
    def destroy(self, request: Request) -> Response:
        user = ask_erasure(user_id=person(request).pk, by=self.actor)
        return Response(ClosedSerializer({"erase_at": user.erase_at}).data, status=202)


@extend_schema_view(
    list=extend_schema(summary="My addresses"),
    retrieve=extend_schema(summary="One of my addresses"),
)
class AddressViewSet(GenericViewSet):
    permission_classes = (IsPerson,)
    serializer_class = AddressEntrySerializer
    queryset = Address.objects.all()

    def get_queryset(self) -> "AddressQuerySet":
        return Address.objects.visible_to(person(self.request))

    def list(self, request: Request) -> Response:
        page = self.paginate_queryset(self.get_queryset())
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    def retrieve(self, request: Request, pk: int) -> Response:
        return Response(self.get_serializer(self.get_object()).data)

    @extend_schema(
        summary="Add an address", request=AddressSerializer, responses={201: AddressEntrySerializer}, examples=[ADDRESS]
    )
    def create(self, request: Request) -> Response:
        values = read_input(AddressSerializer, request)
        address = services.add_address(user_id=person(request).pk, address=values.validated_data, by=self.actor)
        return Response(self.get_serializer(address).data, status=201)

    @extend_schema(
        summary="Correct an address", request=AddressSerializer, responses=AddressEntrySerializer, examples=[ADDRESS]
    )
    def partial_update(self, request: Request, pk: int) -> Response:
        values = read_input(AddressSerializer, request, partial=True)
        address = services.change_address(
            user_id=person(request).pk, address_id=pk, changes=values.validated_data, by=self.actor
        )
        return Response(self.get_serializer(address).data)

    @extend_schema(summary="Remove an address", responses={204: None})
    def destroy(self, request: Request, pk: int) -> Response:
        services.remove_address(user_id=person(request).pk, address_id=pk, by=self.actor)
        return Response(status=204)
