import pytest

from accounts import roles
from orders.actions import GUARDS
from orders.back_office.verbs import ORDER_VERBS
from orders.permissions import BY_ROLE

# What is done with one package and is no action on its order.
OF_PACKAGES = {"lose_shipment", "return_to_sender"}


@pytest.mark.parametrize("role", sorted(roles.STAFF))
def test_the_back_office_and_the_api_allow_a_role_the_same(role: str) -> None:
    known = set(GUARDS) | OF_PACKAGES
    shown = {action for action in known if roles.may(role, f"orders.{action}")}
    assert shown == BY_ROLE[role] & known


def test_every_action_has_its_button() -> None:
    assert {verb.action for verb in ORDER_VERBS} == set(GUARDS) - {"pay"} | {"note", "deliver_lost"} | OF_PACKAGES
