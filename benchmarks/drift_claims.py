"""What the crowds of `benchmarks/drift.py` say: claims in many wordings, and all the other talk. Made up by us."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Claim:
    """A claim with `{}` where it changes from `old` to `new`. `shows`: words that a right answer names.

    `held`: not looked at while the settings were chosen.
    """

    kind: str
    old: str
    new: str
    wordings: tuple[str, ...]
    shows: tuple[str, ...]
    held: bool = False

    def changed(self, added: str, lost: str) -> bool:
        """Return whether what was named is this change."""
        named = f"{added} | {lost}".casefold()
        return any(word in named for word in self.shows)


CLAIMS = (
    Claim(
        "number",
        "10 %",
        "40 %",
        (
            "Acme raises the price of the gateway plan by {} in January.",
            "the gateway plan gets {} more expensive from January.",
            "price of the gateway plan goes up {} in January, says the letter.",
            "gateway plan: {} price increase from January on.",
            "they are putting the price of the gateway plan up by {}.",
            "a {} price increase on the gateway plan!",
        ),
        ("40",),
    ),
    Claim(
        "number in words",
        "ten percent",
        "forty percent",
        (
            "Acme cuts the support team by {} this winter.",
            "the support team is cut by {}.",
            "support team shrinks by {} this winter, says the memo.",
            "{} of the support team will be cut this winter.",
            "a cut of {} in the support team.",
        ),
        ("forty",),
    ),
    Claim(
        "negation",
        "does encrypt",
        "does not encrypt",
        (
            "the new cloud module {} the backups of customers.",
            "Acme says that the cloud module {} the backups.",
            "the cloud module {} backups at all sites.",
            "it {} backups, this cloud module.",
        ),
        ("not",),
    ),
    Claim(
        "hedge",
        "may delay",
        "will delay",
        (
            "Acme {} the spring release of the controller.",
            "the vendor {} the spring release of the controller again.",
            "Acme {} the spring release for the controller, says the forum.",
            "they {} the controller spring release.",
        ),
        ("may", "will"),
    ),
    Claim(
        "extent",
        "some",
        "all",
        (
            "{} customers lose access to the archive after the migration.",
            "after the migration {} customers lose access to the archive.",
            "Acme says {} customers lose archive access after the migration.",
            "archive access lost for {} customers after the migration.",
        ),
        ("all",),
    ),
    Claim(
        "name",
        "Quennel",
        "Ostrel",
        (
            "Acme sells the sensor division to {} next month.",
            "the sensor division goes to {} next month.",
            "the sensor division of Acme is sold to {}.",
            "so {} buys the sensor division next month.",
        ),
        ("ostrel",),
    ),
    Claim(
        "unit",
        "3 days",
        "3 weeks",
        (
            "the portal will be offline for {} during the maintenance.",
            "Acme takes the portal offline for {}.",
            "portal offline for {}, planned maintenance, they say.",
            "{} of maintenance with the portal offline.",
        ),
        ("week",),
    ),
    Claim(
        "number",
        "200",
        "2,000",
        (
            "Acme lays off {} engineers at the main plant.",
            "{} engineers are laid off at the plant.",
            "layoffs at Acme: {} engineers of the main plant.",
            "the main plant loses {} engineers.",
        ),
        ("2,000",),
        held=True,
    ),
    Claim(
        "number",
        "15 euros",
        "50 euros",
        (
            "every licence will cost {} a month from March.",
            "from March a licence costs {} a month.",
            "licence fee goes to {} a month in March, it says in the mail.",
            "{} a month for a licence, starting in March.",
        ),
        ("50",),
        held=True,
    ),
    Claim(
        "number in words",
        "a dozen plants",
        "fifty plants",
        (
            "the faulty firmware stopped production in {} last night.",
            "production stopped in {} because of the firmware.",
            "firmware bug: production stopped at {} last night.",
            "Acme firmware stopped {} last night.",
        ),
        ("fifty",),
        held=True,
    ),
    Claim(
        "negation",
        "is",
        "isn't",
        (
            "the old firmware {} supported after December.",
            "old firmware {} supported any longer than December, says Acme.",
            "Acme says the old firmware {} supported after December.",
            "support page: old firmware {} supported after December.",
        ),
        ("isn't",),
        held=True,
    ),
    Claim(
        "hedge",
        "is reportedly",
        "is",
        (
            "Acme {} selling usage data to insurers.",
            "the company {} selling our usage data to insurers.",
            "Acme {} selling usage data from the meters to insurers.",
            "so Acme {} selling the usage data to insurers.",
        ),
        ("reportedly",),
        held=True,
    ),
    Claim(
        "extent",
        "a few",
        "every",
        (
            "the recall concerns {} pump of the new series.",
            "Acme recalls {} pump of the new series.",
            "recall: {} pump of the new series must be returned.",
            "{} pump of the new series gets recalled.",
        ),
        ("every",),
        held=True,
    ),
    Claim(
        "name",
        "Lisbon",
        "Porto",
        (
            "Acme closes the repair centre in {} this year.",
            "the repair centre in {} is closed this year.",
            "repair centre {} closes, Acme confirms.",
            "this year the {} repair centre closes.",
        ),
        ("porto",),
        held=True,
    ),
    Claim(
        "unit",
        "5 minutes",
        "5 hours",
        (
            "the outage of the login service lasted {} this morning.",
            "login service down for {} this morning.",
            "this morning the login service had an outage of {}.",
            "an outage of {} in the login service.",
        ),
        ("hour",),
        held=True,
    ),
)

OPENERS = (
    *("", "", "", "", "Just read this: ", "Wow. ", "FYI. ", "Unbelievable. ", "So, "),
    *("I heard that ", "They say ", "Apparently nobody noticed. ", "Have you seen it? "),
)
TAILS = (
    "This is bad.",
    "What a joke.",
    "We are looking for something else.",
    "Who decides such things?",
    "Not surprised.",
    "My boss is furious.",
    "Same here.",
    "Can anybody confirm?",
    "Well, let us wait and see.",
    "I am tired of this vendor.",
    "And the hotline is silent, as always.",
    "Time to call the sales rep.",
)
NOISE = (
    "The display of my unit flickers since {n} days, does anybody know why?",
    "I have {n} of these units and never had a problem.",
    "We waited {n} weeks for a spare part and got the wrong one.",
    "Support answered after {n} minutes, very friendly.",
    "The manual is not clear about the wiring of terminal {n}.",
    "You may want to update the driver first, that helped here.",
    "Some people never read the manual.",
    "All our lines run with this controller and it is fine.",
    "The app will crash when you open the trend view with {n} tags.",
    "Maybe the power supply is too weak, mine gives {n} watts.",
    "Is there a discount of {n} % for schools?",
    "Our old vendor Quennel was not better, believe me.",
    "Ostrel has a new catalogue, {n} pages of it.",
    "I ordered {n} cables in Lisbon and they came within {n} days.",
    "The trade fair in Porto was nice, about {n} booths.",
    "It does not start after the update, the light stays red.",
    "After the update it starts again, thanks.",
    "Every time I open the portal I must log in twice.",
    "No answer from the hotline for {n} hours now.",
    "In January we change to three shifts, no time for experiments.",
    "The licence server lost its key, reinstalling took {n} hours.",
    "Can I run {n} gateways on one licence?",
    "Our plant engineer left, who can recommend a course?",
    "I will never buy a pump without a spare seal again.",
    "The forum search is slow, it took {n} seconds.",
    "My archive has {n} GB, is that normal?",
    "Battery is at {n} % after one night, is that all right?",
    "The sensor shows {n} degrees too much in the sun.",
    "Great talk at the user day, the speaker answered all questions.",
    "Perhaps somebody has the old PDF of the controller manual?",
    "You should not mount it upside down, it gets hot.",
    "Thanks, that solved it for me.",
    "{n} % humidity and it still works, good housing.",
    "They could at least print the serial number bigger.",
    "Nobody here uses the cloud, we keep it local.",
    "Backups run at night and take {n} minutes.",
)
