from audit.admin.base import BackOfficeAdmin, ReadOnlyAdmin
from audit.admin.history import HistoryAdmin
from audit.admin.log import DeliveryAdmin, LogEntryAdmin, OutboxAdmin

__all__ = ["BackOfficeAdmin", "DeliveryAdmin", "HistoryAdmin", "LogEntryAdmin", "OutboxAdmin", "ReadOnlyAdmin"]
