"""Where a request comes from: the one function that says so to throttles, records and logs."""

import hashlib
import hmac
import ipaddress
import re

from django.conf import settings
from django.http import HttpRequest

# A household or a small provider's customer, not a single machine: enough to slow a flood, too coarse to find a person.
_PREFIX = {4: 24, 6: 48}
# As some proxies write it.
_WITH_PORT = re.compile(r"([\d.]+):\d+|\[([\da-fA-F:.]+)\](?::\d+)?", re.ASCII)


def client_address(request: HttpRequest) -> str:
    """The visitor's address; X-Forwarded-For counts only as far as one's own proxies wrote it."""
    count = settings.TRUSTED_PROXIES
    if count:
        hops = [hop.strip() for hop in request.headers.get("X-Forwarded-For", "").split(",") if hop.strip()]
        if len(hops) >= count:
            found = _WITH_PORT.fullmatch(hops[-count])
            return (found[1] or found[2]) if found else hops[-count]
    return request.META.get("REMOTE_ADDR", "")


def network_key(request: HttpRequest) -> str:
    """A keyed hash (32 hex digits) of the visitor's network prefix; empty when the address is not one."""
    return key_of(client_address(request))


def stand_in(request: HttpRequest) -> str:
    """The same hash in the shape of an address, for libraries that store and compare addresses: one that is nowhere."""
    key = network_key(request)
    return str(ipaddress.IPv6Address(b"\xfd" + bytes.fromhex(key[:30]))) if key else ""


def key_of(written: str) -> str:
    """The same hash for an address as people write it."""
    try:
        address = ipaddress.ip_address(written)
    except ValueError:
        return ""
    if address.version == 6 and address.ipv4_mapped:
        address = address.ipv4_mapped
    prefix = ipaddress.ip_network((address, _PREFIX[address.version]), strict=False)
    return hmac.new(settings.SECRET_KEY.encode(), f"network:{prefix}".encode(), hashlib.sha256).hexdigest()[:32]
