"""Pick lists in the back office: making them, walking with a tablet, and ending them."""

from typing import Any

from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from api.paper import as_answer, pdf
from kernel.errors import NotFound, Refused
from kernel.ids import row_id
from orders.back_office.bench import PICK, chosen_house, command, count_url, house
from orders.back_office.thumbnails import thumbnails
from orders.bench.candidates import waiting_orders
from orders.bench.lists import MOST_ORDERS, cancel_pick_list, finish_pick_list, make_pick_list
from orders.bench.papers import walk
from orders.bench.picks import confirm_pick, short_pick
from orders.bench.representation import show_list, summarised
from orders.models import PickList, PickTask, ShortPick
from orders.serializers.bench import PickInput, ShortInput

SIZES = (5, 10, 20, MOST_ORDERS)


def making(request: HttpRequest) -> dict[str, Any]:
    """What the list of lists offers: a new one for the warehouse that the person works in."""
    place, houses = chosen_house(request)
    return {
        "house": place,
        "houses": houses,
        "waiting": waiting_orders(place) if place else 0,
        "sizes": SIZES,
        "may_pick": _may_pick(request),
    }


@require_POST
def make(request: HttpRequest) -> HttpResponse:
    """Make a list and show it."""
    size = request.POST.get("orders", "")
    try:
        made = make_pick_list(
            warehouse=house(request, request.POST.get("warehouse", "")).code,
            orders=int(size) if size.isdecimal() and len(size) < 4 else 0,
            by=_checked(request),
        )
    except Refused as refusal:
        messages.error(request, refusal.text)
        return redirect(reverse("admin:orders_picklist_changelist"))
    return redirect(reverse("admin:orders_picklist_change", args=(made.pk,)))


def page(request: HttpRequest, object_id: str) -> HttpResponse:
    """One list: what to fetch, by bin, and what is done."""
    found = summarised(PickList.objects.filter(pk=_own(request, object_id).pk)).get()
    tasks = list(found.tasks.select_related("line__product", "order"))
    pictures = thumbnails(task.line.product_id for task in tasks)
    context = admin.site.each_context(request) | {
        "title": found.number,
        "list": found,
        "opts": PickList._meta,
        "rows": [{"task": task, "picture": pictures.get(task.line.product_id, "")} for task in tasks],
        "urls": {name: reverse(f"admin:orders_picklist_{name}", args=(found.pk,)) for name in ("pick", "short")},
        "reasons": ShortPick.Reason.choices,
        "may_pick": _may_pick(request),
    }
    return TemplateResponse(request, "admin/orders/bench/pick_list.html", context)


@command(PICK, PickInput)
def pick(request: HttpRequest, given: dict[str, Any], object_id: str) -> dict[str, Any]:
    found = _own(request, object_id)
    task = confirm_pick(
        list_id=found.pk, code=given["code"], quantity=given["quantity"], task_id=given.get("task"), by=_actor(request)
    )
    return _shown(found, task)


@command(PICK, ShortInput)
def short(request: HttpRequest, given: dict[str, Any], object_id: str) -> dict[str, Any]:
    found = _own(request, object_id)
    if not found.tasks.filter(pk=given["task"]).exists():
        raise NotFound("There is no such task on this list.", field="task")
    task = short_pick(task_id=given["task"], quantity=given["quantity"], reason=given["reason"], by=_actor(request))
    return _shown(found, task) | {"count": count_url(task.sku, found.warehouse)}


@require_POST
def end(request: HttpRequest, object_id: str, how: str) -> HttpResponse:
    """`finish` ends the walk early, `cancel` calls it off."""
    verb = {"finish": finish_pick_list, "cancel": cancel_pick_list}.get(how)
    if verb is None:
        raise Http404
    found = _own(request, object_id)
    try:
        verb(list_id=found.pk, by=_checked(request))
    except Refused as refusal:
        messages.error(request, refusal.text)
    else:
        messages.success(request, f"{found.number} is {'finished' if how == 'finish' else 'called off'}.")
    return redirect(reverse("admin:orders_picklist_change", args=(found.pk,)))


@require_GET
def print_list(request: HttpRequest, object_id: str) -> HttpResponse:
    found = _own(request, object_id)
    try:
        return as_answer(pdf(walk(found)), f"{found.number}.pdf")
    except Refused as refusal:
        return HttpResponse(refusal.text, status=refusal.status, content_type="text/plain")


def _shown(found: PickList, task: PickTask) -> dict[str, Any]:
    """The list as it is now, and what was just counted."""
    shown = show_list(summarised(PickList.objects.filter(pk=found.pk)).get())
    return shown | {"task": task.pk, "says": f"{task.sku} for {task.order.number}"}


def _own(request: HttpRequest, object_id: str) -> PickList:
    """A list of the person's warehouses, or a page that is not there."""
    rows = PickList.objects.visible_to(request.user).select_related("warehouse")
    known = row_id(object_id)
    found = rows.filter(pk=known).first() if known is not None else None
    if found is None or not _may_pick(request):
        raise Http404
    return found


def _may_pick(request: HttpRequest) -> bool:
    user: Any = request.user
    return bool(user.has_perm(PICK))


def _actor(request: HttpRequest) -> Any:
    user: Any = request.user
    return user.as_actor()


def _checked(request: HttpRequest) -> Any:
    if not _may_pick(request):
        raise Http404
    return _actor(request)
