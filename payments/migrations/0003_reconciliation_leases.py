"""Let a run be taken over from a worker that died, and let a difference name the payment it belongs to."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("payments", "0002_providers")]

    operations = [
        migrations.AddField(
            model_name="reconciliationrun",
            name="leased_until",
            field=models.DateTimeField(blank=True, help_text="Somebody is at it right now.", null=True),
        ),
        migrations.AddField(
            model_name="difference",
            name="payment_reference",
            field=models.CharField(
                blank=True, default="", help_text="The provider's id of the payment it belongs to.", max_length=255
            ),
            preserve_default=False,
        ),
        migrations.AddIndex(
            model_name="difference",
            index=models.Index(fields=["reference"], name="difference_by_reference"),
        ),
        migrations.AddIndex(
            model_name="difference",
            index=models.Index(
                condition=models.Q(("state", "open")), fields=["payment_reference"], name="difference_open"
            ),
        ),
    ]
