"""What each WMS says of each product, beside what we say."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.safestring import SafeString
from unfold.decorators import display

from audit.admin.pills import pill
from inventory.back_office.display import signed, unbroken, when
from inventory.back_office.own import OwnRowsAdmin, OwnWarehouseFilter
from inventory.wms.admin_parts import WithoutHistory
from inventory.wms.judge import target_of
from inventory.wms.models import WmsFact
from inventory.wms.reads import pending_units, since_then


@admin.register(WmsFact)
class WmsFactAdmin(OwnRowsAdmin, WithoutHistory):
    """The newest number of each level. What came and went since is summed for the page, one statement each."""

    list_display = ("sku", "warehouse", "theirs", "counted", "moved", "ours", "agreed", "reserved", "pending", "link")
    list_select_related = ("level__item", "level__warehouse")
    list_filter = ("link", ("level__warehouse", OwnWarehouseFilter))
    search_fields = ("=level__item__sku",)
    search_help_text = "SKU, exactly"
    how_to_fill = "No WMS has told a number yet. Run now, on the page of the runs, asks."
    fields = (
        ("sku", "warehouse"),
        ("theirs", "ours"),
        ("counted", "moved"),
        ("agreed", "link"),
        ("reserved", "pending"),
        ("taken_over", "heard"),
    )

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        page = super().get_changelist_instance(request)
        _sum(page.result_list)
        return page

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        fact = super().get_object(request, object_id, from_field)
        _sum([fact] if fact else [])
        return fact

    @display(description="SKU")
    def sku(self, fact: WmsFact) -> SafeString:
        return unbroken(fact.level.item.sku)

    @display(description="Warehouse")
    def warehouse(self, fact: WmsFact) -> str:
        return str(fact.level.warehouse.code)

    @display(description="The WMS says")
    def theirs(self, fact: WmsFact) -> int:
        return fact.on_hand

    @display(description="Counted")
    def counted(self, fact: WmsFact) -> SafeString:
        return when(fact.as_of)

    @display(description="Since then")
    def moved(self, fact: Any) -> SafeString | str:
        return signed(fact.since) if fact.since else "0"

    @display(description="We say")
    def ours(self, fact: WmsFact) -> int:
        return int(fact.level.on_hand)

    @display(description="State")
    def agreed(self, fact: Any) -> SafeString:
        is_agreed = target_of(fact.on_hand, fact.since) == fact.level.on_hand
        return pill("Agreed", "good") if is_agreed else pill("Differs", "bad")

    @display(description="Reserved")
    def reserved(self, fact: WmsFact) -> int:
        return int(fact.level.reserved)

    @display(description="Not asked for yet")
    def pending(self, fact: Any) -> int:
        return int(fact.pending)

    @display(description="Taken over as of")
    def taken_over(self, fact: WmsFact) -> SafeString:
        return when(fact.applied_as_of)

    @display(description="Heard")
    def heard(self, fact: WmsFact) -> SafeString:
        return when(fact.heard_at)


def _sum(facts: Any) -> None:
    """Give each what came and went since its moment, and what the WMS is not asked for yet."""
    since = since_then({fact.level_id: fact.as_of for fact in facts})
    pending = pending_units([fact.level_id for fact in facts])
    for fact in facts:
        fact.since, fact.pending = since.get(fact.level_id, 0), pending.get(fact.level_id, 0)
