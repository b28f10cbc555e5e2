"""What products cost in other currencies than their own, and whether prices hold the tax."""

from django.db import models
from django.db.models import F, Q

from audit.history import HistoryTrigger, Tracked
from catalog.models.product import Product
from catalog.terms_version import BumpsTerms


class PriceList(Tracked):
    """The prices of one currency. The list of a currency says whether its prices hold the tax, those of products
    that are kept in it too; without a list the setting SHOP_PRICES_INCLUDE_TAX says it.
    """

    currency = models.CharField(max_length=3, unique=True)
    name = models.CharField(max_length=100)
    includes_tax = models.BooleanField(default=False, help_text="Whether the prices hold the tax.")
    active = models.BooleanField(default=True, help_text="Switched off its prices are not offered.")

    class Meta(Tracked.Meta):
        ordering = ("currency",)
        triggers = (HistoryTrigger(), BumpsTerms())
        constraints = (
            models.CheckConstraint(
                condition=Q(currency__regex=r"\A[A-Z]{3}\Z"), name="price_list_currency_well_formed"
            ),
        )

    def __str__(self) -> str:
        return f"{self.name} ({self.currency})"


class ListPrice(Tracked):
    """What one product costs in the currency of a list, instead of its own price."""

    price_list = models.ForeignKey(PriceList, models.CASCADE, related_name="prices")
    product = models.ForeignKey(Product, models.CASCADE, related_name="list_prices")
    price = models.DecimalField(max_digits=18, decimal_places=4)
    sale_price = models.DecimalField(max_digits=18, decimal_places=4, null=True, blank=True)

    class Meta(Tracked.Meta):
        constraints = (
            models.UniqueConstraint(fields=("product", "price_list"), name="list_price_once_per_product"),
            models.CheckConstraint(condition=Q(price__gte=0), name="list_price_not_negative"),
            models.CheckConstraint(
                condition=Q(sale_price=None) | Q(sale_price__gte=0, sale_price__lt=F("price")),
                name="list_price_sale_below_price",
            ),
        )

    def __str__(self) -> str:
        return f"{self.product_id} in {self.price_list_id}"
