import pytest
from django.utils import timezone

from accounts import services
from accounts.models import User
from accounts.services import registration
from accounts.tests.factories import UserFactory
from api.actors import Actor
from kernel.errors import Invalid

pytestmark = pytest.mark.django_db
GUEST = Actor.guest()
STRONG = "a-long-and-unusual-one"


def register(email: str = "ada@example.com", password: str = STRONG) -> None:
    services.register(email=email, password=password, first_name="Ada", last_name="Example", by=GUEST)


def test_a_newcomer_is_an_unverified_customer(facts):
    register()
    user = User.objects.get()
    assert (user.email, user.role, user.is_active, user.email_verified_at) == (
        "ada@example.com",
        "customer",
        True,
        None,
    )
    assert user.check_password(STRONG)
    assert facts() == [("UserRegistered", str(user.pk), "guest:guest")]


def test_a_known_e_mail_changes_nothing_and_tells_its_mailbox(facts):
    user = UserFactory(email="ada@example.com", email_verified_at=timezone.now())
    before = User.objects.values().get()
    register()
    assert User.objects.values().get() == before
    assert facts() == [("RegistrationRepeated", str(user.pk), "guest:guest")]


def test_two_who_register_the_same_e_mail_at_once_get_one_account(facts):
    winner = UserFactory(email="ada@example.com")
    # What the second of two sees: the e-mail was free when it looked, and taken when it wrote.
    loser = User(email="ada@example.com", password="x")
    assert registration._insert(loser) == winner
    assert User.objects.count() == 1


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("short", "password_too_short"),
        ("password123", "password_too_common"),
        ("6029384756", "password_entirely_numeric"),
        ("ada@example.com", "password_too_similar"),
    ],
)
def test_a_weak_password_is_refused_and_makes_no_account(facts, password, code):
    with pytest.raises(Invalid) as refusal:
        register(password=password)
    assert ("password", code) in [(problem.field, problem.code) for problem in refusal.value.problems]
    assert not User.objects.exists()
    assert facts() == []


def test_the_history_has_the_person_and_not_the_password():
    register()
    row = User.history.get()
    assert (row.email, row.actor, row.history_type) == ("ada@example.com", "guest:guest", "+")
    assert not {"password", "last_login"} & {field.name for field in row._meta.fields}
