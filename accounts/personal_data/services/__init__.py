"""The verbs about people's data."""

from accounts.personal_data.services.close import ask_erasure, keep_account, keep_account_key, withdraw_erasure
from accounts.personal_data.services.erase import erase_due
from accounts.personal_data.services.export import (
    forget_exports,
    make_exports,
    newest_export,
    ready_file,
    request_export,
)
from accounts.personal_data.services.files import delete_discarded

__all__ = [
    "ask_erasure",
    "delete_discarded",
    "erase_due",
    "forget_exports",
    "keep_account",
    "keep_account_key",
    "make_exports",
    "newest_export",
    "ready_file",
    "request_export",
    "withdraw_erasure",
]
