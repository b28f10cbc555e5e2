"""One spelling for each e-mail address, so that one person has one account."""


def normalise(email: str) -> str:
    """Lower case throughout, the domain in its ASCII form (IDNA): the form in which addresses are stored.

    RFC 5321 allows a case-sensitive local part; no mail service of note has one. Raises `ValueError` where no
    such form exists.
    """
    local, _, domain = email.strip().rpartition("@")
    address = f"{local}@{domain.encode('idna').decode()}".lower()
    if not address.isascii():
        raise ValueError("The part before the @ has letters outside ASCII.")
    return address
