"""The shop deciding otherwise which warehouse serves an order."""

from api.actors import Actor
from audit.log import publish
from audit.verbs import verb
from inventory.events import RoutingChanged
from inventory.models import RoutingRule
from kernel.errors import NotFound


@verb
def change_rule(*, strategy: str, position: int, active: bool, by: Actor) -> RoutingRule:
    """Ask this rule at that place, or not at all. Raises `NotFound`."""
    rule = RoutingRule.objects.select_for_update().filter(strategy=strategy).first()
    if rule is None:
        raise NotFound("There is no such rule.")
    if (rule.position, rule.active) == (position, active):
        return rule
    rule.position, rule.active = position, active
    rule.save(update_fields=["position", "active"])
    publish(RoutingChanged(rule_id=rule.pk), by=by)
    return rule
