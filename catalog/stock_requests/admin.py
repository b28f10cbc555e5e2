"""Who wants to be told when something is back, and what is wanted most."""

from collections.abc import Mapping
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Min, QuerySet, Value
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.decorators import action, display
from unfold.enums import ActionVariant
from unfold.forms import BaseDialogForm

from audit.kinds import Kind
from catalog.back_office import display as shown
from catalog.back_office.verbs import VerbsAdmin
from catalog.models import Product, StockRequest
from catalog.stock_requests.services import withdraw_request
from inventory.back_office.display import when
from inventory.back_office.verbs import AskingAdmin, window

COLOURS = {"waiting": "warning", "told": "success", "withdrawn": "info"}
SEES_PEOPLE = "accounts.view_user"
MOST = 100
WITHDRAW = "They are not told. They can ask again."


@admin.register(StockRequest)
class StockRequestAdmin(AskingAdmin, VerbsAdmin):
    """Wishes, newest first. Whoever may not see people sees of an address that there is one."""

    list_display = ("sku", "name", "options", "whom", "status", "since", "ended")
    list_display_links = ("sku",)
    list_filter = ("state",)
    list_select_related = ("product", "user")
    ordering = ("-id",)
    search_fields = ("=product__sku",)
    search_help_text = "SKU, or a whole e-mail address where you see them"
    sortable_by = ()
    list_disable_select_all = True
    actions = ("withdraw_selected",)
    actions_detail = ("withdraw",)
    fields = (("sku", "name"), ("options", "word"), ("whom", "language"), ("since", "ended"))
    readonly_fields = ("sku", "name", "options", "word", "whom", "since", "ended")

    def get_queryset(self, request: HttpRequest) -> QuerySet[StockRequest]:
        """With `in_full`, whether this person reads addresses: what is shown below has no request."""
        rows: QuerySet[StockRequest] = super().get_queryset(request)
        return rows.annotate(in_full=Value(request.user.has_perm(SEES_PEOPLE)))

    def get_search_fields(self, request: HttpRequest) -> tuple[str, ...]:
        people = ("=email", "=user__email") if request.user.has_perm(SEES_PEOPLE) else ()
        return (*self.search_fields, *people)

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest | None = None) -> bool:
        return lookup == "product__id__exact" or super().lookup_allowed(lookup, value, request)

    def get_urls(self) -> list[URLPattern]:
        return [path("wanted/", self.admin_site.admin_view(self.wanted), name="catalog_wanted"), *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        shows = {"show_history": request.user.has_perm(SEES_PEOPLE)}
        response: HttpResponse = super().change_view(request, object_id, form_url, shows | (extra_context or {}))
        return response

    def _readable(self, request: HttpRequest) -> Kind:
        """The history names the customer by their address."""
        if not request.user.has_perm(SEES_PEOPLE):
            raise Http404
        return super()._readable(request)

    def wanted(self, request: HttpRequest) -> HttpResponse:
        """How many wait for what, most first."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        context = admin.site.each_context(request) | {"title": "Wanted", "rows": most_wanted()}
        return TemplateResponse(request, "admin/catalog/stockrequest/wanted.html", context)

    @display(description="SKU")
    def sku(self, row: StockRequest) -> str:
        return row.product.sku

    @display(description="Product")
    def name(self, row: StockRequest) -> str:
        return row.product.name

    @display(description="Options")
    def options(self, row: StockRequest) -> SafeString:
        return shown.options(row.product)

    @display(description="Whom")
    def whom(self, row: Any) -> str:
        address: str = row.recipient
        if not address:
            return "Forgotten"
        return address if row.in_full else f"{address[0]}…@…"

    @display(description="State", label=COLOURS)
    def status(self, row: StockRequest) -> str:
        return row.state

    @display(description="State")
    def word(self, row: StockRequest) -> SafeString:
        return shown.word(row.state, COLOURS)

    @display(description="Since")
    def since(self, row: StockRequest) -> SafeString:
        return when(row.created_at)

    @display(description="Ended")
    def ended(self, row: StockRequest) -> SafeString:
        return when(row.ended_at)

    def has_withdraw_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        if not request.user.has_perm("catalog.change_stockrequest"):
            return False
        row = self.get_object(request, object_id) if object_id else None
        return row is None or row.state == StockRequest.State.WAITING

    @action(
        description="Withdraw",
        permissions=("withdraw",),
        variant=ActionVariant.DANGER,
        dialog=window("Withdraw", WITHDRAW),
    )
    def withdraw(self, request: HttpRequest, form: BaseDialogForm, object_id: str) -> HttpResponse:
        return self.run(
            request,
            lambda by: withdraw_request(request_id=int(object_id), by=by),
            done="They wait no longer.",
            object_id=object_id,
        )

    @admin.action(description="Withdraw", permissions=["withdraw"])
    def withdraw_selected(self, request: HttpRequest, queryset: QuerySet[StockRequest]) -> None:
        by = self.actor(request)
        self.try_each(request, queryset, lambda row: withdraw_request(request_id=row.pk, by=by))


def most_wanted() -> list[dict[str, Any]]:
    """What is waited for by how many since when, as the page shows it. Two statements."""
    found = list(
        StockRequest.objects.waiting()
        .values("product")
        .annotate(waiting=Count("id"), since=Min("created_at"))
        .order_by("-waiting", "product")[:MOST]
    )
    products = Product.objects.select_related("item").in_bulk([row["product"] for row in found])
    return [_wanted(products[row["product"]], row) for row in found]


def _wanted(product: Product, row: Mapping[str, Any]) -> dict[str, Any]:
    page = reverse("admin:catalog_stockrequest_changelist")
    query = f"product__id__exact={product.pk}&state__exact=waiting"
    return {
        "sku": shown.product_link(product),
        "name": product.name,
        "options": shown.options(product),
        "status": shown.status_word(product),
        "waiting": format_html('<a class="wb-link wb-strong" href="{}?{}">{}</a>', page, query, row["waiting"]),
        "since": when(row["since"]),
        "expected_on": product.item.expected_on,
    }
