"""Where a request comes from, as far as that can be known."""

from ipaddress import IPv6Address, ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest
from rest_framework.request import Request

FORWARDED_FOR = "HTTP_X_FORWARDED_FOR"


def client_address(request: Request | HttpRequest) -> str:
    """The address of whoever asked, behind `PROXY_HOPS` proxies of ours.

    Each proxy appends whom it heard from to X-Forwarded-For; what stands further left was typed by a stranger. With
    fewer entries than proxies the request came around them: then the connection's own address is all that is known.
    """
    connection = str(request.META.get("REMOTE_ADDR", ""))
    if not settings.PROXY_HOPS:
        return connection
    heard = [entry.strip() for entry in request.META.get(FORWARDED_FOR, "").split(",") if entry.strip()]
    return heard[-settings.PROXY_HOPS] if len(heard) >= settings.PROXY_HOPS else connection


def client_network(request: Request | HttpRequest) -> str:
    """The network that one customer is given: an IPv4 address, and of IPv6 the /64 (RFC 6177)."""
    address = client_address(request)
    try:
        found = ip_address(address)
    except ValueError:
        return address[:64]
    return str(ip_network((found, 64), strict=False)) if isinstance(found, IPv6Address) else str(found)


def is_within(address: str, networks: list[str]) -> bool:
    """Whether the address lies in one of the networks (CIDR); with none, whether it came from anywhere at all."""
    if not networks:
        return True
    try:
        found = ip_address(address)
    except ValueError:
        return False
    mapped = getattr(found, "ipv4_mapped", None)
    return any((mapped or found) in ip_network(network, strict=False) for network in networks)
