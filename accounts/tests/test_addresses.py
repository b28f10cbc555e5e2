import pytest
from django.db import IntegrityError, transaction

from accounts import services
from accounts.models import Address, AddressFields
from accounts.serializers import AddressSerializer
from accounts.tests.factories import AddressFactory, UserFactory
from kernel.errors import NotFound

pytestmark = pytest.mark.django_db
FIELDS = ["first_name", "last_name", "company", "line1", "line2", "city", "region", "postal_code", "country", "phone"]
LEAST = {"last_name": "Example", "line1": "1 High Street", "city": "Berlin", "country": "DE"}


def errors(**changes) -> dict:
    values = AddressSerializer(data=LEAST | changes)
    values.is_valid()
    return {name: [problem.code for problem in problems] for name, problems in values.errors.items()}


def test_the_fields_are_those_of_the_contract():
    assert [field.name for field in AddressFields._meta.fields] == FIELDS
    assert list(AddressSerializer().fields) == FIELDS


def test_four_fields_are_enough_and_the_rest_is_empty():
    values = AddressSerializer(data=LEAST)
    assert values.is_valid()
    assert dict(values.validated_data) == dict.fromkeys(FIELDS, "") | LEAST


@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize("value", ["x" * 201, "a\x00b", None, ["a"], {"a": 1}, True, 12])
def test_what_is_no_line_of_text_is_refused(field, value):
    assert list(errors(**{field: value})) == [field]


@pytest.mark.parametrize("field", [field for field in FIELDS if field != "country"])
def test_a_line_break_is_refused(field):
    assert errors(**{field: "one\ntwo"}) == {field: ["line"]}


@pytest.mark.parametrize("field", sorted(LEAST))
def test_what_is_needed_may_not_be_blank(field):
    assert list(errors(**{field: " "})) == [field]


@pytest.mark.parametrize("country", ["de", "XX", "DEU", "276", "D", "Germany"])
def test_only_iso_3166_alpha_2_is_a_country(country):
    assert errors(country=country) == {"country": ["unknown"]}


def test_an_address_is_added_changed_and_removed_by_its_owner():
    user = UserFactory()
    address = services.add_address(user_id=user.pk, address=LEAST, by=user.as_actor())
    services.change_address(user_id=user.pk, address_id=address.pk, changes={"city": "Bonn"}, by=user.as_actor())
    address.refresh_from_db()
    assert (address.line1, address.city) == ("1 High Street", "Bonn")
    services.remove_address(user_id=user.pk, address_id=address.pk, by=user.as_actor())
    assert not Address.objects.exists()
    assert [(row.history_type, row.actor) for row in Address.history.all()] == [
        (kind, f"user:{user.pk}") for kind in "-~+"
    ]


def test_somebody_elses_address_is_not_found():
    address, thief = AddressFactory(city="Berlin"), UserFactory()
    theirs = {"user_id": thief.pk, "address_id": address.pk, "by": thief.as_actor()}
    with pytest.raises(NotFound), transaction.atomic():
        services.change_address(**theirs, changes={"city": "Bonn"})
    with pytest.raises(NotFound), transaction.atomic():
        services.remove_address(**theirs)
    assert Address.objects.get().city == "Berlin"


def test_the_database_refuses_what_is_no_country_code():
    with pytest.raises(IntegrityError), transaction.atomic():
        AddressFactory(country="de")
