"""Refusals: a rule of the business said no. A bug is never one of these."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

STANDARD_MEMBERS = frozenset({"type", "title", "status", "code", "errors"})


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """One thing wrong with one field; `field` is a dotted path such as `items.0.quantity`."""

    field: str
    code: str
    detail: str


class Refused(Exception):
    """A rule said no. Shown to the client as it is, so `detail` is a sentence for people.

    `code` is stable and machine-readable, `status` the HTTP status, `extra` goes into the body of the
    problem document beside the standard members (RFC 9457, section 3.2) and must not be one of them.
    """

    code: ClassVar[str] = "refused"
    status: ClassVar[int] = 409
    title: ClassVar[str] = "Refused"
    detail: ClassVar[str] = "This is not possible."
    retry_after: int | None = None

    def __init__(
        self,
        detail: str | None = None,
        *,
        field: str | None = None,
        problems: Sequence[FieldProblem] = (),
        **extra: Any,
    ) -> None:
        if clash := STANDARD_MEMBERS & extra.keys():
            raise TypeError(f"{', '.join(sorted(clash))}: a standard member of the problem document.")
        self.text = detail or self.detail
        self.problems = list(problems)
        if field is not None:
            self.problems.append(FieldProblem(field, self.code, self.text))
        self.extra = extra
        super().__init__(self.text)


class Invalid(Refused):
    """The input itself is wrong, whatever the state."""

    code = "invalid"
    status = 400
    title = "Invalid input"
    detail = "The input is not valid."


class PermissionRefused(Refused):
    """The caller is known and may not do this."""

    code = "permission_denied"
    status = 403
    title = "Permission denied"
    detail = "You may not do this."


class NotFound(Refused):
    """It does not exist, or belongs to somebody else: the answer is the same."""

    code = "not_found"
    status = 404
    title = "Not found"
    detail = "There is no such thing."


class NotAllowedNow(Refused):
    """The state does not allow this now; it may later."""

    code = "not_allowed_now"
    title = "Not allowed now"
    detail = "This is not possible in the present state."


class StaleVersion(Refused):
    """`If-Match` names a version that has been overtaken (RFC 9110, section 13.1.1)."""

    code = "stale_version"
    status = 412
    title = "Stale version"
    detail = "It has changed since you read it. Read it again and repeat."


class Unavailable(Refused):
    """Something this needs is away; trying again later is right."""

    code = "unavailable"
    status = 503
    title = "Temporarily unavailable"
    detail = "This is not possible at the moment. Try again shortly."

    def __init__(self, detail: str | None = None, *, retry_after: int = 2, **extra: Any) -> None:
        super().__init__(detail, **extra)
        self.retry_after = retry_after


class Busy(Unavailable):
    """Others are changing the same rows and retrying did not help."""

    code = "busy"
    title = "Busy"
    detail = "Too many are changing this at once. Try again shortly."
