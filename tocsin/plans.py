"""From the configuration to what the crawler and the analyzers take."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from analyzers.adopting import in_force, standing
from analyzers.choosing import ModelChoice, choose
from analyzers.errors import ModelChoiceError
from analyzers.mentions import BrandRules
from analyzers.worth import Known
from crawler.plan import CrawlPlan, SourcePlan
from tocsin.config import Config, shipped
from tocsin.config_errors import ConfigError
from tocsin.config_sections import Brand
from tocsin.store.post_rows import pseudonym


def brand_rules(config: Config) -> list[BrandRules]:
    """Return what to look for in posts."""
    return [
        BrandRules(b.name, b.role, b.aliases, b.exclusions, b.context, b.domains, b.hints, b.ambiguous)
        for b in config.brands
    ]


def known_accounts(config: Config) -> Known:
    """Return the roles of the brands and the accounts of their own people, as authors are stored."""
    return Known(
        roles={brand.name: brand.role for brand in config.brands},
        staff={brand.name: _accounts(brand, config) for brand in config.brands},
        unanswered=timedelta(hours=config.answers.unanswered_hours),
    )


def crawl_plan(config: Config, run_id: int) -> CrawlPlan:
    """Return what one crawl run is to do: every enabled source that has an address or a query."""
    sources = tuple(
        SourcePlan(
            s.name,
            s.kind,
            s.url,
            s.query,
            s.budget,
            s.history_days,
            s.allow_private,
            **{key: getattr(s, key) for key in ("tags", "accounts", "communities", "pages")},
            credentials={key: value.get_secret_value() for key, value in config.credentials.get(s.name, {}).items()},
        )
        for s in config.sources
        if s.enabled and s.kind != "import"
    )
    return CrawlPlan(
        store=str(config.store),
        run_id=run_id,
        sources=sources,
        cache_dir=str(config.store.with_name(f"{config.store.stem}.cache")),
        contact=config.crawl.contact,
        minutes=config.crawl.minutes,
        delay=config.crawl.delay,
        concurrency=config.crawl.concurrency,
        per_host=config.crawl.per_host,
        obey_robots=config.crawl.obey_robots,
        keep_days=config.retention.days,
        pseudonym_key=(
            config.pseudonym_key.get_secret_value() if config.privacy.pseudonymise and config.pseudonym_key else None
        ),
    )


def chosen_model(config: Config) -> ModelChoice:
    """Return the model to tag with: the user's own version of the configured one, where that was adopted.

    Raises `ConfigError` where the configuration names none that can be used, `ModelError` where the own one is gone.
    """
    model = configured_model(config)
    return model if model.labels else ModelChoice(in_force(model.folder, own_models(config)))


def configured_model(config: Config) -> ModelChoice:
    """Return the model that the configuration names. Raises `ConfigError` where it names none that can be used."""
    try:
        return choose(config.model, config.model_labels, shipped("data", "model"), _base(config))
    except ModelChoiceError as error:
        raise ConfigError(f"{config.file or 'the configuration'}: model: {error}") from error


def own_models(config: Config) -> Path:
    """Return the folder of the versions that `tocsin train --labels` makes."""
    return _base(config) / "models"


def own_version(config: Config) -> tuple[bool, str] | None:
    """Return whether the user's own version of the model is in force, and that in words; None where there is none.

    Raises `ConfigError` or `ModelError` where that cannot be told.
    """
    model = configured_model(config)
    return None if model.labels else standing(model.folder, own_models(config))


def _accounts(brand: Brand, config: Config) -> frozenset[str]:
    """Return the brand's accounts: plain names casefolded, and with pseudonyms each name's in every source."""
    names = {name.removeprefix("@") for name in brand.staff}
    names |= {"".join(name.split()) for name in (brand.name, *brand.aliases)}
    found = {name.casefold() for name in names}
    key = config.pseudonym_key.get_secret_value().encode() if config.pseudonym_key else None
    if config.privacy.pseudonymise and key is not None:
        shown = names | set(brand.staff)
        for source in config.sources:
            handles = {name.removeprefix(f"{source.name}:") for name in shown}
            found |= {f"{source.name}:{pseudonym(source.name, handle, key)}".casefold() for handle in handles}
    return frozenset(found)


def _base(config: Config) -> Path:
    return config.file.parent if config.file else Path.cwd()
