"""The verbs about people and partners."""

from accounts.services.addresses import PostalAddress, add_address, change_address, remove_address
from accounts.services.partners import (
    PartnerChanges,
    change_partner,
    close_partner,
    issue_partner_token,
    open_partner,
    revoke_partner_token,
)
from accounts.services.passwords import (
    change_password,
    note_password_changed,
    password_reset_key,
    request_password_reset,
    reset_password,
    set_password,
)
from accounts.services.people import (
    Profile,
    change_profile,
    change_role,
    deactivate_user,
    end_sessions,
    reactivate_user,
)
from accounts.services.registration import register
from accounts.services.sessions import (
    TokenPair,
    end_reused_session,
    end_session,
    log_in,
    log_out,
    refresh_pair,
)
from accounts.services.verification import verification_key, verify_email

__all__ = [
    "PartnerChanges",
    "PostalAddress",
    "Profile",
    "TokenPair",
    "add_address",
    "change_address",
    "change_partner",
    "change_password",
    "change_profile",
    "change_role",
    "close_partner",
    "deactivate_user",
    "end_reused_session",
    "end_session",
    "end_sessions",
    "issue_partner_token",
    "log_in",
    "log_out",
    "note_password_changed",
    "open_partner",
    "password_reset_key",
    "reactivate_user",
    "refresh_pair",
    "register",
    "remove_address",
    "request_password_reset",
    "reset_password",
    "revoke_partner_token",
    "set_password",
    "verification_key",
    "verify_email",
]
