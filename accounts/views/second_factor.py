"""The second factor: shown at the door, added and removed by those who are in."""

from collections.abc import Callable
from typing import Any, ClassVar

from allauth.mfa.models import Authenticator
from django.conf import settings
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import limits, services
from accounts.authentication import person
from accounts.errors import ChallengeNotValid
from accounts.permissions import IsPerson
from accounts.schema import CODE, ENROLMENT, PAIR
from accounts.second_factor import Kind, has_second_factor
from accounts.serializers import TokenPairSerializer
from accounts.serializers_sign_in import (
    ChallengeSerializer,
    CodeSerializer,
    EnrolmentCodeSerializer,
    EnrolmentSerializer,
    PasswordAgainSerializer,
    RecoveryCodesSerializer,
    SecondFactorSerializer,
)
from accounts.tokens import SUBJECT
from accounts.views.auth import AuthViewSet, CountedViewSet, device_of, pair
from accounts.views.sessions import session_of
from api.inputs import read_input
from api.network import client_network


class ChallengeViewSet(AuthViewSet):
    """The other half of logging in."""

    refuses: ClassVar[dict[str, set[str]]] = {"confirm": {"429"}}

    def count_code(self, request: Request) -> None:
        given = ChallengeSerializer(data=request.data)
        if given.is_valid():
            try:
                user_id = str(services.read_challenge(given.validated_data["mfa_token"])[SUBJECT])
            except ChallengeNotValid:
                return
            limits.begin_code(user_id, client_network(request))

    counted: ClassVar[dict[str, Callable[[Any, Request], None]]] = {"confirm": count_code}

    @extend_schema(
        summary="Log in: the second factor",
        description="`code` is one of an authenticator app, or a recovery code; each opens once.",
        request=ChallengeSerializer,
        responses={200: TokenPairSerializer},
        examples=[CODE, PAIR],
    )
    def confirm(self, request: Request) -> Response:
        given, network = read_input(ChallengeSerializer, request).validated_data, client_network(request)
        tokens = services.log_in_by_code(**given, device=device_of(request))
        user_id = str(services.read_challenge(given["mfa_token"])[SUBJECT])
        self.afterwards.append(lambda: limits.end_code(user_id, network))
        return pair(tokens)


class SecondFactorViewSet(CountedViewSet):
    """One's own. What guesses a password or a code is counted as it is at the door."""

    permission_classes = (IsPerson,)
    refuses: ClassVar[dict[str, set[str]]] = {
        name: {"429"} for name in ("begin", "confirm", "renew_codes", "remove")
    } | {"confirm": {"409", "429"}, "remove": {"409", "429"}}

    def count_password(self, request: Request) -> None:
        limits.begin_login(person(request).email, client_network(request))

    def count_code(self, request: Request) -> None:
        limits.begin_code(str(person(request).pk), client_network(request))

    counted: ClassVar[dict[str, Callable[[Any, Request], None]]] = {
        "begin": count_password,
        "confirm": count_code,
        "renew_codes": count_code,
        "remove": count_code,
    }

    def code_was_right(self, request: Request) -> None:
        user_id, network = str(person(request).pk), client_network(request)
        self.afterwards.append(lambda: limits.end_code(user_id, network))

    @extend_schema(summary="My second factor", responses=SecondFactorSerializer)
    def retrieve(self, request: Request) -> Response:
        user = person(request)
        rows = {row.type: row for row in Authenticator.objects.filter(user_id=user.pk).order_by("-type")}
        codes = rows.get(Kind.RECOVERY_CODES)
        return Response(
            {
                "enrolled": has_second_factor(user.pk),
                "needed_by_role": user.role in settings.SECOND_FACTOR_ROLES,
                "app": Kind.TOTP in rows,
                "security_key": Kind.WEBAUTHN in rows,
                "recovery_codes_left": len(codes.wrap().get_unused_codes()) if codes else 0,
            }
        )

    @extend_schema(
        summary="Begin to add an authenticator app",
        description="Nothing is kept until it is confirmed by a code, within 15 minutes. `password` proves that it "
        "is the owner who asks; an account without a password leaves it out.",
        request=PasswordAgainSerializer,
        responses={200: EnrolmentSerializer},
    )
    def begin(self, request: Request) -> Response:
        user, network = person(request), client_network(request)
        found = services.begin_app(
            user_id=user.pk, password=read_input(PasswordAgainSerializer, request).validated_data.get("password")
        )
        self.afterwards.append(lambda: limits.end_login(user.email, network))
        return Response(EnrolmentSerializer(found).data, headers={"Cache-Control": "no-store"})

    @extend_schema(
        summary="Add the authenticator app",
        description="`recovery_codes` are shown this once.",
        request=EnrolmentCodeSerializer,
        responses={201: RecoveryCodesSerializer},
        examples=[ENROLMENT],
    )
    def confirm(self, request: Request) -> Response:
        given = read_input(EnrolmentCodeSerializer, request).validated_data
        user = person(request)
        codes = services.confirm_app(user_id=user.pk, **given, session_id=session_of(request), by=self.actor)
        self.code_was_right(request)
        return Response({"recovery_codes": codes}, status=201, headers={"Cache-Control": "no-store"})

    @extend_schema(
        summary="New recovery codes",
        description="The old ones open nothing any more; these are shown this once.",
        request=CodeSerializer,
        responses={200: RecoveryCodesSerializer},
    )
    def renew_codes(self, request: Request) -> Response:
        given = read_input(CodeSerializer, request).validated_data
        user = person(request)
        codes = services.renew_recovery_codes(user_id=user.pk, **given, session_id=session_of(request), by=self.actor)
        self.code_was_right(request)
        return Response({"recovery_codes": codes}, headers={"Cache-Control": "no-store"})

    @extend_schema(
        summary="Remove my second factor",
        description="409 where the role needs one.",
        request=CodeSerializer,
        responses={204: None},
    )
    def remove(self, request: Request) -> Response:
        given = read_input(CodeSerializer, request).validated_data
        user = person(request)
        services.remove_own_second_factor(user_id=user.pk, **given, session_id=session_of(request), by=self.actor)
        self.code_was_right(request)
        return Response(status=204)
