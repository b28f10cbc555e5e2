"""What of the log waits for a person."""

from audit.exceptions.kinds import ExceptionKind
from audit.exceptions.sweep import Source

PARKED_EVENT = """
    SELECT 'parked_event', 'audit.delivery', d.id::text, e.name || ' → ' || d.handler, d.last_error, '{}'::text[]
    FROM audit_delivery d JOIN audit_logentry e ON e.id = d.entry_id WHERE d.state = 'parked'
"""

SOURCES = (Source(ExceptionKind.PARKED_EVENT, PARKED_EVENT),)
