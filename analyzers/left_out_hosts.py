"""Hosts that many posts point to and where nobody talks: shorteners, pictures, files, searches, archives."""

from __future__ import annotations

import ipaddress
import re

_SHORTENERS = (
    "bit.ly buff.ly cutt.ly dlvr.it fb.me goo.gl ift.tt is.gd j.mp lnkd.in ow.ly rb.gy rebrand.ly shorturl.at t.co"
    " t.ly tiny.cc tinyurl.com trib.al v.gd wp.me amzn.to hubs.ly hubs.la msft.it spr.ly"
)
_PICTURES = (
    "imgur.com i.redd.it preview.redd.it v.redd.it pbs.twimg.com video.twimg.com pic.twitter.com gyazo.com"
    " postimg.cc postimages.org imgbb.com ibb.co prnt.sc prntscr.com flickr.com staticflickr.com giphy.com"
    " tenor.com photobucket.com imageshack.com lightshot.com cloudinary.com gravatar.com unsplash.com pexels.com"
    " ytimg.com cdninstagram.com fbcdn.net media.tumblr.com cdn.discordapp.com media.discordapp.net"
    " user-images.githubusercontent.com"
)
_FILES = (
    "docs.google.com drive.google.com dropbox.com wetransfer.com pastebin.com gist.github.com hastebin.com"
    " jsfiddle.net codepen.io raw.githubusercontent.com amazonaws.com cloudfront.net akamaihd.net"
    " googleusercontent.com gstatic.com jsdelivr.net unpkg.com onedrive.live.com 1drv.ms sharepoint.com we.tl"
    " archive.org archive.is archive.ph archive.today web.archive.org webcache.googleusercontent.com"
)
_TOOLS = (
    "google.com bing.com duckduckgo.com maps.google.com maps.app.goo.gl calendar.google.com meet.google.com"
    " zoom.us calendly.com forms.gle forms.office.com surveymonkey.com typeform.com wikipedia.org wikimedia.org"
    " w3.org schema.org doi.org play.google.com apps.apple.com itunes.apple.com example.com example.org"
    " example.net paypal.com translate.google.com lmgtfy.com"
)
_LEFT_OUT = frozenset(f"{_SHORTENERS} {_PICTURES} {_FILES} {_TOOLS}".split())
_WITHOUT_THOSE_UNDER = frozenset(["google.com", "example.com", "example.org", "example.net", "bing.com", "paypal.com"])
"""Of these only the host itself is left out: `support.google.com` is a place where people talk."""

_INSIDE = re.compile(r"(?:^|\.)(?:localhost|local|internal|lan|home|corp|intranet|test|invalid|onion)$")


def left_out(host: str) -> bool:
    """Tell whether `host` (lower case, without www) is no site where people talk, or not on the open internet."""
    if "." not in host or _INSIDE.search(host) or _is_address(host):
        return True
    labels = host.split(".")
    above = {".".join(labels[start:]) for start in range(1, len(labels) - 1)} - _WITHOUT_THOSE_UNDER
    return host in _LEFT_OUT or bool(above & _LEFT_OUT)


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
