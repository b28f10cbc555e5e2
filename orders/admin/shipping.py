"""The back office of shipping: where it goes, how, and what it costs."""

from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.db.models import Model, QuerySet
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.admin import TabularInline

from catalog.back_office.verbs import VerbsAdmin
from orders.admin.taxes import TaxZoneAdmin
from orders.back_office.display import money, pill
from orders.back_office.shipping import (
    BAND,
    BandForm,
    BandFormSet,
    ShippingMethodForm,
    ShippingRateForm,
    ShippingZoneForm,
)
from orders.back_office.shipping_table import (
    Matrix,
    drawn,
    gap_sentences,
    lowest,
    matrix,
    notes,
    page_of,
    priced,
    promise_of,
)
from orders.delivery.asking import asks_carriers
from orders.delivery.services import (
    delete_shipping_method,
    delete_shipping_rate,
    delete_shipping_zone,
    save_shipping_method,
    save_shipping_rate,
    save_shipping_zone,
)
from orders.models import ShippingBand, ShippingMethod, ShippingRate, ShippingZone

SUBTLE = SafeString('<span class="wb-subtle">–</span>')


class ShippingAdmin(VerbsAdmin):
    """Those who may not change it see it in words."""

    looked_at: Any = ()
    entered: Any = ()
    sortable_by = ()
    actions = None

    def get_fieldsets(self, request: HttpRequest, obj: Model | None = None) -> Any:
        if not self.has_change_permission(request, obj):
            return self.looked_at
        return self.fieldsets if obj else self.entered

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        """With whether who looks may add prices, which its table of them offers."""
        row: Any = super().get_object(request, object_id, from_field)
        if row is not None:
            row.may_add = request.user.has_perm("orders.add_shippingrate")
        return row

    def drawn_matrix(self, found: Matrix) -> SafeString:
        return render_to_string("admin/prices/matrix.html", {"matrix": found})

    @admin.display(description="Status")
    def state(self, row: Any) -> SafeString:
        return pill("on" if row.active else "off", tone="good" if row.active else "bad")


@admin.register(ShippingZone)
class ShippingZoneAdmin(ShippingAdmin):
    """Addresses that are sent to alike. Of the zones that hold an address, the most precise that has a price counts."""

    form = ShippingZoneForm
    list_display = ("name", "where", "number_of_prices", "state")
    list_filter = ("active",)
    search_fields = ("name", "code")
    search_help_text = "Name or code of the zone"
    ordering = ("priority", "code")
    readonly_fields = ("where", "state", "prices")
    which = ("Which addresses", {"fields": ("countries", "regions", ("postcodes", "excluded_postcodes"))})
    fieldsets = (
        (None, {"fields": (("name", "code"), ("active", "priority"))}),
        which,
        ("Prices", {"fields": ("prices",)}),
    )
    entered = fieldsets[:2]
    looked_at = ((None, {"fields": (("name", "state"), "where")}), fieldsets[2])
    where = TaxZoneAdmin.where

    def get_queryset(self, request: HttpRequest) -> QuerySet[ShippingZone]:
        return ShippingZone.objects.prefetch_related("rates")

    @admin.display(description="Prices")
    def number_of_prices(self, zone: ShippingZone) -> SafeString | str:
        number = len(zone.rates.all())
        return str(number) if number else SafeString('<span class="wb-subtle">as a wider zone</span>')

    @admin.display(description="Methods")
    def prices(self, zone: Any) -> SafeString:
        return self.drawn_matrix(matrix(zones=[zone], may_add=zone.may_add))

    def save_model(self, request: HttpRequest, obj: ShippingZone, form: ModelForm, change: bool) -> None:
        assert isinstance(form, ShippingZoneForm)
        zone_id = obj.pk if change else None
        obj.pk = save_shipping_zone(zone_id=zone_id, fields=form.zone_fields(), by=self.actor(request)).pk

    def delete_model(self, request: HttpRequest, obj: ShippingZone) -> None:
        delete_shipping_zone(zone_id=obj.pk, by=self.actor(request))


@admin.register(ShippingMethod)
class ShippingMethodAdmin(ShippingAdmin):
    """Ways to send, each with what it promises today."""

    form = ShippingMethodForm
    list_display = ("name", "code", "today", "until", "live", "state")
    list_filter = ("active",)
    search_fields = ("name", "code")
    search_help_text = "Name or code of the method"
    ordering = ("position", "code")
    readonly_fields = ("today", "until", "days", "live", "state", "prices")
    terms = (
        ("When it leaves and arrives", {"fields": ("cut_off", ("handling_days", "transit_days"))}),
        ("Live rates of a carrier", {"fields": (("carrier", "carrier_service"),), "description":
            "With both, the carrier's own price for the parcel counts wherever it answers in time; else the prices "
            "below do, and the customer reads that it is estimated."}),
    )  # fmt: skip
    entered = ((None, {"fields": (("name", "code"), ("active", "position"))}), *terms)
    fieldsets = (
        (None, {"fields": (("name", "code"), ("active", "position"), "today")}),
        *terms,
        ("Prices", {"fields": ("prices",)}),
    )
    looked_at = (
        (None, {"fields": (("name", "code"), ("today", "state"), ("until", "days"), "live")}),
        ("Prices", {"fields": ("prices",)}),
    )

    @admin.display(description="Promise")
    def today(self, method: ShippingMethod) -> str:
        return promise_of(method)

    @admin.display(description="Cut-off")
    def until(self, method: ShippingMethod) -> SafeString | str:
        return f"{method.cut_off:%H:%M}" if method.cut_off else SUBTLE

    @admin.display(description="Working days")
    def days(self, method: ShippingMethod) -> str:
        return f"{method.handling_days} until it leaves, {method.transit_days} on the way"

    @admin.display(description="Live rates")
    def live(self, method: ShippingMethod) -> SafeString | str:
        if not method.carrier:
            return SUBTLE
        said = f"{method.carrier} {method.carrier_service}"
        return said if asks_carriers() else format_html('{} <span class="wb-subtle">nobody is asked: off</span>', said)

    @admin.display(description="Zones")
    def prices(self, method: Any) -> SafeString:
        return self.drawn_matrix(matrix(methods=[method], may_add=method.may_add))

    def save_model(self, request: HttpRequest, obj: ShippingMethod, form: ModelForm, change: bool) -> None:
        assert isinstance(form, ShippingMethodForm)
        method_id = obj.pk if change else None
        obj.pk = save_shipping_method(method_id=method_id, fields=form.method_fields(), by=self.actor(request)).pk

    def delete_model(self, request: HttpRequest, obj: ShippingMethod) -> None:
        delete_shipping_method(method_id=obj.pk, by=self.actor(request))


class BandInline(TabularInline):
    """The bands as rows; they are saved with their price."""

    model = ShippingBand
    form = BandForm
    formset = BandFormSet
    fields = BAND
    extra = 1
    hide_title = True
    verbose_name = "band"
    verbose_name_plural = "Bands"


@admin.register(ShippingRate)
class ShippingRateAdmin(ShippingAdmin):
    """What a method costs into a zone in a currency; above the list all of them against each other."""

    form = ShippingRateForm
    inlines = (BandInline,)
    list_display = ("title", "of_method", "currency", "costs", "by", "on_the_way")
    list_display_links = ("title",)
    list_filter = ("zone", "method", "currency")
    list_before_template = "admin/prices/matrix_card.html"
    search_fields = ("zone__name", "method__name", "currency")
    search_help_text = "Zone, method or currency"
    ordering = ("zone__priority", "zone__code", "method__position", "currency")
    autocomplete_fields = ("zone", "method")
    readonly_fields = ("title", "of_method", "table", "costs", "by", "on_the_way")
    entered = (
        (None, {"fields": (("zone", "method"), ("currency", "basis"))}),
        ("Beside the bands", {"fields": (("per_item", "per_kilo"), ("free_over", "transit_days"))}),
    )
    fieldsets = (*entered, ("As it is now", {"fields": ("table",)}))
    looked_at = ((None, {"fields": (("title", "of_method"), ("currency", "by"), "on_the_way", "table")}),)

    def get_queryset(self, request: HttpRequest) -> QuerySet[ShippingRate]:
        return priced()

    def get_inlines(self, request: HttpRequest, obj: Model | None) -> Any:
        return self.inlines if self.has_change_permission(request, obj) else ()

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        built_in = money(settings.SHOP_SHIPPING_PRICE, settings.SHOP_CURRENCY)
        context = {"matrix": matrix(may_add=self.has_add_permission(request)), "built_in": built_in}
        return super().changelist_view(request, context | (extra_context or {}))

    @admin.display(description="Zone")
    def title(self, rate: ShippingRate) -> str:
        return rate.zone.name

    @admin.display(description="Method")
    def of_method(self, rate: ShippingRate) -> SafeString:
        return format_html('<a class="wb-link" href="{}">{}</a>', page_of(rate.method), rate.method.name)

    @admin.display(description="Costs")
    def costs(self, rate: ShippingRate) -> SafeString:
        return format_html('<span class="wb-amount">{}</span>', lowest(rate))

    @admin.display(description="By")
    def by(self, rate: ShippingRate) -> str:
        return str(rate.get_basis_display())

    @admin.display(description="On the way")
    def on_the_way(self, rate: ShippingRate) -> SafeString | str:
        return SUBTLE if rate.transit_days is None else f"{rate.transit_days} working days"

    @admin.display(description="Bands")
    def table(self, rate: ShippingRate) -> SafeString:
        return render_to_string("admin/prices/bands.html", {"rows": drawn(rate), "notes": notes(rate)})

    def save_model(self, request: HttpRequest, obj: ShippingRate, form: ModelForm, change: bool) -> None:
        """Together with its bands, in `save_related`."""

    def save_related(self, request: HttpRequest, form: ModelForm, formsets: Any, change: bool) -> None:
        assert isinstance(form, ShippingRateForm)
        rate_id = form.instance.pk if change else None
        bands = [band for formset in formsets for band in formset.bands()]
        saved = save_shipping_rate(rate_id=rate_id, fields=form.rate_fields(), bands=bands, by=self.actor(request))
        form.instance.pk = saved.pk
        for sentence in gap_sentences(saved):
            messages.warning(request, sentence)

    def delete_model(self, request: HttpRequest, obj: ShippingRate) -> None:
        delete_shipping_rate(rate_id=obj.pk, by=self.actor(request))
