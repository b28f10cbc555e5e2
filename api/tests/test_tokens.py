from typing import Any

from api.tokens import derive_token, token_opens


def test_a_token_opens_what_it_was_made_for_and_nothing_else() -> None:
    token = derive_token("order", "W1000001")
    assert token_opens(token, "order", "W1000001")
    assert not token_opens(token, "order", "W1000002")
    assert not token_opens(token, "cart", "W1000001")
    assert not token_opens("", "order", "W1000001")
    assert not token_opens("é\x00", "order", "W1000001")


def test_a_token_is_the_same_each_time_and_another_under_another_key(settings: Any) -> None:
    token = derive_token("cart", 1)
    assert (derive_token("cart", 1), len(token)) == (token, 43)
    settings.TOKEN_KEY = b"another"
    assert derive_token("cart", 1) != token
