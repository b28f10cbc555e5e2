"""Refusals of this app."""

from kernel.errors import Invalid, NotAllowedNow, PermissionRefused, Refused


class NotAuthenticated(Refused):
    """Whoever calls has not proven who they are."""

    code = "not_authenticated"
    status = 401
    title = "Not authenticated"


class InvalidCredentials(NotAuthenticated):
    code = "invalid_credentials"
    detail = "This e-mail and password do not belong together."


class SecondFactorAsked(NotAuthenticated):
    """The password was right, and the person has a second factor: `mfa_token` says so to `auth/token/mfa`."""

    code = "mfa_required"
    title = "Second factor required"
    detail = "Send the mfa_token with a code of your second factor to auth/token/mfa."


class SecondFactorMissing(PermissionRefused):
    """The role opens nothing without a second factor, and the person has none."""

    code = "mfa_enrolment_required"
    title = "Second factor required"
    detail = "Your role needs a second factor. Sign in to the back office and set one up."


class ChallengeNotValid(NotAuthenticated):
    code = "token_not_valid"
    detail = "This mfa_token is not valid, or no longer. Log in again."


class CodeNotValid(NotAuthenticated):
    """Wrong, too old, or used before."""

    code = "invalid_code"
    detail = "This code is not valid, or was used before."


class WrongCode(Invalid):
    """The same for somebody who is logged in."""

    detail = "This code is not valid, or was used before."

    def __init__(self) -> None:
        super().__init__(field="code")


class SecondFactorThere(NotAllowedNow):
    detail = "There is such a second factor already. Remove it first."


class SecondFactorNeeded(NotAllowedNow):
    detail = "Your role needs a second factor."


class IdentityNotValid(NotAuthenticated):
    """The issuer's word is forged, expired, for somebody else, or was given before."""

    code = "identity_not_valid"
    detail = "The issuer's token or code is not valid, or no longer."


class EmailUnproven(Refused):
    """Somebody has this e-mail here, and it is not proven on both sides that it is the same person."""

    code = "email_unproven"
    title = "E-mail not proven"
    detail = (
        "There is an account with this e-mail, and it is not proven to be yours. Log in with its password, or reset "
        "it, and link the other account there."
    )


class IdentityTaken(Refused):
    code = "identity_taken"
    title = "Identity taken"
    detail = "This account of the issuer is linked to another person, or you are linked to another one of it."


class AccountClosed(NotAllowedNow):
    detail = "This account is closed."


class LastWayIn(NotAllowedNow):
    detail = "Without it you could not log in any more. Set a password first."


class RefreshNotValid(NotAuthenticated):
    code = "token_not_valid"
    detail = "This refresh token is not valid, or no longer. Log in again."


class RefreshReused(NotAuthenticated):
    """A spent refresh token came back: someone holds a copy, so the session of both has to end."""

    code = "token_reused"
    detail = "This refresh token was used before. Its session has ended; log in again."

    def __init__(self, session_id: int) -> None:
        super().__init__()
        self.session_id = session_id


class KeyNotValid(Invalid):
    """The key of a mail is forged, too old, or has done its work."""

    detail = "This key is not valid, or no longer. Ask for a new mail."

    def __init__(self) -> None:
        super().__init__(field="key")


class NameTaken(Refused):
    code = "name_taken"
    title = "Name taken"
    detail = "Another partner has this name."

    def __init__(self) -> None:
        super().__init__(field="name")


class NetworkNotAllowed(PermissionRefused):
    code = "network_not_allowed"
    detail = "This token may not be used from your network."


class TokenEnded(NotAllowedNow):
    detail = "This token opens nothing any more; issue another."


class OwnAccount(NotAllowedNow):
    detail = "Somebody else has to do this to your account."
