"""Partners and their tokens."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from ipaddress import ip_network
from typing import TypedDict

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts import roles
from accounts.errors import NameTaken, TokenEnded
from accounts.events import (
    PartnerClosed,
    PartnerOpened,
    PartnerTokenIssued,
    PartnerTokenRevoked,
    PartnerTokenRotated,
)
from accounts.models import Partner, PartnerToken
from accounts.tokens import PREFIX_LENGTH, digest, new_partner_token
from api.actors import Actor
from audit.log import publish
from audit.verbs import verb
from kernel.errors import Invalid, NotFound


class PartnerChanges(TypedDict, total=False):
    """What can be changed about a partner; left out stays as it is. Of the lists null is everything."""

    name: str
    active: bool
    categories: list[str] | None
    skus: list[str] | None
    warehouses: list[str] | None
    requests_per_minute: int | None


@verb
def open_partner(*, given: PartnerChanges, by: Actor) -> Partner:
    """Begin to work with a company, which has a name. Raises `NameTaken`."""
    partner = Partner(**given)
    _save(partner)
    publish(PartnerOpened(partner_id=partner.pk), by=by)
    return partner


@verb
def change_partner(*, partner_id: int, changes: PartnerChanges, by: Actor) -> Partner:
    """Rename a partner, change what it was given, or pause it: while not active its tokens open nothing.

    Raises `NotFound`, `NameTaken`.
    """
    partner = Partner.objects.lock(partner_id)
    for name, value in changes.items():
        setattr(partner, name, value)
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


@dataclass(frozen=True, slots=True)
class TokenTerms:
    """What a token opens, until when, from where (CIDR; empty: from anywhere), and whether it is for tests."""

    scopes: Iterable[str]
    expires_at: datetime | None = None
    networks: Iterable[str] = ()
    sandbox: bool = False


@verb
def issue_partner_token(*, partner_id: int, terms: TokenTerms, by: Actor) -> tuple[PartnerToken, str]:
    """A new token and its plain text, which is shown this once and not kept. Raises `NotFound`, `Invalid`."""
    wanted = sorted(set(terms.scopes))
    if not wanted or set(wanted) - set(roles.PARTNER_SCOPES):
        raise Invalid(f"One or more of: {', '.join(roles.PARTNER_SCOPES)}.", field="scopes")
    if terms.expires_at is not None and terms.expires_at <= timezone.now():
        raise Invalid("This has to lie in the future.", field="expires_at")
    partner = Partner.objects.lock(partner_id)
    token, plain = _issue(partner, replace(terms, scopes=wanted, networks=_networks(terms.networks)))
    publish(PartnerTokenIssued(partner_id=partner.pk, token_id=token.pk), by=by)
    return token, plain


@verb
def rotate_partner_token(*, partner_id: int, token_id: int, overlap: timedelta, by: Actor) -> tuple[PartnerToken, str]:
    """A new token of the same terms; the old one opens things for the overlap yet, so that nobody is cut off.

    The new one has the old one's whole life before it, where that had an end. Raises `NotFound`, and `TokenEnded`
    for one that opens nothing any more.
    """
    partner = Partner.objects.lock(partner_id)
    old = partner.tokens.select_for_update().filter(pk=token_id).first()
    if old is None:
        raise NotFound("There is no such token.")
    now = timezone.now()
    if old.revoked_at is not None or (old.expires_at is not None and old.expires_at <= now):
        raise TokenEnded()
    life = old.expires_at - old.created_at if old.expires_at else None
    terms = TokenTerms(old.scopes, now + life if life else None, old.networks, old.sandbox)
    token, plain = _issue(partner, terms)
    ends = now + max(overlap, timedelta(seconds=1))
    old.expires_at = min(old.expires_at, ends) if old.expires_at else ends
    old.save(update_fields=["expires_at"])
    publish(PartnerTokenRotated(partner_id=partner.pk, token_id=old.pk, new_token_id=token.pk), by=by)
    return token, plain


def _issue(partner: Partner, terms: TokenTerms) -> tuple[PartnerToken, str]:
    plain = new_partner_token()
    token = PartnerToken.objects.create(
        partner=partner,
        digest=digest(plain),
        prefix=plain[:PREFIX_LENGTH],
        scopes=list(terms.scopes),
        expires_at=terms.expires_at,
        networks=list(terms.networks),
        sandbox=terms.sandbox,
    )
    return token, plain


def _networks(given: Iterable[str]) -> list[str]:
    """Each in CIDR notation, as it is compared. Raises `Invalid` naming the first that is none."""
    found = []
    for index, text in enumerate(given):
        try:
            found.append(str(ip_network(text.strip(), strict=False)))
        except ValueError as error:
            raise Invalid("A network such as 192.0.2.0/24, or an address.", field=f"networks.{index}") from error
    return list(dict.fromkeys(found))


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
