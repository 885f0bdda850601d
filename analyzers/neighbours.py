"""Words that tell, standing beside a name or anywhere in the text, whether it means a company or an everyday thing.

All in lower case, accents folded. English first, then German, French, Spanish and Italian where the words are few.
"""

from __future__ import annotations


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


ARTICLES = _words(
    """
    a an each every another no any some more few many which what whichever how two three four five several both
    all ein eine einen einem einer kein keine un une uno una quel quelle quelque mucho mucha
    """
)
"""Nobody says them before a company's name."""

DEFINITE = _words(
    """
    the this these those same only new old first last der die das dem den des diese dieser dieses le la les l el
    los las il lo al du del cette ce
    """
)
"""Weaker than ARTICLES: "the Slack of today"."""

POSSESSIVES = _words(
    """
    my our your unser unsere unseren mein meine notre nuestra nuestro his her its their
    """
)

MEDIUM = _words(
    """
    in on via over through with from at using into onto off without against than like for by mit bei von uber zu
    auf per ohne statt fur nach chez avec sur dans sans con en desde para por
    """
)

SUBJECTS = _words(
    """
    i you we they he she it who can could will would should must may might shall cannot don't dont not never
    always tends helps let's lets ich wir
    """
)
"""What stands before an English verb (and German "ich sage")."""

USING = _words(
    """
    use uses used using try tries tried trying adopt adopted buy buys bought choose chose hate hates love loves
    ditch ditched ditching drop dropped dropping leave leaving left replace replaced replacing boycott
    boycotting contact contacted called sue sued cancel cancelled canceled cancelling recommend recommended
    recommends evaluated comparing compare compared quit quitting dump dumped dumping acquire acquired avoid
    avoiding abandon abandoned trust trusted ask asked tell told let make makes get gets give gave love check
    need wants paying pay prefer preferred install installed setup configure integrate email emailed nutzen
    verwenden benutzen nutzt utiliser utilise usamos uso
    """
)
"""Verbs whose object is a product or a company."""

MOVING = _words(
    """
    switch switched switching move moved moving migrate migrated migrating migration upgrade upgraded convert
    converted connect connected log logged logging login sign signed signing subscribe subscribed work works
    worked working pay pays paid paying sell sold complain complained complaint push pushed send sent sync
    synced post posted upload uploaded stored store save saved share shared integrate integrated integration
    hosted built run running runs renewal contract refund invoice order ordered bought buy load loaded export
    exported import imported alternative alternatives compared competitor replacement track tracked tracking
    live lives take takes hired from wechseln gewechselt umgestiegen returned return brought filled bringing
    """
)
"""What people do to, from, with, in or at a product or a company: "switched to", "works at", "stored in"."""

POSTPONING = _words(
    "move moved moving push pushed take takes sent send run running runs works work worked order ordered"
)
"""Of these, what is done to a date as well."""

GREETINGS = _words(
    """
    hey hi hello dear thanks thank you thx congrats sorry shame danke hallo merci gracias
    """
)

PERSON_TITLES = _words(
    """
    mr mrs ms miss dr prof professor sir lady saint st herr frau monsieur madame señor
    """
)

LEGAL_FORMS = _words(
    """
    inc corp corporation ltd llc plc gmbh ag nv sa se co company technologies software
    """
)

PRODUCT = _words(
    """
    account accounts admin admins ads ai alternative alternatives android api apis app apps audit availability
    bill billing boards bot bots business call calls certification channel channels chat checkout client cloud
    cluster competitor competitors connect connector consultant consultants customer customers dashboard
    database databases desktop developer developers docs documentation drive downtime dpa employees engineer
    engineers enterprise export extension forum free import instance integration integrations invoice invoices
    ios license licenses licence licences licensing link links login mac marketplace meeting meetings message
    messages migration mobile notifications onboarding outage outages password payment payments payout payouts
    platform plugin plugins portal premium pricing pro processing rep reps reporting representative sales sdk
    search seller software sso status subscription subscriptions support terms tickets trial update updates
    upgrade user users ux video videos voicemail watch webhook webhooks webinar website widget workflow
    workflows workspace workspaces konto kanal kunden lizenz lizenzen preise rechnung vertrag staff salespeople
    salesperson credits loyalty messenger recruiter recruiters notification
    """
)
"""Nouns that follow a company's or a product's name: "Slack integration", "Oracle licence"."""

WEAK_PRODUCT = _words(
    """
    community data form jobs journal keyboard list page pages phone plan plans price prices product products project
    server servers service site station stations stock store sync team teams template templates terminal threads version
    """
)
"""The same, of things that everyday words are joined to as well: "copper prices", "buffer stock"."""

OBJECTS = ARTICLES | DEFINITE | POSSESSIVES | _words("me us you it them him everything everyone nothing")
"""What the object of a verb begins with."""

EVENTS = _words(
    """
    call calls meeting meetings update updates project release data team chat video plan
    """
)
"""Of these, what follows a weekday as well: "Monday meeting"."""

COMPANY_VERBS = _words(
    """
    raised raises announced announces acquired acquires bought charges charged deleted deletes lost loses
    cancelled canceled refused refuses closed closes froze freezes changed changes disabled disables blocked
    blocks banned bans sued sues wants want doubled doubles tripled cut launched launches sells sold fired hires
    laid rejected rejects blamed blames shipped ships rolled killed kills dropped drops forced forces broke
    breaks crashed crashes fixed declined declines billed bills filed promised promises ignores ignored removed
    removes sends sent keeps kept won't doesn't didn't isn't wasn't can't went sucks deserves owes stores logs
    eats shut shuts updated replied responded apologized apologised denied denies admits admitted reported holds
    suspended suspends locked locks overcharged refunded stopped stops posted added adds feels felt looks seems
    took made came gave got won told said says thinks paid wrote ran makes takes gives gets lets pops needs
    costs offers claims tells acts treats lied lies blew turned moved
    """
)

FILLERS = _words(
    """
    and or but so if when while because then just also please why what where is are was were only even still now
    both since after before until though although that whether how than as typical classic again about of to
    """
)
"""Words before a name that say nothing about it."""

COPULAS = _words(
    """
    is was has are were does did had will just now still also ist hat war
    """
)
ASKING = _words("does did has do")
"""What begins a question about a company: "does Slack still ..."."""

STATES = _words(
    """
    down slow slower broken back offline unusable hiring great terrible awful expensive overpriced cheaper
    better worse garbage useless amazing horrible fantastic unreliable buggy again dead fine not so too the
    holding forcing charging bankrupt out up working getting becoming my our me us it shutting raising closing
    killing dropping laying removing adding asking refusing ignoring losing overcharging owned
    """
)
"""What a product is: "Slack is down", "Oracle has lost our data"."""

PARTICLES = _words(
    """
    in out off up at
    """
)
COMPLEMENTS = _words(
    """
    of that de di von between
    """
)
"""What the complement of a common noun begins with: "a box of", "the notion that"."""

VERSUS = _words(
    """
    vs versus v
    """
)

CALENDAR_BEFORE = _words(
    """
    on by next last until till since before after every this each all of for through late early coming following
    see great ugh happy good another blue black cyber the a
    """
)
CALENDAR_AFTER = _words(
    """
    morning afternoon evening night noon at to the through until before after again next last deadline
    standup blues
    """
)

TRADE = _words(
    """
    saas crm erp software vendor vendors api login tickets ticket invoice invoices billing subscription
    subscriptions outage renewal renewed workspace onboarding migrate migrated migrating migration pricing
    priced integration integrations dashboard dashboards cloud sso licence license licensing licences licenses
    support contract app apps website webhook automations automation customers refund refunds order orders
    account accounts users admins seat seats trial checkout payments payroll stock shares earnings competitor
    competitors privacy breach breached hacked kunden lizenz rechnung vertrag kundendienst software datenbank
    aplicacion pagos client service sync
    """
)
"""The talk of those who use or buy from companies. Soft evidence."""

GERMAN = _words(
    """
    der das und ist nicht ich wir mit fur auf den dem ein eine von zu im noch schon uns mein auch aber kein
    keine haben wird seit nur nach bei aus wie euch unser oder sich wenn gestern meint
    """
)

COMPANIES = _words(
    """
    adobe adp airtable amazon amex asana atlassian aws azure basecamp brex clickup cloudflare databricks dell
    dropbox ebay evernote excel facebook figma freshdesk github gitlab gmail google hp hubspot ibm instagram
    jira lenovo linkedin mailchimp mastercard microsoft miro mysql netflix netsuite nvidia obsidian okta
    onedrive opensearch outlook paypal postgres postgresql quickbooks reddit rippling salesforce samsung sap
    servicenow sharepoint shopify spotify sumup tesla trello twilio twitter uber walmart webex workday xero
    youtube zendesk zoho costco zara ikea exxon chevron bp adyen klarna kibana elasticsearch clickhouse bigquery
    redshift
    """
)
"""Companies that are seldom anything else. One beside an ambiguous name makes a list of companies."""
