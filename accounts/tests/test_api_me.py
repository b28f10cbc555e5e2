import pytest

from accounts.models import Address, User
from accounts.tests.factories import AddressFactory, UserFactory, client_for, partner_client

pytestmark = pytest.mark.django_db
ME, ADDRESSES = "/api/v1/me", "/api/v1/me/addresses"
ADDRESS = {
    "first_name": "Ada",
    "last_name": "Example",
    "company": "",
    "line1": "1 High Street",
    "line2": "",
    "city": "Berlin",
    "region": "",
    "postal_code": "10115",
    "country": "DE",
    "phone": "",
}


def test_i_am_told_who_i_am(django_assert_num_queries):
    user = UserFactory(warehouse=True)
    client = client_for(user)
    with django_assert_num_queries(1):
        answer = client.get(ME)
    assert answer.json() == {
        "id": user.pk,
        "email": user.email,
        "first_name": "Ada",
        "last_name": "Example",
        "role": "warehouse",
        "scopes": ["orders:read", "stock:read", "fulfilment:write"],
        "email_verified": True,
        "created_at": user.created_at.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
    }


def test_i_change_my_name_and_nothing_else():
    user = UserFactory()
    answer = client_for(user).patch(ME, {"first_name": "Grace", "role": "admin", "email": "x@example.com", "id": 1})
    assert answer.data["first_name"] == "Grace"
    after = User.objects.get()
    assert (after.pk, after.first_name, after.last_name, after.role, after.email) == (
        user.pk,
        "Grace",
        "Example",
        "customer",
        user.email,
    )
    assert after.history.first().actor == f"user:{user.pk}"


@pytest.mark.parametrize("value", ["x" * 101, None, 12, "a\x00", "a\nb"])
def test_what_is_no_name_is_refused(value):
    answer = client_for(UserFactory()).patch(ME, {"first_name": value})
    assert answer.status_code == 400
    assert [problem["field"] for problem in answer.data["errors"]] == ["first_name"]
    assert User.objects.get().first_name == "Ada"


def test_strangers_are_nobody_and_partners_are_no_person():
    for path in (ME, ADDRESSES):
        assert client_for().get(path).status_code == 401
        assert partner_client().get(path).status_code == 403


def test_an_address_is_added_read_changed_and_removed():
    client = client_for(UserFactory())
    added = client.post(ADDRESSES, ADDRESS)
    assert added.status_code == 201
    one = f"{ADDRESSES}/{added.data['id']}"
    assert added.json() == client.get(one).json() == {"id": added.data["id"]} | ADDRESS
    assert client.patch(one, {"city": "Bonn"}).json() == {"id": added.data["id"]} | ADDRESS | {"city": "Bonn"}
    assert client.delete(one).status_code == 204
    assert client.get(one).status_code == 404


def test_the_least_an_address_needs_is_named():
    answer = client_for(UserFactory()).post(ADDRESSES, {})
    assert [problem["field"] for problem in answer.data["errors"]] == ["last_name", "line1", "city", "country"]
    assert not Address.objects.exists()


def test_a_list_comes_in_pages_of_my_own_in_two_statements(django_assert_num_queries):
    user = UserFactory()
    AddressFactory()
    mine = [address.pk for address in AddressFactory.create_batch(3, user=user)]
    client = client_for(user)
    with django_assert_num_queries(2):
        first = client.get(f"{ADDRESSES}?page_size=2").data
    assert [entry["id"] for entry in first["results"]] == mine[:0:-1]
    second = client.get(first["next"]).data
    assert [entry["id"] for entry in second["results"]] == mine[:1]
    assert second["next"] is None


@pytest.mark.django_db(transaction=True)  # a refusal spoils a transaction that surrounds the test
@pytest.mark.parametrize("method", ["get", "patch", "delete"])
def test_somebody_elses_address_does_not_exist(method):
    address = AddressFactory(city="Berlin")
    client = client_for(UserFactory(admin=True))
    for number in (address.pk, 0, 10**30):
        answer = getattr(client, method)(f"{ADDRESSES}/{number}", {"city": "Bonn"} if method == "patch" else None)
        assert (answer.status_code, answer.data["code"]) == (404, "not_found")
    assert Address.objects.get().city == "Berlin"


def test_an_owner_cannot_be_given():
    user, other = UserFactory(), UserFactory()
    client_for(user).post(ADDRESSES, ADDRESS | {"user": other.pk, "user_id": other.pk, "id": 7})
    assert Address.objects.get().user == user


def test_the_same_key_adds_one_address():
    client = client_for(UserFactory())
    first, second = (client.post(ADDRESSES, ADDRESS, headers={"Idempotency-Key": "one"}) for _ in range(2))
    assert first.json() == second.json()
    assert Address.objects.count() == 1
