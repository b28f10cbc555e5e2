"""What a migration runs that brings a kind of e-mail: it puts the shipped template where the shop can change it."""

from collections.abc import Callable
from typing import Any

from api.actors import Actor
from audit.verbs import act_as
from notifications.rendering import default_source
from notifications.states import DEFAULT_LANGUAGE


def write_defaults(*kinds: str) -> Callable[[Any, Any], None]:
    """For `RunPython`: the templates of these kinds, where the shop has none of its own."""

    def write(apps: Any, schema_editor: Any) -> None:
        act_as(Actor.system("migrations"))
        templates = apps.get_model("notifications", "NotificationTemplate").objects
        for kind in kinds:
            source = default_source(kind)
            values = {"subject": source.subject, "text": source.text, "html": source.html}
            templates.get_or_create(kind=kind, language=DEFAULT_LANGUAGE, defaults=values)

    return write
