"""Check the products that were there before, and change the index by price, while everybody goes on writing."""

from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently, ValidateConstraint
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("catalog", "0004_prices")]

    operations = [
        ValidateConstraint(model_name="product", name="product_rule_price_not_negative"),
        AddIndexConcurrently(
            model_name="product",
            index=models.Index(fields=["asked_price", "id"], name="product_by_asked_price"),
        ),
        RemoveIndexConcurrently(model_name="product", name="product_by_price"),
    ]
