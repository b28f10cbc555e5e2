"""Campaigns and their codes come, change and go."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError

from api.actors import Actor
from api.transactions import constraint_name
from audit.log import publish
from audit.verbs import verb
from catalog.discounts.checks import refuse
from catalog.discounts.fields import assign
from kernel.errors import NotAllowedNow, NotFound, StaleVersion
from orders.codes.checks import OWN, campaign_problems, code_problems, overtaken
from orders.codes.making import USUAL, batch_problems, insert_drawn, random_letters
from orders.codes.reading import normal_code
from orders.errors import CodeTaken
from orders.events import DiscountCampaignChanged
from orders.models import DiscountCampaign, DiscountCode


@dataclass(frozen=True, slots=True)
class NewCode:
    """A code as it was typed, for so many orders; None: for any number."""

    code: str
    limit: int | None = None
    active: bool = True


@verb
def create_campaign(*, fields: Mapping[str, Any], codes: Sequence[NewCode] = (), by: Actor) -> DiscountCampaign:
    """Enter the terms of codes, and the first of these. Raises `Invalid` naming every field that makes no sense, and
    `CodeTaken`.
    """
    campaign = _save(DiscountCampaign(), fields, by=by)
    for new in codes:
        _add(campaign, new)
    return campaign


@verb
def update_campaign(
    *, campaign_id: int, fields: Mapping[str, Any], by: Actor, versions: Collection[int] | None = None
) -> DiscountCampaign:
    """Change the terms of all codes of a campaign; orders that were placed keep what they gave.

    Raises `NotFound`, `StaleVersion`, `Invalid`.
    """
    campaign = lock_campaign(campaign_id)
    if versions is not None and campaign.version not in versions:
        raise StaleVersion()
    campaign.version += 1
    return _save(campaign, fields, by=by)


@verb
def add_code(*, campaign_id: int, code: str, limit: int | None = None, active: bool = True, by: Actor) -> DiscountCode:
    """Give a campaign one more code. Raises `NotFound`, `Invalid`, `CodeTaken`."""
    campaign = lock_campaign(campaign_id)
    row = _add(campaign, NewCode(code, limit, active))
    publish(DiscountCampaignChanged(campaign_id=campaign.pk), by=by)
    return row


@verb
def create_codes(
    *, campaign_id: int, count: int, prefix: str = "", length: int = USUAL, limit: int | None = 1, by: Actor
) -> list[str]:
    """Give a campaign many codes that nobody can guess, each for `limit` orders. Raises `NotFound`, `Invalid`."""
    campaign = lock_campaign(campaign_id)
    prefix = normal_code(prefix)
    refuse(list(batch_problems(count, prefix, length, limit)))
    codes = insert_drawn(campaign.pk, count=count, limit=limit, draw=lambda: prefix + random_letters(length))
    publish(DiscountCampaignChanged(campaign_id=campaign.pk), by=by)
    return codes


@verb
def change_code(*, code_id: int, changes: Mapping[str, Any], by: Actor) -> DiscountCode:
    """Switch a code on or off, or set its `limit`. Raises `NotFound`, `Invalid` for a limit below its uses."""
    row = _lock_code(code_id)
    for name in ("active", "limit"):
        if name in changes:
            setattr(row, name, changes[name])
    refuse(list(code_problems(row)))
    row.save(update_fields=["active", "limit"])
    publish(DiscountCampaignChanged(campaign_id=row.campaign_id), by=by)
    return row


@verb
def update_code(
    *,
    code_id: int,
    changes: Mapping[str, Any],
    terms: Mapping[str, Any],
    by: Actor,
    versions: Collection[int] | None = None,
) -> DiscountCode:
    """Change a code and the terms of its campaign, which all its codes share, in one go.

    Raises as `update_campaign` and `change_code`.
    """
    campaign_id = _campaign_of(code_id)
    if terms:
        update_campaign(campaign_id=campaign_id, fields=terms, versions=versions, by=by)
    elif versions is not None and lock_campaign(campaign_id).version not in versions:
        raise StaleVersion()
    return change_code(code_id=code_id, changes=changes, by=by) if changes else DiscountCode.objects.get(pk=code_id)


@verb
def delete_code(*, code_id: int, by: Actor) -> None:
    """Take away a code that no order has ever used, and its campaign with the last one. Raises `NotAllowedNow`."""
    row = _lock_code(code_id)
    if row.redemptions.exists():
        raise NotAllowedNow("Orders have used it. Switch it off instead.")
    campaign = row.campaign
    row.delete()
    publish(DiscountCampaignChanged(campaign_id=campaign.pk), by=by)
    if not campaign.codes.exists():
        campaign.delete()


def lock_campaign(campaign_id: int) -> DiscountCampaign:
    """The campaign, locked. Raises `NotFound`."""
    campaign = DiscountCampaign.objects.select_for_update().filter(pk=campaign_id).first()
    if campaign is None:
        raise NotFound("There is no such campaign.", field="campaign")
    return campaign


def draft_campaign(fields: Mapping[str, Any]) -> DiscountCampaign:
    """A campaign that is checked and not saved, to try it. Raises as `create_campaign`."""
    campaign = DiscountCampaign()
    assign(campaign, fields, own=OWN)
    refuse(list(campaign_problems(campaign)))
    return campaign


def _campaign_of(code_id: int) -> int:
    found = DiscountCode.objects.filter(pk=code_id).values_list("campaign", flat=True).first()
    if found is None:
        raise NotFound("There is no such code.")
    return found


def _lock_code(code_id: int) -> DiscountCode:
    # The campaign first, as everywhere: a redemption locks the two in this order.
    lock_campaign(_campaign_of(code_id))
    row = DiscountCode.objects.select_for_update().select_related("campaign").filter(pk=code_id).first()
    if row is None:
        raise NotFound("There is no such code.")
    return row


def _save(campaign: DiscountCampaign, fields: Mapping[str, Any], *, by: Actor) -> DiscountCampaign:
    before = {"currency": campaign.currency, "limit_per_customer": campaign.limit_per_customer}
    assign(campaign, fields, own=OWN)
    # What has become senseless since, a product being gone, can still be switched off.
    if not campaign.pk or fields.keys() - {"active"}:
        refuse(list(campaign_problems(campaign)))
    if campaign.pk:
        refuse(list(overtaken(campaign, before)))
    campaign.save()
    publish(DiscountCampaignChanged(campaign_id=campaign.pk), by=by)
    return campaign


def _add(campaign: DiscountCampaign, new: NewCode) -> DiscountCode:
    row = DiscountCode(campaign=campaign, code=normal_code(new.code), limit=new.limit, active=new.active)
    refuse(list(code_problems(row)))
    if DiscountCode.objects.filter(code=row.code).exists():
        raise CodeTaken(field="code")
    try:
        row.save(force_insert=True)
    except IntegrityError as error:
        if constraint_name(error) == "orders_discountcode_code_key":  # somebody was faster
            raise CodeTaken(field="code") from error
        raise
    return row
