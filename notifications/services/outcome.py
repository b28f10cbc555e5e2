"""What an error of a mail server means: was it taken, may it be tried again, or can nobody know?"""

from enum import Enum, auto
from smtplib import SMTPRecipientsRefused, SMTPResponseException

from anymail.exceptions import AnymailAPIError, AnymailRecipientsRefused
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError


class Outcome(Enum):
    """What became of one attempt."""

    TAKEN = auto()
    TAKEN_BY_OTHER = auto()  # another worker has it
    REFUSED = auto()  # for good
    LATER = auto()
    AWAY = auto()  # nobody could be reached: later, and the same goes for the rest
    UNSURE = auto()


def outcome_of(error: Exception) -> tuple[Outcome, str]:
    """The outcome and a sentence without the address: a delivery log holds no personal data.

    SMTP answers 4xx for later and 5xx for never (RFC 5321, section 4.2.1). Without an answer nobody knows.
    """
    if isinstance(error, SMTPRecipientsRefused):
        codes = [code for code, _ in error.recipients.values()]
        return _by_smtp_code(min(codes, default=550))
    if isinstance(error, SMTPResponseException):
        return _by_smtp_code(error.smtp_code)
    if isinstance(error, AnymailRecipientsRefused):
        return Outcome.REFUSED, "The mail service refused the recipient."
    if isinstance(error, AnymailAPIError) and error.status_code:
        return _by_http_status(error.status_code)
    if _never_connected(error):
        return Outcome.AWAY, "The mail service is away."
    return Outcome.UNSURE, f"The line broke while handing it over: {type(error).__name__}."


def _never_connected(error: BaseException | None) -> bool:
    """Whether an HTTP client says that it got no connection, and so handed nothing over."""
    while error is not None:
        reason = getattr(error.args[0], "reason", None) if error.args else None
        if isinstance(reason, (NewConnectionError, ConnectTimeoutError)):
            return True
        error = error.__cause__ or error.__context__
    return False


def _by_smtp_code(code: int) -> tuple[Outcome, str]:
    said = f"The mail server answered {code}."
    return (Outcome.REFUSED if code >= 500 else Outcome.LATER), said


def _by_http_status(status: int) -> tuple[Outcome, str]:
    said = f"The mail service answered {status}."
    if status == 429 or status in {401, 403}:
        return Outcome.LATER, said  # too fast, or a key that an operator will put right
    return (Outcome.UNSURE if status >= 500 else Outcome.REFUSED), said
