"""From the configuration to what the digest wing takes: audiences, channels, what we listen for."""

from __future__ import annotations

from pathlib import Path

from tocsin.config import Config, shipped
from tocsin.digest.building import audiences_of
from tocsin.digest.channels import Channel
from tocsin.digest.channels.file import FileChannel, paths
from tocsin.digest.channels.smtp import SmtpChannel, SmtpServer
from tocsin.digest.gather import Audience, Listening
from tocsin.store.database import Store
from tocsin.store.digests import digest_by_id


def audiences(config: Config) -> tuple[Audience, ...]:
    """Return who gets which digest; without recipients one digest of everything goes to the file outbox."""
    recipients = [(recipient.address, recipient.brands) for recipient in config.mail.recipients]
    return audiences_of(recipients, [brand.name for brand in config.brands], config.mail.channel)


def listening(config: Config) -> Listening:
    """Return what the digest is to speak of. Raises `ConfigError` when the templates are missing."""
    return Listening(
        zone=config.zone,
        brands=tuple((brand.name, brand.role) for brand in config.brands),
        sources=tuple((s.name, s.silent_after_hours) for s in config.sources if s.enabled and s.kind != "import"),
        templates=shipped("templates"),
    )


def channels(config: Config) -> dict[str, Channel]:
    """Return every channel that is set up, by name: what waits for one keeps working after a change to the other."""
    mail = config.mail
    found: dict[str, Channel] = {"file": FileChannel(mail.outbox, mail.sender)}
    if mail.smtp.host:
        server = SmtpServer(
            host=mail.smtp.host,
            port=mail.smtp.port,
            tls=mail.smtp.tls,
            user=mail.smtp.user,
            password=config.smtp_password.get_secret_value() if config.smtp_password else None,
            ca_file=mail.smtp.ca_file,
            timeout=mail.smtp.timeout,
        )
        found["smtp"] = SmtpChannel(server, mail.sender)
    return found


def written_files(store: Store, config: Config, digest_id: str) -> tuple[Path, ...]:
    """Return the files that the file channel has written for a digest: its `.html`, then a `.eml` a recipient."""
    digest = digest_by_id(store, digest_id)
    named = [
        path
        for audience in audiences(config)
        if audience.name == digest.audience
        for channel, recipient in audience.deliveries
        if channel == "file"
        for path in reversed(paths(config.mail.outbox, digest, recipient))
    ]
    return tuple(path for path in dict.fromkeys(named) if path.exists())
