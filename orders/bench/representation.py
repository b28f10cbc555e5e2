"""How pick lists read in answers."""

from typing import Any

from django.db.models import Count, QuerySet, Sum
from django.db.models.functions import Coalesce

from orders.models import PickList, PickTask


def summarised(rows: QuerySet[PickList]) -> QuerySet[PickList]:
    """With what is asked for and what is done, counted in the same statement."""
    return rows.select_related("warehouse", "assigned_to").annotate(
        units=Coalesce(Sum("tasks__quantity"), 0),
        picked=Coalesce(Sum("tasks__picked"), 0),
        short=Coalesce(Sum("tasks__short"), 0),
        orders=Count("tasks__order", distinct=True),
    )


def show_summary(found: Any) -> dict[str, Any]:
    """`found` comes from `summarised`."""
    return {
        "number": found.number,
        "warehouse": found.warehouse.code,
        "state": found.state,
        "assigned_to": found.assigned_to.email if found.assigned_to else None,
        "orders": found.orders,
        "units": found.units,
        "picked": found.picked,
        "short": found.short,
        "created_at": found.created_at,
        "finished_at": found.finished_at,
    }


def show_list(found: PickList) -> dict[str, Any]:
    """With its tasks, in the order of the walk."""
    tasks = found.tasks.select_related("line__product", "order")
    return show_summary(found) | {"tasks": [show_task(task) for task in tasks]}


def show_task(task: PickTask) -> dict[str, Any]:
    return {
        "id": task.pk,
        "order": task.order.number,
        "line": task.line_id,
        "sku": task.sku,
        "barcode": task.line.product.barcode,
        "name": task.line.name,
        "bin": task.bin,
        "quantity": task.quantity,
        "picked": task.picked,
        "short": task.short,
        "left": task.left,
    }
