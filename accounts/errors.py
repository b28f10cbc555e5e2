"""Refusals of this app."""

from kernel.errors import Invalid, NotAllowedNow, Refused


class NotAuthenticated(Refused):
    """Whoever calls has not proven who they are."""

    code = "not_authenticated"
    status = 401
    title = "Not authenticated"


class InvalidCredentials(NotAuthenticated):
    code = "invalid_credentials"
    detail = "This e-mail and password do not belong together."


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


class OwnAccount(NotAllowedNow):
    detail = "Somebody else has to do this to your account."
