"""Automatic discounts come, change and go."""

from collections.abc import Collection, Mapping
from typing import Any

from api.actors import Actor
from audit.log import publish
from audit.verbs import verb
from catalog.discounts.checks import refuse, rule_problems
from catalog.discounts.fields import assign
from catalog.events import DiscountRuleChanged
from catalog.models import DiscountRule
from kernel.errors import NotFound, StaleVersion

OWN = ("kind", "lane", "priority", "exclusive", "groups", "tiers")


@verb
def create_rule(*, fields: Mapping[str, Any], by: Actor) -> DiscountRule:
    """Enter a rule. Raises `Invalid` naming every field that makes no sense."""
    return _save(DiscountRule(), fields, by=by)


@verb
def update_rule(
    *, rule_id: int, fields: Mapping[str, Any], by: Actor, versions: Collection[int] | None = None
) -> DiscountRule:
    """Change a rule; orders that were placed keep what it gave them. Raises `NotFound`, `StaleVersion`, `Invalid`."""
    rule = _lock(rule_id)
    if versions is not None and rule.version not in versions:
        raise StaleVersion()
    rule.version += 1
    return _save(rule, fields, by=by)


@verb
def delete_rule(*, rule_id: int, by: Actor) -> None:
    """Take a rule away; what it gave to orders stays written on them, and the rule in the history."""
    rule = _lock(rule_id)
    publish(DiscountRuleChanged(rule_id=rule_id), by=by)
    rule.delete()


def draft_rule(fields: Mapping[str, Any]) -> DiscountRule:
    """A rule that is checked and not saved, to try it. Raises as `create_rule`."""
    rule = DiscountRule()
    assign(rule, fields, own=OWN)
    refuse(list(rule_problems(rule)))
    return rule


def _lock(rule_id: int) -> DiscountRule:
    rule = DiscountRule.objects.select_for_update().filter(pk=rule_id).first()
    if rule is None:
        raise NotFound("There is no such rule.")
    return rule


def _save(rule: DiscountRule, fields: Mapping[str, Any], *, by: Actor) -> DiscountRule:
    assign(rule, fields, own=OWN)
    refuse(list(rule_problems(rule)))
    rule.save()
    publish(DiscountRuleChanged(rule_id=rule.pk), by=by)
    return rule
