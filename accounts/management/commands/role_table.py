"""`manage.py role_table`: who may call what, as the page `docs/roles.md`."""

from collections.abc import Iterator, Mapping
from itertools import groupby
from typing import Any

from django.core.management.base import BaseCommand

from accounts import roles
from accounts.policy import GUEST, HOLDER, Outcome, Route, routes, with_scope

INTRO = """# Who may call what

Every route of the API with each kind of caller. `manage.py role_table` writes this page from the views' own
permissions, and a test holds the two equal; after a change of them: `manage.py role_table > docs/roles.md`.

**yes**: may try. *own*: may try with what is theirs alone; the rest answers 404, as if it did not exist. no: 401 to
guests, 403 to others. A guest's token is that of one cart or one order. For partners, the scopes that open a route are
named. Whether it is possible now, and what a body may ask for, is another question: see [API](api.md) and
[orders](orders.md). The webhooks of providers are open to all, and a signature decides.
"""
PEOPLE = (GUEST, HOLDER, roles.CUSTOMER, roles.CUSTOMER_SERVICE, roles.WAREHOUSE, roles.ADMIN)
WORDS: dict[Outcome, str] = {"yes": "**yes**", "own": "*own*", "no": "no"}


class Command(BaseCommand):
    help = "Print docs/roles.md: every route of the API with what each kind of caller may do."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(page())


def page() -> str:
    """The whole page, in Markdown."""
    parts = [INTRO]
    for app, rows in groupby(routes(), key=lambda route: route.app):
        parts.append(f"## {app.capitalize()}\n\n" + "\n".join(lines(rows)) + "\n")
    return "\n".join(parts)


def lines(rows: Iterator[Route]) -> Iterator[str]:
    """One app's table."""
    heads = ["route", *(name.replace("_", " ") for name in PEOPLE), roles.PARTNER]
    yield f"| {' | '.join(heads)} |"
    yield f"|{' --- |' * len(heads)}"
    for route in rows:
        cells = [WORDS[route.outcomes[name]] for name in PEOPLE]
        path = route.path.removeprefix("/api/v1/")
        yield f"| {route.method} `{path}` | {' | '.join([*cells, partner(route.outcomes)])} |"


def partner(outcomes: Mapping[str, Outcome]) -> str:
    """What a partner may, with the scopes it takes where not every token will do."""
    by_scope = {scope: outcomes[with_scope(scope)] for scope in roles.PARTNER_SCOPES}
    found = set(by_scope.values())
    if len(found) == 1:
        return WORDS[found.pop()]
    texts = []
    for each in ("yes", "own"):
        opening = [f"`{scope}`" for scope, outcome in by_scope.items() if outcome == each]
        if opening:
            texts.append(f"{WORDS[each]}: {', '.join(opening)}")
    return "; ".join(texts)
