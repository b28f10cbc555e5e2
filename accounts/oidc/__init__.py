"""Other issuers of identities: asked outside of transactions, believed after checks. Knows nothing of our people."""

from accounts.oidc.identity import Identity, identity_of_claims, read
from accounts.oidc.issuers import Grant, Issuer, issuer_named, issuers, redeem, title_of

__all__ = ["Grant", "Identity", "Issuer", "identity_of_claims", "issuer_named", "issuers", "read", "redeem", "title_of"]
