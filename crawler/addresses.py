"""Which addresses a stranger's link may lead us to: public ones only, unless the source says otherwise.

The check happens on the resolved address, at connect time, for every request: first ones, redirects
and robots.txt alike. The first answer for a name is pinned for the whole run, so a name cannot be
public when checked and private when connected to (DNS rebinding).
"""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler
from scrapy.utils.defer import maybe_deferred_to_future
from scrapy.utils.httpobj import urlparse_cached
from twisted.internet.address import IPv4Address, IPv6Address
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IHostnameResolver, IHostResolution, IResolutionReceiver
from zope.interface import implementer

from crawler.errors import PrivateAddressError

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.http import Response

_TRANSLATED = ipaddress.ip_network("64:ff9b::/96")
"""NAT64 (RFC 6052): the last 32 bits are the IPv4 address really reached."""


def is_public(address: str) -> bool:
    """Tell whether `address` (IPv4 or IPv6 text, zone allowed) is reachable from the open internet.

    Loopback, private, link-local, carrier-grade, multicast, unspecified and reserved ranges are not
    (IANA special-purpose registries); IPv6 forms that embed an IPv4 address are judged by it.
    """
    try:
        found = ipaddress.ip_address(address.split("%", maxsplit=1)[0])
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv6Address):
        teredo = found.teredo[1] if found.teredo else None
        inner = found.ipv4_mapped or found.sixtofour or teredo
        if inner is None and found in _TRANSLATED:
            inner = ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(str(inner))
    return found.is_global and not found.is_multicast


@implementer(IHostResolution)
class _Resolution:
    def __init__(self, name: str) -> None:
        self.name = name

    def cancel(self) -> None:
        """Do nothing: a pinned answer is immediate."""


@implementer(IResolutionReceiver)
class _Collector:
    """Holds back the addresses of a name until all are known."""

    def __init__(self) -> None:
        self.addresses: list[Any] = []
        self.complete: Deferred[list[Any]] = Deferred()

    def resolutionBegan(self, resolution: object) -> None:  # noqa: N802 - Twisted's interface names it
        """Nothing to prepare."""

    def addressResolved(self, address: object) -> None:  # noqa: N802 - Twisted's interface names it
        """Keep one address."""
        self.addresses.append(address)

    def resolutionComplete(self) -> None:  # noqa: N802 - Twisted's interface names it
        """Hand all of them over."""
        self.complete.callback(self.addresses)


@implementer(IHostnameResolver)
class PinnedResolver:
    """Resolves a name once per process (IPv4 and IPv6) and gives the same answer from then on."""

    def __init__(self, reactor: Any) -> None:
        self._reactor = reactor
        self._inner = reactor.nameResolver
        self._pinned: dict[str, tuple[Any, ...]] = {}

    @classmethod
    def from_crawler(cls, _crawler: object, reactor: Any) -> PinnedResolver:
        """Build it as Scrapy's setting TWISTED_DNS_RESOLVER asks."""
        return cls(reactor)

    def install_on_reactor(self) -> None:
        """Make it the resolver of every connection of this process."""
        self._reactor.installNameResolver(self)

    def resolveHostName(  # noqa: N802 - Twisted's interface names it
        self,
        resolutionReceiver: Any,  # noqa: N803 - as above
        hostName: str,  # noqa: N803 - as above
        portNumber: int = 0,  # noqa: N803 - as above
        addressTypes: Sequence[type] | None = None,  # noqa: N803 - as above
        transportSemantics: str = "TCP",  # noqa: N803 - as above
    ) -> Any:
        """Answer from the pins; a name without one is looked up and, if found, pinned."""
        name = hostName.lower().rstrip(".")
        resolution = _Resolution(hostName)

        def answer(addresses: Sequence[Any]) -> None:
            if addresses:
                addresses = self._pinned.setdefault(name, tuple(addresses))
            resolutionReceiver.resolutionBegan(resolution)
            for address in addresses:
                resolutionReceiver.addressResolved(_with_port(address, portNumber))
            resolutionReceiver.resolutionComplete()

        if name in self._pinned:
            answer(self._pinned[name])
        else:
            collector = _Collector()
            collector.complete.addCallback(answer)
            self._inner.resolveHostName(collector, hostName, portNumber, addressTypes, transportSemantics)
        return resolution


def _with_port(address: Any, port: int) -> Any:
    if isinstance(address, IPv6Address):
        return IPv6Address(address.type, address.host, port, address.flowInfo, address.scopeID)
    return IPv4Address(address.type, address.host, port)


class GuardedHandler(HTTP11DownloadHandler):  # type: ignore[misc,unused-ignore] # Scrapy may be untyped
    """Scrapy's HTTP handler, refusing hosts that stand for an address inside somebody's network."""

    async def download_request(self, request: Request) -> Response:
        """Check the address, then download. Raises `PrivateAddressError`."""
        source = self._crawler.spider.source  # type: ignore[union-attr] # ours, and set before any request
        if not source.allow_private:
            host = urlparse_cached(request).hostname or ""
            for address in await self._addresses(host):
                if not is_public(address):
                    raise PrivateAddressError(host, address, source.name)
        return await super().download_request(request)

    async def _addresses(self, host: str) -> list[str]:
        # Importing it earlier would install the wrong reactor.
        from twisted.internet import reactor  # noqa: PLC0415

        collector = _Collector()
        reactor.nameResolver.resolveHostName(collector, host)
        return [address.host for address in await maybe_deferred_to_future(collector.complete)]
