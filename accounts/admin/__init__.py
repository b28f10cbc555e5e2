"""The back office's pages of people, partners and roles."""

from accounts.admin.base import ReadOnlyInline, VerbsAdmin, ask
from accounts.admin.partners import PartnerAdmin, PartnerTokenAdmin
from accounts.admin.people import AddressAdmin, CustomerGroupAdmin, PersonAdmin
from accounts.admin.roles import RoleAdmin

__all__ = [
    "AddressAdmin",
    "CustomerGroupAdmin",
    "PartnerAdmin",
    "PartnerTokenAdmin",
    "PersonAdmin",
    "ReadOnlyInline",
    "RoleAdmin",
    "VerbsAdmin",
    "ask",
]
