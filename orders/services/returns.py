"""Returns: asked for and decided. What comes back is counted by `orders.services.receive_return`."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.utils import timezone

from api.actors import Actor
from audit.log import publish
from audit.verbs import verb
from kernel.errors import Invalid, NotFound
from kernel.money import ZERO
from orders.actions import available, facts_of, guard, no_chance, refusal
from orders.events import ReturnApproved, ReturnEvent, ReturnRejected, ReturnRequested
from orders.models import Order, OrderLine, Return, ReturnLine
from orders.returning.rules import NOTHING_LEFT, OPEN, Chance, Term, chances, returnable, worth
from orders.services.advance import advance
from orders.services.read import lock_order, pick_lines
from orders.states import RETURN_MOVES, LabelPayer, ReturnState

RULES = Actor.system("return_rules")


@dataclass(frozen=True, slots=True)
class Wish:
    """Units of a line the customer wants to send back, and why (`ReturnReason`)."""

    line_id: int
    quantity: int
    reason: str


@verb
def request_return(*, order_id: int, wishes: Sequence[Wish], note: str = "", override: str = "", by: Actor) -> Return:
    """Open a return for delivered units; where the rules need nobody's decision, it is approved at once.

    `override` says why staff open it although the rules do not allow it. Raises `NotAllowedNow` (nothing to return,
    too late, not returnable) and `TooMany`.
    """
    order = lock_order(order_id)
    if not override:
        guard("request_return", order)
    chosen = pick_lines(order, by_line(wishes), returnable(order))
    if not chosen:
        raise Invalid("Name at least one line.", field="lines")
    by_line_id = {chance.line.pk: chance for chance in chances(order)}
    if not override:
        _refuse([by_line_id[line.pk] for line in chosen], order)
    reasons = {wish.line_id: wish.reason for wish in wishes}
    terms = {line: by_line_id[line.pk].rule.term(reasons[line.pk], order.currency) for line in chosen}
    ret = Return.objects.create(
        order=order,
        number=f"{order.number}-R{len(order.returns.all()) + 1}",
        note=note,
        override=override,
        label_paid_by=_payer(terms.values()),
        requested_at=timezone.now(),
    )
    ReturnLine.objects.bulk_create(
        _line(ret, line, quantity, reasons[line.pk], terms[line]) for line, quantity in chosen.items()
    )
    advance(order, list(order.lines.all()), verb="request_return", by=by, open_returns=True)
    tell(order, ret, ReturnRequested, by)
    if _needs_nobody(order, chosen, terms, by_line_id):
        return approve_return(return_id=ret.pk, by=RULES)
    return ret


@verb
def approve_return(*, return_id: int, by: Actor) -> Return:
    """Let the customer send it. Raises `NotAllowedNow` unless it waits for a decision."""
    order, ret = lock_return(return_id, ReturnState.APPROVED)
    _decide(order, ret, ReturnState.APPROVED, "", by)
    return tell(order, ret, ReturnApproved, by)


@verb
def reject_return(*, return_id: int, reason: str = "", by: Actor) -> Return:
    """Refuse it. Raises `NotAllowedNow` once it is received."""
    order, ret = lock_return(return_id, ReturnState.REJECTED)
    _decide(order, ret, ReturnState.REJECTED, reason, by)
    return tell(order, ret, ReturnRejected, by)


def by_line(wishes: Sequence[Wish]) -> dict[int, int]:
    """{line id: units}. Raises `Invalid` when a line is named twice."""
    if len({wish.line_id for wish in wishes}) < len(wishes):
        raise Invalid("Name each line once.", field="lines")
    return {wish.line_id: wish.quantity for wish in wishes}


def lock_return(return_id: int, target: ReturnState) -> tuple[Order, Return]:
    """The order, locked, and its return, if that may become `target`. Raises `NotFound` and `NotAllowedNow`."""
    order, ret = find_return(return_id)
    if target not in RETURN_MOVES.get(ret.status, frozenset()):
        raise refusal(order, f"A return that is {ret.status} cannot become {target}.")
    return order, ret


def find_return(return_id: int) -> tuple[Order, Return]:
    """The order, locked, and its return, in whatever state. Raises `NotFound`."""
    order_id = Return.objects.filter(pk=return_id).values_list("order_id", flat=True).first()
    if order_id is None:
        raise NotFound("There is no such return.")
    order = lock_order(order_id)
    return order, next(found for found in order.returns.all() if found.pk == return_id)


def others_open(order: Order, ret: Return) -> bool:
    """Whether another return of the order is still awaited."""
    return any(found.status in OPEN for found in order.returns.all() if found.pk != ret.pk)


def tell(order: Order, ret: Return, event: type[ReturnEvent], by: Actor) -> Return:
    """Publish what happened to a return."""
    publish(event(order_id=order.pk, version=order.version, return_id=ret.pk), by=by)
    return ret


def _refuse(asked: Sequence[Chance], order: Order) -> None:
    barred = [chance for chance in asked if chance.why_not and chance.why_not != NOTHING_LEFT]
    if barred:
        found = no_chance(barred)
        names = ", ".join(chance.line.sku for chance in barred)
        extra = found.extra | {"available_actions": available(facts_of(order))}
        raise type(found)(f"{names}: {found.text}", field="lines", **extra)


def _line(ret: Return, line: OrderLine, quantity: int, reason: str, term: Term) -> ReturnLine:
    return ReturnLine(
        ret=ret,
        line=line,
        quantity=quantity,
        reason=reason,
        fee_percent=term.fee_percent,
        fee_amount=term.fee_amount,
        refund_shipping=term.refund_shipping,
    )


def _payer(terms: Iterable[Term]) -> LabelPayer:
    """One parcel has one label: where the shop is to blame for a part of it, it pays for all."""
    return LabelPayer.SHOP if any(term.shop_pays_label for term in terms) else LabelPayer.CUSTOMER


def _needs_nobody(
    order: Order, chosen: Mapping[OrderLine, int], terms: Mapping[OrderLine, Term], by_line_id: Mapping[int, Chance]
) -> bool:
    """Whether every reason is one that is approved at once, and each line's rule allows so much."""
    if not all(term.auto_approve for term in terms.values()):
        return False
    total = sum(
        (
            worth(line, after=line.returned, count=quantity, currency=order.currency)
            for line, quantity in chosen.items()
        ),
        ZERO,
    )
    return all(by_line_id[line.pk].rule.approves(total, order.currency) for line in chosen)


def _decide(order: Order, ret: Return, state: ReturnState, reason: str, by: Actor) -> None:
    ret.status, ret.decided_at = state, timezone.now()
    ret.save()
    is_open = state == ReturnState.APPROVED or others_open(order, ret)
    verb_name = "approve_return" if state == ReturnState.APPROVED else "reject_return"
    advance(order, list(order.lines.all()), verb=verb_name, by=by, reason=reason, open_returns=is_open)
