"""What somebody may buy: no promise yet, so nothing here is kept in the history."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from accounts.models import Partner, User
from catalog.models import Product


class Cart(models.Model):
    """A basket of a customer, a partner or a guest (who holds a token derived from its id)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(User, models.CASCADE, null=True, blank=True, related_name="carts")
    partner = models.ForeignKey(Partner, models.CASCADE, null=True, blank=True, related_name="+")
    test = models.BooleanField(default=False, db_default=False, help_text="Opened by a partner's sandbox token.")
    email = models.EmailField(blank=True)
    currency = models.CharField(max_length=3)
    shipping_address = models.JSONField(null=True, blank=True)
    billing_address = models.JSONField(null=True, blank=True)
    shipping_method = models.CharField(max_length=50, blank=True)
    discount_codes = ArrayField(models.CharField(max_length=50), default=list, blank=True)
    seen_total = models.DecimalField(
        max_digits=18, decimal_places=4, null=True, blank=True, help_text="The total last shown to its owner."
    )
    order = models.OneToOneField("orders.Order", models.PROTECT, null=True, blank=True, related_name="cart")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True, db_index=True)

    class Meta:
        constraints = (models.CheckConstraint(condition=Q(user=None) | Q(partner=None), name="cart_has_one_owner"),)

    def __str__(self) -> str:
        return str(self.pk)


class CartItem(models.Model):
    """A product in a cart; its price is read when the cart is quoted."""

    cart = models.ForeignKey(Cart, models.CASCADE, related_name="items")
    product = models.ForeignKey(Product, models.CASCADE, related_name="+")
    quantity = models.PositiveIntegerField()

    class Meta:
        ordering = ("id",)
        constraints = (
            models.UniqueConstraint(fields=("cart", "product"), name="cart_item_once_per_product"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="cart_item_quantity_positive"),
        )

    def __str__(self) -> str:
        return f"{self.quantity} × {self.product_id}"
