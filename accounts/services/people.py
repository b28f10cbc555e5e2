"""What changes about a person."""

from typing import TypedDict

from accounts.errors import OwnAccount
from accounts.events import RoleChanged, UserDeactivated, UserReactivated
from accounts.models import RefreshFamily, User
from accounts.services.sessions import end_all
from api.actors import Actor
from audit.log import publish
from audit.verbs import verb
from kernel.errors import NotAllowedNow


class Profile(TypedDict, total=False):
    """What people change about themselves; left out stays as it is."""

    first_name: str
    last_name: str


@verb
def change_profile(*, user_id: int, profile: Profile, by: Actor) -> User:
    """Correct a person's name. Raises `AccountClosed`."""
    user = User.objects.lock_open(user_id)
    user.first_name = profile.get("first_name", user.first_name)
    user.last_name = profile.get("last_name", user.last_name)
    user.save(update_fields=["first_name", "last_name"])
    return user


@verb
def deactivate_user(*, user_id: int, by: Actor) -> User:
    """Close the account to its owner and end every session. Raises `OwnAccount`."""
    user = _somebody_elses(user_id, by)
    if user.is_active:
        user.is_active = False
        user.save(update_fields=["is_active"])
        end_all(user, RefreshFamily.Reason.DEACTIVATED)
        publish(UserDeactivated(user_id=user.pk), by=by)
    return user


@verb
def reactivate_user(*, user_id: int, by: Actor) -> User:
    """Let the person log in again. Raises `NotAllowedNow` for one who asked to be erased: keeping them does that."""
    user = User.objects.lock(user_id)
    if user.erase_at is not None or user.erased_at is not None:
        raise NotAllowedNow("This person asked to be erased. Keep them first.")
    if not user.is_active:
        user.is_active = True
        user.save(update_fields=["is_active"])
        publish(UserReactivated(user_id=user.pk), by=by)
    return user


@verb
def change_role(*, user_id: int, role: User.Role, by: Actor) -> User:
    """Let the person do other things; every session ends, since its rights were others. Raises `OwnAccount`."""
    user = _somebody_elses(user_id, by)
    if user.role != role:
        user.role = role
        user.save(update_fields=["role"])
        end_all(user, RefreshFamily.Reason.ROLE_CHANGED)
        publish(RoleChanged(user_id=user.pk), by=by)
    return user


@verb
def end_sessions(*, user_id: int, by: Actor) -> int:
    """Log a person out everywhere; returns of how many sessions."""
    return end_all(User.objects.lock(user_id), RefreshFamily.Reason.ENDED_BY_STAFF)


def _somebody_elses(user_id: int, by: Actor) -> User:
    # The last admin would lock everybody out, and a slip would lock out whoever made it.
    if by.user_id == user_id:
        raise OwnAccount()
    return User.objects.lock(user_id)
