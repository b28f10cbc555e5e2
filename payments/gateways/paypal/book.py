"""PayPal's list of what moved, for reconciliation: its transaction report and its disputes."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from payments.gateways.base import BookEntry, Declined, Money
from payments.gateways.paypal.client import Document, PayPalClient
from payments.gateways.paypal.documents import dispute_fact, moment, money_of, order_of, our_refund
from payments.states import TransferStatus

# The report answers for at most this long at once.
_WINDOW = timedelta(days=31)
_PAGE_SIZE = 500
_DISPUTES_A_PAGE = 50
# Groups of event codes: https://developer.paypal.com/docs/transaction-search/transaction-event-codes/
_PAYMENT = "T00"
_REFUND_CODES = frozenset({"T1107"})
_STATUSES = {"S": TransferStatus.SUCCEEDED, "V": TransferStatus.SUCCEEDED, "D": TransferStatus.FAILED}


class Book:
    """One reading. Remembers which order a capture belongs to, since the report does not say."""

    def __init__(self, client: PayPalClient) -> None:
        self._client = client
        self._orders: dict[str, str] = {}

    def entries(self, since: datetime, until: datetime) -> Iterator[BookEntry]:
        refunds: dict[tuple[str, str], BookEntry] = {}
        for row in self._rows(since, until):
            code = row["transaction_event_code"]
            if code.startswith(_PAYMENT) and money_of(row["transaction_amount"]).amount > 0:
                yield self._entry("capture", row, capture_id=row["transaction_id"])
            elif code in _REFUND_CODES:
                self._add_refund(refunds, row)
        yield from refunds.values()
        yield from self._disputes(since, until)

    def _rows(self, since: datetime, until: datetime) -> Iterator[Document]:
        while since < until:
            end = min(since + _WINDOW, until)
            page, pages = 1, 1
            while page <= pages:
                answer = self._client.call(
                    self._client.transactions.search_transactions,
                    start_date=_text(since),
                    end_date=_text(end),
                    fields="transaction_info",
                    page_size=_PAGE_SIZE,
                    page=page,
                )
                pages = answer.get("total_pages", 1)
                page += 1
                for row in answer.get("transaction_details") or []:
                    yield row["transaction_info"]
            since = end

    def _entry(self, kind: str, row: Document, *, capture_id: str) -> BookEntry:
        money = money_of(row["transaction_amount"])
        return BookEntry(
            kind=kind,
            reference=row["transaction_id"],
            payment_reference=self._order_of(capture_id),
            money=Money(abs(money.amount), money.currency),
            status=_STATUSES.get(row["transaction_status"], TransferStatus.PENDING),
            created_at=_moment(row["transaction_initiation_date"]),
        )

    def _add_refund(self, refunds: dict[tuple[str, str], BookEntry], row: Document) -> None:
        """Parts of one refund of ours, which spans several captures, are one entry under the first part's id."""
        entry = self._entry("refund", row, capture_id=row.get("paypal_reference_id", ""))
        ours, _ = our_refund({"custom_id": row.get("custom_field", ""), "amount": row["transaction_amount"]})
        key = (entry.payment_reference, ours or f"theirs {entry.reference}")
        if first := refunds.get(key):
            total = Money(first.money.amount + entry.money.amount, entry.money.currency)
            entry = BookEntry("refund", first.reference, first.payment_reference, total, entry.status, first.created_at)
        refunds[key] = entry

    def _order_of(self, capture_id: str) -> str:
        """The order a capture belongs to; empty for one that was not made through orders."""
        if capture_id not in self._orders:
            try:
                capture = self._client.call(self._client.payments.get_captured_payment, capture_id=capture_id)
            except Declined:
                capture = {}
            self._orders[capture_id] = order_of(capture)
        return self._orders[capture_id]

    def _disputes(self, since: datetime, until: datetime) -> Iterator[BookEntry]:
        query = {"start_time": _text(since), "page_size": str(_DISPUTES_A_PAGE)}
        while True:
            answer = self._client.get("/v1/customer/disputes", **query)
            for item in answer.get("items") or []:
                if (created_at := _moment(item["create_time"])) < until:
                    yield self._dispute(item["dispute_id"], created_at)
            token = _next_page_token(answer)
            if not token:
                return
            query["next_page_token"] = token

    def _dispute(self, dispute_id: str, created_at: datetime) -> BookEntry:
        dispute = self._client.get(f"/v1/customer/disputes/{dispute_id}")
        capture_id = dispute["disputed_transactions"][0]["seller_transaction_id"]
        return BookEntry(
            kind="dispute",
            reference=dispute_id,
            payment_reference=self._order_of(capture_id),
            money=money_of(dispute["dispute_amount"]),
            status=dispute_fact(dispute).status,
            created_at=created_at,
        )


def _next_page_token(answer: Document) -> str:
    for link in answer.get("links") or []:
        if link["rel"] == "next":
            return str(link["href"]).partition("next_page_token=")[2].partition("&")[0]
    return ""


def _text(time: datetime) -> str:
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _moment(text: str) -> datetime:
    time = moment(text)
    if time is None:
        raise ValueError("A transaction without a time.")
    return time
