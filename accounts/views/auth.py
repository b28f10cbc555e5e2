"""Coming in: register, log in, stay logged in, find a password again."""

from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import services
from accounts.authentication import person
from accounts.errors import NotAuthenticated, RefreshReused
from accounts.permissions import IsPerson
from accounts.schema import CREDENTIALS, PAIR, REGISTRATION
from accounts.serializers import (
    CredentialsSerializer,
    EmailSerializer,
    NoticeSerializer,
    PasswordChangeSerializer,
    PasswordResetSerializer,
    RefreshSerializer,
    RegistrationSerializer,
    TokenPairSerializer,
    VerificationSerializer,
)
from api.actors import Actor
from api.views import ViewSet

CHECK_MAIL = {"detail": "We have sent a mail to this address. Please follow the link in it."}


def pair(tokens: services.TokenPair) -> Response:
    return Response(TokenPairSerializer(tokens).data)


class AuthViewSet(ViewSet):
    """For strangers. Whatever they hold in `Authorization` is not looked at: it may well have expired."""

    authentication_classes = ()
    permission_classes = (AllowAny,)

    def handle_exception(self, exc: Exception) -> Response:
        response = super().handle_exception(exc)
        if isinstance(exc, NotAuthenticated):
            response["WWW-Authenticate"] = 'Bearer realm="waybill"'
        return response

    @extend_schema(
        summary="Register",
        description="Answers the same for a known e-mail; only the mailbox learns the difference. The account works "
        "at once; what trusts the e-mail waits for its verification.",
        request=RegistrationSerializer,
        responses={202: NoticeSerializer},
        examples=[REGISTRATION],
    )
    def register(self, request: Request) -> Response:
        values = RegistrationSerializer(data=request.data)
        values.is_valid(raise_exception=True)
        services.register(**values.validated_data, by=self.actor)
        return Response(CHECK_MAIL, status=202)

    @extend_schema(summary="Verify an e-mail by its key", request=VerificationSerializer, responses={204: None})
    def verify_email(self, request: Request) -> Response:
        values = VerificationSerializer(data=request.data)
        values.is_valid(raise_exception=True)
        services.verify_email(**values.validated_data)
        return Response(status=204)

    @extend_schema(
        summary="Log in",
        request=CredentialsSerializer,
        responses={200: TokenPairSerializer},
        examples=[CREDENTIALS, PAIR],
    )
    def token(self, request: Request) -> Response:
        values = CredentialsSerializer(data=request.data)
        values.is_valid(raise_exception=True)
        return pair(services.log_in(**values.validated_data))

    @extend_schema(
        summary="Log out",
        description="Ends the session of the token: its access token too opens nothing from now on. A token that "
        "means nothing is no error (RFC 7009).",
        request=RefreshSerializer,
        responses={204: None},
    )
    def revoke(self, request: Request) -> Response:
        values = RefreshSerializer(data=request.data)
        values.is_valid(raise_exception=True)
        services.log_out(**values.validated_data)
        return Response(status=204)

    @extend_schema(
        summary="Ask for a mail to reset a password",
        description="Answers the same for an unknown e-mail.",
        request=EmailSerializer,
        responses={202: NoticeSerializer},
    )
    def reset_password(self, request: Request) -> Response:
        values = EmailSerializer(data=request.data)
        values.is_valid(raise_exception=True)
        services.request_password_reset(**values.validated_data, by=self.actor)
        return Response(CHECK_MAIL, status=202)

    @extend_schema(
        summary="Set a new password by the key of a mail",
        description="Ends every session. The key works once.",
        request=PasswordResetSerializer,
        responses={204: None},
    )
    def confirm_reset(self, request: Request) -> Response:
        values = PasswordResetSerializer(data=request.data)
        values.is_valid(raise_exception=True)
        services.reset_password(**values.validated_data)
        return Response(status=204)


class RefreshViewSet(AuthViewSet):
    """A new pair for an old refresh token."""

    reused_session: int | None = None

    def handle_exception(self, exc: Exception) -> Response:
        if isinstance(exc, RefreshReused):
            self.reused_session = exc.session_id
        return super().handle_exception(exc)

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = super().dispatch(request, *args, **kwargs)
        # Only now: what a refused request wrote under an Idempotency-Key is undone with it.
        if self.reused_session is not None:
            services.end_reused_session(session_id=self.reused_session, by=Actor.system("refresh_reuse"))
        return response

    @extend_schema(
        summary="Refresh",
        description="The old refresh token is spent. A spent one used again ends the session, with "
        "`token_reused`: somebody holds a copy. Send an Idempotency-Key to repeat a call whose answer was lost.",
        request=RefreshSerializer,
        responses={200: TokenPairSerializer},
        examples=[PAIR],
    )
    def refresh(self, request: Request) -> Response:
        values = RefreshSerializer(data=request.data)
        values.is_valid(raise_exception=True)
        return pair(services.refresh_pair(**values.validated_data))


class PasswordViewSet(ViewSet):
    """For those who are in."""

    permission_classes = (IsPerson,)

    @extend_schema(
        summary="Change one's password",
        description="Ends every session and answers with the pair of a new one.",
        request=PasswordChangeSerializer,
        responses={200: TokenPairSerializer},
        examples=[PAIR],
    )
    def change(self, request: Request) -> Response:
        values = PasswordChangeSerializer(data=request.data)
        values.is_valid(raise_exception=True)
        given = values.validated_data
        tokens = services.change_password(
            user_id=person(request).pk, current=given["current_password"], new=given["new_password"], by=self.actor
        )
        return pair(tokens)
