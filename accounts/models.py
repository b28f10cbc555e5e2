"""People."""

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models

from api.actors import Actor
from audit.history import HistoryTrigger, Tracked


class User(Tracked, AbstractBaseUser, PermissionsMixin):
    """A customer or a member of staff, known by e-mail."""

    class Role(models.TextChoices):
        ADMIN = "admin"
        CUSTOMER_SERVICE = "customer_service"
        WAREHOUSE = "warehouse"
        CUSTOMER = "customer"

    email = models.EmailField(unique=True)
    role = models.CharField(max_length=20, choices=Role, default=Role.CUSTOMER)
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False)

    USERNAME_FIELD = "email"
    objects = BaseUserManager()

    class Meta(Tracked.Meta):
        triggers = (HistoryTrigger(exclude=("password", "last_login")),)

    def as_actor(self) -> Actor:
        return Actor.user(self.pk)
