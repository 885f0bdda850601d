"""The demo itself: serve the sample community, run the main job on it, say what came of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import jinja2

from scheduler import NightlyReport, Report, nightly
from tocsin.config import Config, load, shipped
from tocsin.demo.community import Community, generate
from tocsin.demo.folder import fresh
from tocsin.demo.ordinary import DAYS
from tocsin.demo.server import Serving, serving
from tocsin.store.database import open_store
from tocsin.store.episodes import episodes_between
from tocsin.store.records import Episode


@dataclass(frozen=True, slots=True)
class Demo:
    """A finished demo run, its sites still up.

    `served` and `crawled` count the posts of each site: what it holds, and what the store holds of it.
    `episodes` are all of the six weeks, the ones that are over too. `quarrel_alone`: no episode
    counts the quarrel's thread.
    """

    community: Community
    site: Serving
    config: Config
    config_file: Path
    report: NightlyReport
    served: Mapping[str, int]
    crawled: Mapping[str, int]
    episodes: tuple[Episode, ...]

    @property
    def quarrel_alone(self) -> bool:
        """Whether the quarrel of two was read and no backlash was made of it."""
        thread = self.community.quarrel_thread_id
        return any(self.crawled.values()) and not any(
            thread in episode.threads for episode in self.episodes if episode.kind == "backlash"
        )


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
            with open_store(config.store, read_only=True) as store:
                episodes = episodes_between(store, now - timedelta(days=DAYS), now)
                crawled = {
                    name: int(count)
                    for name, count in store.connection.execute("SELECT source, count(*) FROM posts GROUP BY source")
                }
            yield Demo(community, site, config, config_file, done, served, crawled, tuple(episodes))


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
