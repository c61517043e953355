"""Which network addresses a webhook may reach: public ones, unless the site allows private ones too.

A name is resolved once, every address that it has is checked, and the request goes to one of the checked addresses. A
name that resolves to another address a moment later therefore reaches nothing else.
"""

import ipaddress
import socket
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

from microdb.errors import MicroDBError

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


@dataclass(frozen=True)
class Target:
    """Where a request goes: the name for TLS and the Host header, and the checked address to connect to."""

    scheme: str
    host: str
    port: int
    path: str
    address: str

    @property
    def pinned_url(self) -> str:
        address = f"[{self.address}]" if ":" in self.address else self.address
        return f"{self.scheme}://{address}:{self.port}{self.path}"

    @property
    def host_header(self) -> str:
        usual = {"https": 443, "http": 80}[self.scheme]
        name = f"[{self.host}]" if ":" in self.host else self.host
        return name if self.port == usual else f"{name}:{self.port}"


def resolve_target(url: str) -> Target:
    """Resolve and check the address of a webhook. Raises MicroDBError ``bad_address`` if it may not be reached."""
    scheme, host, port, path = _checked_parts(url)
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise _refusal(_("The name %s has no address.") % host) from error
    addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
    if not settings.WEBHOOKS_TO_PRIVATE_ADDRESSES:
        for address in addresses:
            if not is_public(ipaddress.ip_address(address.split("%")[0])):
                raise _refusal(
                    _("%(host)s is the private or reserved address %(address)s.") % {"host": host, "address": address}
                )
    return Target(scheme, host, port, path, addresses[0])


def is_public(address: Address) -> bool:
    """Whether anybody on the internet can reach it. An IPv6 address that stands for an IPv4 address is judged as it."""
    if isinstance(address, ipaddress.IPv6Address):
        meant = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF) if address in NAT64 else address.ipv4_mapped
        if meant:
            return is_public(meant)
        if any(one is not None and not is_public(one) for one in (address.sixtofour, *(address.teredo or ()))):
            return False
    return address.is_global and not address.is_multicast and not address.is_reserved


def _checked_parts(url: str) -> tuple[str, str, int, str]:
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise _refusal(_("This is no address of a web service.")) from error
    schemes = {"https": 443, "http": 80} if settings.WEBHOOKS_TO_PRIVATE_ADDRESSES else {"https": 443}
    if parts.scheme not in schemes or not host:
        raise _refusal(
            _("The address must begin with %s and name a host.") % " or ".join(f"{one}://" for one in schemes)
        )
    if parts.username is not None or parts.password is not None:
        raise _refusal(_("The address may hold no user name and no password; the signature shows who sends."))
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return parts.scheme, host, port or schemes[parts.scheme], path


def _refusal(reason: str) -> MicroDBError:
    return MicroDBError(_("Webhooks can't be sent to this address: %s") % reason, code="bad_address")
