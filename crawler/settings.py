"""Scrapy's settings for a plan: everything that matters is said here, nothing is left to defaults."""

from __future__ import annotations

from typing import Any

from crawler.middlewares.manners import ROBOT
from crawler.plan import CrawlPlan
from tocsin import __version__

MAX_BYTES = 20 * 1024 * 1024
"""A larger answer is not read (also after decompression): whole Hacker News trees have a few MB."""

# The whole lists, not changes to Scrapy's: what is merely disabled is still imported (0.5 s a run),
# and remote control, on by default, would let others run code here.
_EXTENSIONS = {
    "scrapy.extensions.corestats.CoreStats": 0,
    "scrapy.extensions.closespider.CloseSpider": 0,
    "scrapy.extensions.throttle.AutoThrottle": 0,
}
_MIDDLEWARES = {
    "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": 100,
    "scrapy.downloadermiddlewares.downloadtimeout.DownloadTimeoutMiddleware": 350,
    "scrapy.downloadermiddlewares.defaultheaders.DefaultHeadersMiddleware": 400,
    "scrapy.downloadermiddlewares.useragent.UserAgentMiddleware": 500,
    "scrapy.downloadermiddlewares.retry.RetryMiddleware": 550,
    "crawler.middlewares.manners.MannersMiddleware": 560,
    "scrapy.downloadermiddlewares.httpcompression.HttpCompressionMiddleware": 590,
    "scrapy.downloadermiddlewares.redirect.RedirectMiddleware": 600,
    "crawler.middlewares.budget.BudgetMiddleware": 990,
}

TIMEOUT_SECONDS = 30
MAX_REDIRECTS = 5


def user_agent(contact: str) -> str:
    """Return who we say we are: `Tocsin/<version> (+<contact>)`."""
    return f"{ROBOT}/{__version__} (+{contact})" if contact else f"{ROBOT}/{__version__}"


def settings_for(plan: CrawlPlan) -> dict[str, Any]:
    """Return the Scrapy settings of a crawl run."""
    return {
        "BOT_NAME": ROBOT,
        "USER_AGENT": user_agent(plan.contact),
        "ROBOTSTXT_OBEY": plan.obey_robots,
        "ROBOTSTXT_USER_AGENT": ROBOT,
        **_pace(plan),
        "DOWNLOAD_TIMEOUT": TIMEOUT_SECONDS,
        "DOWNLOAD_MAXSIZE": MAX_BYTES,
        "DOWNLOAD_WARNSIZE": 0,
        "DOWNLOAD_VERIFY_CERTIFICATES": True,
        "DOWNLOAD_HANDLERS": {
            "http": "crawler.addresses.GuardedHandler",
            "https": "crawler.addresses.GuardedHandler",
            "data": None,
            "file": None,
            "ftp": None,
            "s3": None,
        },
        "TWISTED_DNS_RESOLVER": "crawler.addresses.PinnedResolver",
        "REDIRECT_MAX_TIMES": MAX_REDIRECTS,
        "METAREFRESH_ENABLED": False,
        "COOKIES_ENABLED": False,
        "HTTPPROXY_ENABLED": False,
        "HTTPERROR_ALLOW_ALL": True,
        "REFERRER_POLICY": "no-referrer",
        "RETRY_TIMES": 2,
        "RETRY_HTTP_CODES": [500, 502, 504, 522, 524, 408],
        "EXTENSIONS_BASE": _EXTENSIONS,
        "DOWNLOADER_MIDDLEWARES_BASE": _MIDDLEWARES,
        "ITEM_PIPELINES": {
            "crawler.pipelines.Validate": 100,
            "crawler.pipelines.Identify": 200,
            "crawler.pipelines.Keep": 300,
        },
        "CONCURRENT_ITEMS": 1,  # a mark must reach the store after the posts yielded before it
        "WARN_ON_GENERATOR_RETURN_VALUE": False,  # it reads the callbacks' source for every answer
        "REMOTE_CONTROL_ENABLED": False,
        "TELNETCONSOLE_ENABLED": False,
        "STATS_DUMP": False,
        "LOG_ENABLED": False,
        "LOG_INSTALL_ROOT_HANDLER": False,
        "MEMUSAGE_ENABLED": False,
        "CLOSESPIDER_TIMEOUT": plan.minutes * 60 + 20,  # only reached when the parent, who keeps the time, is gone
    }


def _pace(plan: CrawlPlan) -> dict[str, Any]:
    return {
        "CONCURRENT_REQUESTS": plan.concurrency,
        "CONCURRENT_REQUESTS_PER_DOMAIN": plan.per_host,
        "DOWNLOAD_DELAY": plan.delay,
        "AUTOTHROTTLE_ENABLED": plan.delay > 0,
        "AUTOTHROTTLE_START_DELAY": plan.delay,
        "AUTOTHROTTLE_MAX_DELAY": 60.0,
        "AUTOTHROTTLE_TARGET_CONCURRENCY": 1.0,
    }
