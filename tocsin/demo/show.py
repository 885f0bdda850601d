"""The demo itself: serve the sample community, run the main job on it, say what came of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import jinja2

from scheduler import NightlyReport, Report, nightly
from tocsin.config import Config, load, shipped
from tocsin.demo.community import Community, generate
from tocsin.demo.folder import fresh
from tocsin.demo.server import Serving, serving


@dataclass(frozen=True, slots=True)
class Demo:
    """A finished demo run, its sites still up. `served` counts the posts that the sites hold."""

    community: Community
    site: Serving
    config: Config
    config_file: Path
    report: NightlyReport
    served: Mapping[str, int]


@contextmanager
def demonstrated(folder: Path, seed: int, now: datetime, report: Report | None = None) -> Iterator[Demo]:
    """Run the main job in `folder` on the community of `seed` at `now`; the sites stay up while the block runs.

    Raises `DemoError`, `ConfigError`, `StoreError`.
    """
    with fresh(folder) as home:
        community = generate(seed, now, shipped("data", "sample", "material"))
        with serving(community, shipped("data", "sample", "pages")) as site:
            config_file = home / "tocsin.toml"
            config_file.write_text(configuration(community, site), encoding="utf-8")
            config = load(config_file, environ={})
            done = nightly(config, now, report=report)
            served = Counter(post.source for post in community.posts())
            yield Demo(community, site, config, config_file, done, served)


def configuration(community: Community, site: Serving) -> str:
    """Return the `tocsin.toml` of the demo."""
    template = jinja2.Template(
        shipped("data", "sample", "tocsin.toml.j2").read_text(encoding="utf-8"),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        keep_trailing_newline=True,
    )
    text: str = template.render(own=community.brand, rivals=community.rivals, site=site)
    return text
