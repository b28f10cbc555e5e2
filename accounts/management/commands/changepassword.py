"""`manage.py changepassword EMAIL`: in place of Django's, which would leave the old sessions open."""

import getpass
from typing import Any

from django.contrib.auth.hashers import make_password
from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.models import User
from accounts.services.passwords import check_strength, set_password
from api.actors import Actor
from kernel.errors import Refused


class Command(BaseCommand):
    help = "Sets a person's password and logs them out everywhere."
    requires_migrations_checks = True

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.by_email(options["email"])
        if user is None:
            raise CommandError("Nobody has this e-mail.")
        password = getpass.getpass("New password: ")
        if password != getpass.getpass("Again: "):
            raise CommandError("The two differ.")
        try:
            check_strength(password, user=user)
        except Refused as refusal:
            raise CommandError(refusal.text) from refusal
        set_password(user_id=user.pk, hashed=make_password(password), by=Actor.system("changepassword"))
        self.stdout.write(f"The password of {user.email} is changed; they are logged out everywhere.")
