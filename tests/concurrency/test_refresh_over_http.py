"""Fifty uses of one refresh token at once, through the front door: one pair, and a session that has ended.

The negative control of the race is in `accounts/tests/test_refresh_race.py`: there the condition can be left out.
"""

import asyncio
from collections import Counter
from typing import Any

import httpx

from accounts.models import RefreshFamily, RefreshToken
from accounts.tests.factories import PASSWORD, UserFactory
from audit.doctor import examine
from audit.models import LogEntry
from tests.conftest import Processes

CALLERS = 50


def logged_in(shop: Processes, email: str) -> Any:
    answer = httpx.post(f"{shop.api}/auth/token", json={"email": email, "password": PASSWORD}, timeout=60)
    assert answer.status_code == 200
    return answer.json()


def refreshed(shop: Processes, tokens: list[str]) -> list[httpx.Response]:
    """One call a token, all in flight together."""

    async def send() -> list[httpx.Response]:
        limits = httpx.Limits(max_connections=len(tokens))
        async with httpx.AsyncClient(limits=limits, timeout=120) as client:
            return await asyncio.gather(
                *[client.post(f"{shop.api}/auth/token/refresh", json={"refresh": token}) for token in tokens]
            )

    return asyncio.run(send())


def codes(answers: list[httpx.Response]) -> Counter[tuple[int, str]]:
    return Counter((answer.status_code, answer.json().get("code", "a pair")) for answer in answers)


def opens(shop: Processes, access: str) -> bool:
    answer = httpx.get(f"{shop.api}/me", headers={"Authorization": f"Bearer {access}"}, timeout=60)
    assert answer.status_code in {200, 401}
    return answer.status_code == 200


def test_one_of_fifty_gets_a_pair_which_opens_nothing_any_more(live_server_process: Processes) -> None:
    shop, person = live_server_process, UserFactory()
    elsewhere = logged_in(shop, person.email)
    stolen = logged_in(shop, person.email)
    answers = refreshed(shop, [stolen["refresh"]] * CALLERS)
    found = codes(answers)
    assert found[200, "a pair"] == 1
    assert found[401, "token_reused"] >= 1
    # Who came when the session had ended already is told no more than that.
    assert found[401, "token_reused"] + found[401, "token_not_valid"] == CALLERS - 1
    session = RefreshFamily.objects.exclude(revoked_at=None).get()
    assert (session.user_id, session.reason) == (person.pk, "reused")
    assert RefreshToken.objects.filter(family=session).count() == 2
    assert LogEntry.objects.filter(name="RefreshTokenReused", aggregate_id=str(session.pk)).count() == 1
    pair = next(answer.json() for answer in answers if answer.status_code == 200)
    assert codes(refreshed(shop, [pair["refresh"]])) == {(401, "token_not_valid"): 1}
    assert [opens(shop, access) for access in (stolen["access"], pair["access"])] == [False, False]
    assert opens(shop, elsewhere["access"])  # another session of the person goes on
    assert [rule.invariant.name for rule in examine() if rule.invariant.name != "events.delivered"] == []


def test_control_fifty_tokens_get_fifty_pairs(live_server_process: Processes) -> None:
    """What is refused above is refused for the token, and not because there are many calls."""
    shop, email = live_server_process, UserFactory().email
    tokens = [logged_in(shop, email)["refresh"] for _ in range(CALLERS)]
    assert codes(refreshed(shop, tokens)) == {(200, "a pair"): CALLERS}
    assert not RefreshFamily.objects.exclude(revoked_at=None).exists()
