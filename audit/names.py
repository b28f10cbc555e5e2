"""Who it was, as people read it."""

from collections import defaultdict
from collections.abc import Iterable

from django.apps import apps
from django.conf import settings

from api.actors import Actor


def names_of(actors: Iterable[str]) -> dict[str, str]:
    """`"user:12"` → an e-mail, `"partner:3"` → a name, in one statement a kind (`ACTOR_NAMES`).

    Those who are unknown, or gone, are absent.
    """
    ids: dict[str, set[int]] = defaultdict(set)
    for text in actors:
        actor = Actor.parse(text)
        if actor.kind in settings.ACTOR_NAMES and actor.name.isdecimal():
            ids[actor.kind].add(int(actor.name))
    names = {}
    for kind, members in ids.items():
        label, field = settings.ACTOR_NAMES[kind]
        rows = apps.get_model(label)._default_manager.filter(pk__in=members).values_list("pk", field)
        names.update({f"{kind}:{pk}": str(name) for pk, name in rows})
    return names


def actor_named(text: str) -> str | None:
    """The stored form of who is meant: `12`, `user:12`, an e-mail or a partner's name. None when there is nobody."""
    if text.isascii() and text.isdecimal():
        return str(Actor("user", text))
    if Actor.parse(text).kind in {"user", "partner", "guest", "system"} and ":" in text:
        return text
    for kind, (label, field) in settings.ACTOR_NAMES.items():
        found = apps.get_model(label)._default_manager.filter(**{f"{field}__iexact": text})
        if (pk := found.values_list("pk", flat=True).first()) is not None:
            return str(Actor(kind, str(pk)))
    return None
