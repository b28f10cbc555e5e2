"""Transaction search v1: https://developer.paypal.com/docs/api/transaction-search/v1/

The real report lags by up to three hours; this one does not.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from math import ceil

from sandbox.paypal.desk import Desk, Document, now, text
from sandbox.paypal.errors import Refusal

_LONGEST = timedelta(days=31)


def search_transactions(desk: Desk, query: Mapping[str, str]) -> Document:
    """Movements of money first made in the window, page by page. Raises `Refusal`."""
    try:
        since, until = (datetime.fromisoformat(query[name]) for name in ("start_date", "end_date"))
        page, size = int(query.get("page", 1)), int(query.get("page_size", 100))
    except (KeyError, ValueError) as problem:
        raise Refusal("INVALID_PARAMETER_SYNTAX", status=400) from problem
    if not since < until <= since + _LONGEST or not 1 <= size <= 500 or page < 1:
        raise Refusal("INVALID_REQUEST", "The window is longer than 31 days, or the page is none.", status=400)
    made = desk.list("movement", since=since.timestamp(), until=until.timestamp() + 1)
    shown = [{name: value for name, value in row.items() if name != "id"} for row in made]
    return {
        "transaction_details": [{"transaction_info": row} for row in shown[(page - 1) * size : page * size]],
        "account_number": desk.merchant_id,
        "start_date": query["start_date"],
        "end_date": query["end_date"],
        "last_refreshed_datetime": text(now()),
        "page": page,
        "total_items": len(shown),
        "total_pages": ceil(len(shown) / size) or 1,
    }
