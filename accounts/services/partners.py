"""Partners and their tokens."""

from collections.abc import Iterable
from datetime import datetime
from typing import TypedDict

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts import roles
from accounts.errors import NameTaken
from accounts.events import PartnerClosed, PartnerOpened, PartnerTokenIssued, PartnerTokenRevoked
from accounts.models import Partner, PartnerToken
from accounts.tokens import PREFIX_LENGTH, digest, new_partner_token
from api.actors import Actor
from audit.log import publish
from audit.verbs import verb
from kernel.errors import Invalid, NotFound


class PartnerChanges(TypedDict, total=False):
    """What can be changed about a partner; left out stays as it is."""

    name: str
    active: bool


@verb
def open_partner(*, name: str, by: Actor) -> Partner:
    """Begin to work with a company. Raises `NameTaken`."""
    partner = Partner(name=name)
    _save(partner)
    publish(PartnerOpened(partner_id=partner.pk), by=by)
    return partner


@verb
def change_partner(*, partner_id: int, changes: PartnerChanges, by: Actor) -> Partner:
    """Rename a partner, or pause it: while not active its tokens open nothing. Raises `NotFound`, `NameTaken`."""
    partner = Partner.objects.lock(partner_id)
    partner.name = changes.get("name", partner.name)
    partner.active = changes.get("active", partner.active)
    _save(partner)
    return partner


@verb
def close_partner(*, partner_id: int, by: Actor) -> Partner:
    """End the work together and revoke every token; orders keep naming the partner. Raises `NotFound`."""
    partner = Partner.objects.lock(partner_id)
    partner.active, partner.closed_at = False, timezone.now()
    partner.save(update_fields=["active", "closed_at"])
    partner.tokens.filter(revoked_at=None).update(revoked_at=partner.closed_at)
    publish(PartnerClosed(partner_id=partner.pk), by=by)
    return partner


@verb
def issue_partner_token(
    *, partner_id: int, scopes: Iterable[str], expires_at: datetime | None, by: Actor
) -> tuple[PartnerToken, str]:
    """A new token and its plain text, which is shown this once and not kept. Raises `NotFound`, `Invalid`."""
    wanted = sorted(set(scopes))
    if not wanted or set(wanted) - set(roles.PARTNER_SCOPES):
        raise Invalid(f"One or more of: {', '.join(roles.PARTNER_SCOPES)}.", field="scopes")
    if expires_at is not None and expires_at <= timezone.now():
        raise Invalid("This has to lie in the future.", field="expires_at")
    partner = Partner.objects.lock(partner_id)
    plain = new_partner_token()
    token = PartnerToken.objects.create(
        partner=partner, digest=digest(plain), prefix=plain[:PREFIX_LENGTH], scopes=wanted, expires_at=expires_at
    )
    publish(PartnerTokenIssued(partner_id=partner.pk, token_id=token.pk), by=by)
    return token, plain


@verb
def revoke_partner_token(*, partner_id: int, token_id: int, by: Actor) -> None:
    """End a token at once. A second time changes nothing. Raises `NotFound`."""
    partner = Partner.objects.lock(partner_id)
    token = partner.tokens.filter(pk=token_id).first()
    if token is None:
        raise NotFound("There is no such token.")
    if token.revoked_at is None:
        token.revoked_at = timezone.now()
        token.save(update_fields=["revoked_at"])
        publish(PartnerTokenRevoked(partner_id=partner.pk, token_id=token.pk), by=by)


def _save(partner: Partner) -> None:
    try:
        with transaction.atomic():
            partner.save()
    except IntegrityError as error:
        raise NameTaken() from error
