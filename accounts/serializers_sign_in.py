"""What comes in and goes out where people sign in beyond e-mail and password."""

from typing import Any

from rest_framework import serializers

from accounts.models import RefreshFamily
from accounts.serializers import PasswordField
from api.fields import TextField
from kernel.errors import FieldProblem, Invalid

CODE_LENGTH = 20
GRANT = ("code", "code_verifier", "redirect_uri")


class CodeField(TextField):
    """A code as people type it."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=CODE_LENGTH, is_identifier=True, **kwargs)


class ChallengeSerializer(serializers.Serializer[Any]):
    mfa_token = TextField(max_length=2000, is_identifier=True)
    code = CodeField()


class CodeSerializer(serializers.Serializer[Any]):
    code = CodeField()


class PasswordAgainSerializer(serializers.Serializer[Any]):
    password = PasswordField(required=False)


class EnrolmentSerializer(serializers.Serializer[Any]):
    """For an authenticator app: `secret` to be typed, or `uri` as a QR code."""

    secret = serializers.CharField(read_only=True)
    uri = serializers.CharField(read_only=True)
    enrolment = serializers.CharField(read_only=True)


class EnrolmentCodeSerializer(serializers.Serializer[Any]):
    enrolment = TextField(max_length=2000, is_identifier=True)
    code = CodeField()


class RecoveryCodesSerializer(serializers.Serializer[Any]):
    recovery_codes = serializers.ListField(child=serializers.CharField(), read_only=True)


class SecondFactorSerializer(serializers.Serializer[Any]):
    enrolled = serializers.BooleanField(read_only=True)
    needed_by_role = serializers.BooleanField(read_only=True)
    app = serializers.BooleanField(read_only=True)
    security_key = serializers.BooleanField(read_only=True)
    recovery_codes_left = serializers.IntegerField(read_only=True)


class IdentityInputSerializer(serializers.Serializer[Any]):
    """Either an id_token, or a code with what belongs to it."""

    id_token = TextField(max_length=8000, is_identifier=True, required=False)
    nonce = TextField(max_length=500, is_identifier=True, required=False)
    code = TextField(max_length=4000, is_identifier=True, required=False)
    code_verifier = TextField(max_length=128, is_identifier=True, required=False)
    redirect_uri = TextField(max_length=1000, is_identifier=True, required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        grant = [name for name in GRANT if name in attrs]
        if "id_token" in attrs:
            if grant:
                raise Invalid("Either an id_token or a code.", field=grant[0])
        elif "code" not in attrs:
            raise _missing("id_token")
        elif absent := [name for name in GRANT if name not in attrs]:
            raise _missing(*absent)
        return attrs


def _missing(*names: str) -> Invalid:
    problems = [FieldProblem(name, "required", "This field is required.") for name in names]
    return Invalid("Send an id_token; or code, code_verifier and redirect_uri.", problems=problems)


class IssuerSerializer(serializers.Serializer[Any]):
    name = serializers.CharField(read_only=True)
    title = serializers.CharField(read_only=True)
    issuer = serializers.CharField(read_only=True)
    client_id = serializers.CharField(read_only=True)


class IdentitySerializer(serializers.Serializer[Any]):
    issuer = serializers.CharField(read_only=True)
    linked_at = serializers.DateTimeField(read_only=True)


class SessionSerializer(serializers.ModelSerializer[RefreshFamily]):
    current = serializers.SerializerMethodField()

    class Meta:
        model = RefreshFamily
        fields = ("id", "device", "created_at", "last_used_at", "current")
        read_only_fields = fields

    def get_current(self, session: RefreshFamily) -> bool:
        return session.pk == self.context.get("current")
