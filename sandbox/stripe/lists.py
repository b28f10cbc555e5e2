"""Lists, newest first, page by page: https://docs.stripe.com/api/pagination"""

from collections.abc import Callable

from sandbox.books import Document
from sandbox.calls import Answer, Call
from sandbox.stripe.errors import invalid, missing
from sandbox.stripe.form import Form, form_of, integer, items, known
from sandbox.stripe.ledger import Ledger, expanded, ledger_of

LONGEST = 100
COMMON = ("limit", "starting_after", "ending_before", "created")
Narrow = Callable[[Ledger, Form], str | None]


def page(call: Call, *, kind: str, filters: tuple[str, ...] = (), parent: Narrow | None = None) -> Answer:
    """A page of a kind; `parent` turns the filters into what the books list by."""
    form, ledger = known(form_of(call), *COMMON, *filters), ledger_of(call)
    limit = integer(form, "limit", default=10)
    if limit > LONGEST:
        raise invalid(f"Invalid limit: must be at most {LONGEST}", code="parameter_invalid_integer", param="limit")
    since, until = window(form)
    # Reading backwards starts at an id that has to be found first; what the books do not list by is picked out here.
    reads_all = "ending_before" in form or (parent is None and any(name in form for name in filters))
    documents = ledger.books.list(
        f"stripe.{kind}",
        parent=parent(ledger, form) if parent else None,
        since=since,
        until=until,
        after=anchor(ledger, kind, form, "starting_after"),
        limit=-1 if reads_all else limit + 1,
    )
    documents = [each for each in documents if all(each.get(name) == form[name] for name in filters if name in form)]
    rows, has_more = cut(documents, limit, before=anchor(ledger, kind, form, "ending_before"))
    body = {"object": "list", "data": rows, "has_more": has_more, "url": call.path}
    return Answer(200, expanded(ledger, body, items(form, "expand")))


def cut(documents: list[Document], limit: int, *, before: str | None) -> tuple[list[Document], bool]:
    """The page, and whether more follow in the direction that was read."""
    if before is None:
        return documents[:limit], len(documents) > limit
    newer = documents[: next((n for n, each in enumerate(documents) if each["id"] == before), len(documents))]
    return newer[-limit:], len(newer) > limit


def anchor(ledger: Ledger, kind: str, form: Form, name: str) -> str | None:
    id = form.get(name)  # noqa: A001
    if id and ledger.books.get(f"stripe.{kind}", id) is None:
        raise missing(kind, id, param=name, status=400)
    return id or None


def window(form: Form) -> tuple[float | None, float | None]:
    """`created` as [from, to): whole seconds, so that greater than is from the next one on."""
    created = form.get("created", {})
    if not isinstance(created, dict):
        moment = integer(form, "created")
        return moment, moment + 1
    for name in created:
        if name not in ("gt", "gte", "lt", "lte"):
            raise invalid(f"Received unknown parameter: created[{name}]", code="parameter_unknown", param="created")
    found = {name: integer(created, name, least=0) for name in created}
    since = max([found[name] + shift for name, shift in (("gte", 0), ("gt", 1)) if name in found], default=None)
    until = min([found[name] + shift for name, shift in (("lt", 0), ("lte", 1)) if name in found], default=None)
    return since, until


def by_payment_intent(ledger: Ledger, form: Form) -> str | None:
    """Charges, refunds and disputes are listed by the intent they belong to, however that is named."""
    if charge := form.get("charge"):
        found = ledger.books.get("stripe.charge", charge)
        if not found:
            raise missing("charge", charge, param="charge", status=400)
        return str(found["payment_intent"])
    return form.get("payment_intent")


def shown(kind: str) -> Callable[[Call], Answer]:
    """The handler that gives one object of a kind."""

    def show(call: Call) -> Answer:
        form, ledger = known(form_of(call), "client_secret"), ledger_of(call)
        return Answer(200, expanded(ledger, ledger.get(kind, call.ids["id"]), items(form, "expand")))

    return show
