"""Roles under a name of their own, for their pages; the rows stay those of Django's groups."""

import django.contrib.auth.models
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("accounts", "0006_personal_data"), ("auth", "0012_alter_user_first_name_max_length")]

    operations = [
        migrations.CreateModel(
            name="Role",
            fields=[],
            options={"proxy": True, "indexes": [], "constraints": []},
            bases=("auth.group",),
            managers=[("objects", django.contrib.auth.models.GroupManager())],
        ),
    ]
