"""What e-mails say."""

from collections.abc import Callable
from typing import TypedDict

from django.core.exceptions import ValidationError
from django.db import IntegrityError

from api.actors import Actor
from api.transactions import constraint_name
from audit.verbs import verb
from kernel.errors import FieldProblem, Invalid, NotFound
from notifications.errors import TemplateTaken
from notifications.models import NotificationTemplate
from notifications.rendering import Rendered, Source, default_source, problems, render, sample
from notifications.states import DEFAULT_LANGUAGE


class TemplateFields(TypedDict, total=False):
    """What may be written; absent members stay as they are."""

    subject: str
    text: str
    html: str


def source_for(kind: str, language: str = DEFAULT_LANGUAGE) -> Source:
    """The words for an e-mail: the shop's in this language, else in its first, else those Waybill comes with."""
    own = {row.language: row for row in NotificationTemplate.objects.filter(kind=kind)}
    row = own.get(language) or own.get(DEFAULT_LANGUAGE)
    return row.source if row else default_source(kind)


@verb
def create_template(*, kind: str, language: str, fields: TemplateFields, by: Actor) -> NotificationTemplate:
    """Write the words for a kind in a language. Raises `TemplateTaken`, and `Invalid` with a sentence per problem."""
    template = NotificationTemplate(kind=kind, language=language, **fields)
    _check(template)
    try:
        template.save(force_insert=True)
    except IntegrityError as error:
        if constraint_name(error) == "template_one_per_kind_and_language":
            raise TemplateTaken(field="language") from error
        raise
    return template


@verb
def update_template(
    *, template_id: int, fields: TemplateFields, check: Callable[[int], None] | None = None, by: Actor
) -> NotificationTemplate:
    """Change the words. `check` gets the present version and may refuse. Raises `NotFound` and `Invalid`."""
    template = NotificationTemplate.objects.select_for_update().filter(pk=template_id).first()
    if template is None:
        raise NotFound("There is no such template.")
    if check is not None:
        check(template.version)
    for name, value in fields.items():
        setattr(template, name, value)
    _check(template)
    template.version += 1
    template.save()
    return template


@verb
def delete_template(*, template_id: int, by: Actor) -> None:
    """Give up the shop's own words: those Waybill comes with are used again."""
    NotificationTemplate.objects.filter(pk=template_id).delete()


def preview(*, kind: str, source: Source) -> Rendered:
    """The e-mail as it would look, filled with an example. Raises `Invalid` with a sentence per problem."""
    values = sample(kind)
    found = problems(source, values)
    if found:
        raise _refusal(found)
    return render(source, values)


def _check(template: NotificationTemplate) -> None:
    try:
        template.full_clean(validate_unique=False, validate_constraints=False)
    except ValidationError as error:
        raise _refusal(error.message_dict) from error


def _refusal(found: dict[str, list[str]]) -> Invalid:
    named = [FieldProblem(part, "invalid", text) for part, texts in found.items() for text in texts]
    return Invalid(f"{named[0].field}: {named[0].detail}", problems=named)
