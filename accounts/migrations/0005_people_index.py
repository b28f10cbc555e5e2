"""Check the rows that were there before, and build the index, while everybody goes on writing."""

from django.contrib.postgres.operations import AddIndexConcurrently, ValidateConstraint
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("accounts", "0004_people_and_partners")]

    operations = [
        ValidateConstraint(model_name="partner", name="partner_may_ask"),
        ValidateConstraint(model_name="user", name="user_erased_is_nobody"),
        AddIndexConcurrently(
            model_name="user",
            index=models.Index(condition=models.Q(("erased_at", None)), fields=["erase_at"], name="user_to_be_erased"),
        ),
    ]
