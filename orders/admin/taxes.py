"""The back office of taxes: zones with their rates, who is exempt, and what a provider is told."""

from typing import Any

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.forms import ModelForm
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.admin import TabularInline
from unfold.decorators import action
from unfold.enums import ActionVariant
from unfold.forms import BaseDialogForm

from accounts.admin import VerbsAdmin as AskingAdmin
from accounts.admin import ask
from api.actors import Actor
from audit.admin import ReadOnlyAdmin
from catalog.back_office.verbs import VerbsAdmin as SavingAdmin
from orders.back_office.ask import page_url
from orders.back_office.display import ago, country, money, pill
from orders.back_office.taxes import (
    BookedAsForm,
    TaxExemptionForm,
    TaxRateForm,
    TaxRateFormSet,
    TaxZoneForm,
    percent,
)
from orders.models import TaxExemption, TaxOperation, TaxRate, TaxZone
from orders.tax.booking import tell_again
from orders.tax.certificates import content_type
from orders.tax.services import delete_tax_zone, end_exemption, save_exemption, save_tax_zone, set_tax_rates
from orders.tax.telling import record_told

SUBTLE = SafeString('<span class="wb-subtle">–</span>')
MOST_NAMED = 4


class TaxRateInline(TabularInline):
    model = TaxRate
    form = TaxRateForm
    formset = TaxRateFormSet
    fields = ("tax_class", "name", "percent")
    extra = 0
    hide_title = True
    verbose_name_plural = "Rates"

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> tuple[str, ...]:
        return self.fields if self.has_change_permission(request, obj) else ("tax_class", "name", "in_percent")

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> tuple[str, ...]:
        return () if self.has_change_permission(request, obj) else ("in_percent",)

    @admin.display(description="Percent")
    def in_percent(self, rate: TaxRate) -> str:
        return f"{percent(rate.rate)} %"


@admin.register(TaxZone)
class TaxZoneAdmin(SavingAdmin):
    """Where which tax is due. Of the zones that hold an address, the most precise counts."""

    form = TaxZoneForm
    inlines = (TaxRateInline,)
    list_display = ("name", "where", "rates", "shipping", "reverse", "state")
    list_filter = ("active",)
    search_fields = ("name", "code")
    search_help_text = "Name or code of the zone"
    ordering = ("priority", "code")
    sortable_by = ()
    actions = None
    readonly_fields = ("where", "shipping", "reverse", "state")
    fieldsets = (
        (None, {"fields": (("name", "code"), ("active", "priority"))}),
        ("Which addresses", {"fields": ("countries", "regions", ("postcodes", "excluded_postcodes"))}),
        ("Shipping and businesses", {"fields": (("shipping_tax_class", "reverse_charge"),)}),
    )
    looked_at = ((None, {"fields": (("name", "state"), "where", ("shipping", "reverse"))}),)

    def get_queryset(self, request: HttpRequest) -> QuerySet[TaxZone]:
        return TaxZone.objects.prefetch_related("rates")

    def get_fieldsets(self, request: HttpRequest, obj: TaxZone | None = None) -> Any:
        return self.fieldsets if self.has_change_permission(request, obj) else self.looked_at

    @admin.display(description="Where")
    def where(self, zone: TaxZone) -> str:
        names = [country(code) for code in zone.countries]
        more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
        said = f"{', '.join(names[:MOST_NAMED])}{more}" if names else "All the world"
        parts = [", ".join(zone.regions), ", ".join(zone.postcodes[:MOST_NAMED])]
        return ": ".join([said, *filter(None, parts)])

    @admin.display(description="Rates")
    def rates(self, zone: TaxZone) -> SafeString | str:
        found = [f"{rate.tax_class} {percent(rate.rate)} %" for rate in zone.rates.all()]
        return ", ".join(found) or SafeString('<span class="wb-subtle">Nothing is taxed</span>')

    @admin.display(description="Shipping is taxed as")
    def shipping(self, zone: TaxZone) -> SafeString | str:
        return zone.shipping_tax_class or SUBTLE

    @admin.display(description="Reverse charge")
    def reverse(self, zone: TaxZone) -> SafeString | str:
        return "Yes" if zone.reverse_charge else SUBTLE

    @admin.display(description="Status")
    def state(self, zone: TaxZone) -> SafeString:
        return pill("on" if zone.active else "off", tone="good" if zone.active else "bad")

    def save_model(self, request: HttpRequest, obj: TaxZone, form: ModelForm, change: bool) -> None:
        assert isinstance(form, TaxZoneForm)
        zone_id = obj.pk if change else None
        obj.pk = save_tax_zone(zone_id=zone_id, fields=form.zone_fields(), by=self.actor(request)).pk

    def save_related(self, request: HttpRequest, form: ModelForm, formsets: Any, change: bool) -> None:
        for formset in formsets:
            set_tax_rates(zone_id=form.instance.pk, rates=formset.rates(), by=self.actor(request))

    def delete_model(self, request: HttpRequest, obj: TaxZone) -> None:
        delete_tax_zone(zone_id=obj.pk, by=self.actor(request))


@admin.register(TaxExemption)
class TaxExemptionAdmin(SavingAdmin, AskingAdmin):
    """Why customers are charged no tax. Only who may change them sees them: they are customers' papers."""

    form = TaxExemptionForm
    list_display = ("customer", "kind", "number", "of_country", "held", "state", "paper")
    list_display_links = ("customer",)
    list_filter = ("kind",)
    list_select_related = ("user",)
    search_fields = ("number__istartswith", "user__email__istartswith")
    search_help_text = "Beginning of the number or of the customer's e-mail"
    ordering = ("-id",)
    sortable_by = ()
    autocomplete_fields = ("user",)
    actions = None
    actions_detail = ("end",)
    readonly_fields = ("state", "paper")
    fields = (("user", "kind"), ("number", "country"), ("valid_from", "valid_until"), "note", ("upload", "paper"))

    @admin.display(description="Customer")
    def customer(self, exemption: TaxExemption) -> str:
        return exemption.user.email

    @admin.display(description="Country")
    def of_country(self, exemption: TaxExemption) -> str:
        return country(exemption.country)

    @admin.display(description="Valid")
    def held(self, exemption: TaxExemption) -> str:
        until = f"until {exemption.valid_until:%-d %b %Y}" if exemption.valid_until else "until it is ended"
        return f"{exemption.valid_from:%-d %b %Y} {until}"

    @admin.display(description="Status")
    def state(self, exemption: TaxExemption) -> SafeString:
        today = timezone.localdate()
        if exemption.valid_from > today:
            return pill("waiting", tone="wait")
        is_over = exemption.valid_until is not None and exemption.valid_until < today
        return pill("ended") if is_over else pill("valid", tone="good")

    @admin.display(description="Kept certificate")
    def paper(self, exemption: TaxExemption) -> SafeString:
        if not exemption.certificate:
            return SUBTLE
        address = reverse("admin:orders_taxexemption_certificate", args=(exemption.pk,))
        return format_html('<a class="wb-link" href="{}">Download</a>', address)

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self.has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False  # orders were placed by it: it is ended

    def has_end_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        exemption = self.shown(request, object_id)
        if exemption is None or not self.has_change_permission(request, exemption):
            return False
        return exemption.valid_until is None or exemption.valid_until >= timezone.localdate()

    def save_model(self, request: HttpRequest, obj: TaxExemption, form: ModelForm, change: bool) -> None:
        assert isinstance(form, TaxExemptionForm)
        exemption_id = obj.pk if change else None
        obj.pk = save_exemption(exemption_id=exemption_id, fields=form.exemption_fields(), by=self.actor(request)).pk

    @action(
        description="End",
        permissions=("end",),
        variant=ActionVariant.DANGER,
        dialog=ask("End", "From today on the customer is charged tax again."),
    )
    def end(self, request: HttpRequest, form: BaseDialogForm, object_id: str) -> HttpResponse:
        def verb(by: Actor) -> TaxExemption:
            return end_exemption(exemption_id=int(object_id), by=by)

        return self.run(request, verb, done="It is ended.", object_id=object_id)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.certificate_view)
        name = "orders_taxexemption_certificate"
        return [path("<int:object_id>/certificate/", view, name=name), *super().get_urls()]

    def certificate_view(self, request: HttpRequest, object_id: int) -> FileResponse:
        """The paper itself, as a download: what customers send is never shown within our pages."""
        exemption = self.shown(request, str(object_id))
        if exemption is None or not exemption.certificate or not self.has_view_permission(request, exemption):
            raise Http404
        name = exemption.certificate.name
        return FileResponse(
            exemption.certificate.open(),
            as_attachment=True,
            filename=f"exemption-{exemption.pk}.{name.rpartition('.')[2]}",
            content_type=content_type(name),
            headers={"Cache-Control": "no-store"},
        )


@admin.register(TaxOperation)
class TaxOperationAdmin(ReadOnlyAdmin, AskingAdmin):
    """What a tax provider is told of orders, and what it declined."""

    list_display = ("of_order", "kind", "amount_told", "how", "attempts", "last_error", "at")
    list_display_links = ("kind",)
    list_filter = ("state",)
    list_select_related = ("document__order",)
    search_fields = ("document__order__number",)
    search_help_text = "Number of the order"
    ordering = ("-id",)
    sortable_by = ()
    actions = None
    actions_detail = ("try_again", "booked_as")
    fields = (("of_order", "kind"), ("amount_told", "how"), ("attempts", "at"), "last_error", "transaction")
    readonly_fields = ("of_order", "amount_told", "how", "at", "transaction")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[TaxOperation], search_term: str
    ) -> tuple[QuerySet[TaxOperation], bool]:
        typed = search_term.strip().upper()
        return (queryset.filter(document__order__number=typed) if typed else queryset), False

    @admin.display(description="Order")
    def of_order(self, operation: TaxOperation) -> SafeString:
        order = operation.document.order
        return format_html('<a class="wb-link" href="{}">{}</a>', page_url(order), order.number)

    @admin.display(description="Amount")
    def amount_told(self, operation: TaxOperation) -> str:
        return money(operation.amount, operation.document.order.currency)

    @admin.display(description="State")
    def how(self, operation: TaxOperation) -> SafeString:
        return pill(operation.state)

    @admin.display(description="When")
    def at(self, operation: TaxOperation) -> SafeString:
        return ago(operation.finished_at or operation.created_at)

    @admin.display(description="Booked as")
    def transaction(self, operation: TaxOperation) -> SafeString | str:
        return operation.document.transaction or SUBTLE

    def has_again_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        operation = self.shown(request, object_id)
        is_open = operation is not None and operation.state == TaxOperation.State.FAILED
        return is_open and request.user.has_perm("orders.change_taxoperation")

    def has_named_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        operation = self.shown(request, object_id)
        is_booking = operation is not None and operation.kind == TaxOperation.Kind.COMMIT
        return is_booking and self.has_again_permission(request, object_id)

    @action(description="Try again", permissions=("again",), dialog=ask("Try again", "The provider is told once more."))
    def try_again(self, request: HttpRequest, form: BaseDialogForm, object_id: str) -> HttpResponse:
        def verb(by: Actor) -> TaxOperation:
            return tell_again(operation_id=int(object_id), by=by)

        return self.run(request, verb, done="The provider is told again.", object_id=object_id)

    @action(
        description="It is booked",
        permissions=("named",),
        dialog=ask("It is booked", "The provider has it: enter the id it has there.", form_class=BookedAsForm),
    )
    def booked_as(self, request: HttpRequest, form: BookedAsForm, object_id: str) -> HttpResponse:
        def verb(by: Actor) -> None:
            record_told(operation_id=int(object_id), told=form.cleaned_data["told"].strip(), by=by)

        return self.run(request, verb, done="What goes back is taken back there now.", object_id=object_id)
