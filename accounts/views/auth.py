"""Coming in: register, log in, stay logged in, find a password again."""

from collections.abc import Callable
from typing import Any, ClassVar

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import limits, services
from accounts.authentication import person
from accounts.errors import NotAuthenticated, RefreshReused, SecondFactorAsked, SecondFactorMissing
from accounts.models import DEVICE_LENGTH
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
from api.inputs import read_input
from api.network import client_network
from api.views import ViewSet

CHECK_MAIL = {"detail": "We have sent a mail to this address. Please follow the link in it."}


def pair(tokens: services.TokenPair) -> Response:
    return Response(TokenPairSerializer(tokens).data, headers={"Cache-Control": "no-store"})


def device_of(request: Request) -> str:
    """What the app calls itself, for the list of one's devices."""
    return " ".join(request.headers.get("User-Agent", "").split())[:DEVICE_LENGTH]


class CountedViewSet(ViewSet):
    """Counts attempts before the request's transaction, and takes those back that were none after it."""

    # Action → what counts its attempt. Called in `initial`; raises `RateLimited`.
    counted: ClassVar[dict[str, Callable[[Any, Request], None]]] = {}

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if count := self.counted.get(self.action or ""):
            count(self, request)

    def handle_exception(self, exc: Exception) -> Response:
        response = super().handle_exception(exc)
        if isinstance(exc, NotAuthenticated):
            response["WWW-Authenticate"] = 'Bearer realm="waybill"'
        return response

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.afterwards: list[Callable[[], object]] = []
        response = super().dispatch(request, *args, **kwargs)
        # Only now: what a refused request wrote under an Idempotency-Key is undone with it.
        for act in self.afterwards:
            act()
        return response


class AuthViewSet(CountedViewSet):
    """For strangers. Whatever they hold in `Authorization` is not looked at: it may well have expired."""

    authentication_classes = ()
    permission_classes = (AllowAny,)
    refuses: ClassVar[dict[str, set[str]]] = {
        "register": {"429"},
        "token": {"403", "429"},
        "reset_password": {"429"},
    }

    def count_mail(self, request: Request) -> None:
        given = EmailSerializer(data=request.data)
        if given.is_valid():
            limits.count_mail(given.validated_data["email"], client_network(request))

    def count_login(self, request: Request) -> None:
        given = CredentialsSerializer(data=request.data)
        if given.is_valid():
            limits.begin_login(given.validated_data["email"], client_network(request))

    counted: ClassVar[dict[str, Callable[[Any, Request], None]]] = {
        "register": count_mail,
        "reset_password": count_mail,
        "token": count_login,
    }

    @extend_schema(
        summary="Register",
        description="Answers the same for a known e-mail; only the mailbox learns the difference. The account works "
        "at once; what trusts the e-mail waits for its verification.",
        request=RegistrationSerializer,
        responses={202: NoticeSerializer},
        examples=[REGISTRATION],
    )
    def register(self, request: Request) -> Response:
        values = read_input(RegistrationSerializer, request)
        services.register(**values.validated_data, by=self.actor)
        return Response(CHECK_MAIL, status=202)

    @extend_schema(summary="Verify an e-mail by its key", request=VerificationSerializer, responses={204: None})
    def verify_email(self, request: Request) -> Response:
        values = read_input(VerificationSerializer, request)
        services.verify_email(**values.validated_data)
        return Response(status=204)

    @extend_schema(
        summary="Log in",
        description="Whoever has a second factor gets 401 `mfa_required` with an `mfa_token` for `auth/token/mfa`. "
        "403 `mfa_enrolment_required`: the role needs a second factor, and the person has none yet.",
        request=CredentialsSerializer,
        responses={200: TokenPairSerializer},
        examples=[CREDENTIALS, PAIR],
    )
    def token(self, request: Request) -> Response:
        values = read_input(CredentialsSerializer, request)
        email, network = values.validated_data["email"], client_network(request)
        try:
            tokens = services.log_in(**values.validated_data, device=device_of(request))
        except (SecondFactorAsked, SecondFactorMissing):  # the password was right
            self.afterwards.append(lambda: limits.end_login(email, network))
            raise
        self.afterwards.append(lambda: limits.end_login(email, network))
        return pair(tokens)

    @extend_schema(
        summary="Log out",
        description="Ends the session of the token: its access token too opens nothing from now on. A token that "
        "means nothing is no error (RFC 7009).",
        request=RefreshSerializer,
        responses={204: None},
    )
    def revoke(self, request: Request) -> Response:
        values = read_input(RefreshSerializer, request)
        services.log_out(**values.validated_data)
        return Response(status=204)

    @extend_schema(
        summary="Ask for a mail to reset a password",
        description="Answers the same for an unknown e-mail.",
        request=EmailSerializer,
        responses={202: NoticeSerializer},
    )
    def reset_password(self, request: Request) -> Response:
        values = read_input(EmailSerializer, request)
        services.request_password_reset(**values.validated_data, by=self.actor)
        return Response(CHECK_MAIL, status=202)

    @extend_schema(
        summary="Set a new password by the key of a mail",
        description="Ends every session. The key works once.",
        request=PasswordResetSerializer,
        responses={204: None},
    )
    def confirm_reset(self, request: Request) -> Response:
        values = read_input(PasswordResetSerializer, request)
        services.reset_password(**values.validated_data)
        return Response(status=204)


class RefreshViewSet(AuthViewSet):
    """A new pair for an old refresh token."""

    def handle_exception(self, exc: Exception) -> Response:
        if isinstance(exc, RefreshReused):
            session_id = exc.session_id
            self.afterwards.append(
                lambda: services.end_reused_session(session_id=session_id, by=Actor.system("refresh_reuse"))
            )
        return super().handle_exception(exc)

    @extend_schema(
        summary="Refresh",
        description="The old refresh token is spent. A spent one used again ends the session, with "
        "`token_reused`: somebody holds a copy. Send an Idempotency-Key to repeat a call whose answer was lost.",
        request=RefreshSerializer,
        responses={200: TokenPairSerializer},
        examples=[PAIR],
    )
    def refresh(self, request: Request) -> Response:
        values = read_input(RefreshSerializer, request)
        return pair(services.refresh_pair(**values.validated_data))


class PasswordViewSet(CountedViewSet):
    """For those who are in."""

    permission_classes = (IsPerson,)
    refuses: ClassVar[dict[str, set[str]]] = {"change": {"429"}}

    def count_guess(self, request: Request) -> None:
        limits.begin_login(person(request).email, client_network(request))

    counted: ClassVar[dict[str, Callable[[Any, Request], None]]] = {"change": count_guess}

    @extend_schema(
        summary="Change one's password",
        description="Ends every session and answers with the pair of a new one.",
        request=PasswordChangeSerializer,
        responses={200: TokenPairSerializer},
        examples=[PAIR],
    )
    def change(self, request: Request) -> Response:
        values = read_input(PasswordChangeSerializer, request)
        given = values.validated_data
        user, network = person(request), client_network(request)
        tokens = services.change_password(
            user_id=user.pk,
            current=given["current_password"],
            new=given["new_password"],
            device=device_of(request),
            by=self.actor,
        )
        self.afterwards.append(lambda: limits.end_login(user.email, network))
        return pair(tokens)
