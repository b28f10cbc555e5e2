"""Where one is signed in."""

from typing import TYPE_CHECKING, ClassVar

from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import services
from accounts.authentication import person
from accounts.models import RefreshFamily
from accounts.permissions import IsPerson
from accounts.serializers_sign_in import SessionSerializer
from accounts.tokens import SESSION, Access
from api.views import GenericViewSet

if TYPE_CHECKING:
    from accounts.querysets import RefreshFamilyQuerySet


def session_of(request: Request) -> int:
    """The session whose access token this is."""
    return int(Access(str(request.auth))[SESSION])  # type: ignore[arg-type]  # simplejwt means the encoded form


@extend_schema_view(list=extend_schema(summary="Where I am signed in"))
class SessionViewSet(GenericViewSet):
    """One a device; `current` is the one that asks."""

    permission_classes = (IsPerson,)
    serializer_class = SessionSerializer
    queryset = RefreshFamily.objects.all()
    refuses: ClassVar[dict[str, set[str]]] = {"destroy": {"404"}}

    def get_queryset(self) -> "RefreshFamilyQuerySet":
        return RefreshFamily.objects.visible_to(person(self.request))

    def list(self, request: Request) -> Response:
        page = self.paginate_queryset(self.get_queryset()) or []
        context = {"current": session_of(request)}
        return self.get_paginated_response(SessionSerializer(page, many=True, context=context).data)

    @extend_schema(
        summary="Sign out there",
        description="Its access and refresh tokens open nothing from now on.",
        responses={204: None},
    )
    def destroy(self, request: Request, pk: int) -> Response:
        services.end_own_session(user_id=person(request).pk, session_id=pk, by=self.actor)
        return Response(status=204)

    @extend_schema(
        operation_id="me_sessions_destroy_others",
        summary="Sign out everywhere else",
        description="Every session but the one that asks ends.",
        responses={204: None},
    )
    def destroy_others(self, request: Request) -> Response:
        services.end_other_sessions(user_id=person(request).pk, keep=session_of(request), by=self.actor)
        return Response(status=204)
