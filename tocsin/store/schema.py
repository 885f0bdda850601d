"""The whole schema, as one numbered list of SQL scripts. The comments are the documentation.

Times are ISO 8601 UTC text (`2026-11-22T05:00:00.000000+00:00`), so they sort as text. Every
nullable column says what null means. Ids are `<source>:<native id>`.
"""

from __future__ import annotations

VERSION_1 = """
CREATE TABLE sources (
  name TEXT PRIMARY KEY,
  kind TEXT NOT NULL,
  url TEXT,                          -- null: an import, it has no address
  added_at TEXT NOT NULL,
  first_crawl_finished_at TEXT       -- null: the first crawl (history) is not complete yet
) STRICT;

CREATE TABLE threads (
  id TEXT PRIMARY KEY,
  source TEXT NOT NULL REFERENCES sources(name),
  title TEXT NOT NULL,               -- '' where the source shows none
  url TEXT,                          -- null: no public address
  created_at TEXT,                   -- null: the source does not say when it began
  first_seen_at TEXT NOT NULL,
  content_changed_at TEXT NOT NULL   -- when a post was last added or edited, as seen by us
) STRICT;
CREATE INDEX threads_source ON threads(source, first_seen_at);

CREATE TABLE authors (
  id TEXT PRIMARY KEY,               -- <source>:<handle>; the handle is a pseudonym where configured
  source TEXT NOT NULL REFERENCES sources(name),
  handle TEXT NOT NULL,
  first_post_at TEXT NOT NULL,       -- created_at of the earliest post of theirs that we hold
  first_seen_at TEXT NOT NULL
) STRICT;

CREATE TABLE erased_authors (
  author_hash TEXT PRIMARY KEY,      -- SHA-256 of the author's id: whoever was erased on request is not collected again
  erased_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE posts (
  id TEXT PRIMARY KEY,
  created_at TEXT NOT NULL,          -- when undated: first_seen_at
  source TEXT NOT NULL REFERENCES sources(name),
  thread_id TEXT NOT NULL REFERENCES threads(id),
  author_id TEXT REFERENCES authors(id), -- null: unknown voice
  text TEXT NOT NULL,
  url TEXT,                          -- null: no permalink
  parent_id TEXT,                    -- null: opens the thread, or it is not told; may name a post we do not hold
  position INTEGER,                  -- null: order in the thread not known; counts from 0
  dated INTEGER NOT NULL,            -- 1: created_at is the source's; 0: it is ours
  first_seen_at TEXT NOT NULL,
  edited_at TEXT,                    -- null: never seen edited
  sampled INTEGER,                   -- 1: drawn for the source's normal tone; 0: not drawn; null: not decided yet
  content_hash TEXT NOT NULL,        -- of the text; changes when the post is edited
  text_key TEXT                      -- null: not yet normalized for the model; equal keys get equal tags
) STRICT;
CREATE INDEX posts_created ON posts(created_at);
CREATE INDEX posts_thread ON posts(thread_id, created_at);
CREATE INDEX posts_source ON posts(source, created_at);
CREATE INDEX posts_author ON posts(author_id, created_at);
CREATE INDEX posts_text_key ON posts(text_key);
CREATE INDEX posts_sampled ON posts(source, created_at) WHERE sampled = 1;
CREATE INDEX posts_undrawn ON posts(source, created_at) WHERE sampled IS NULL;

CREATE TABLE earlier_texts (
  post_id TEXT NOT NULL REFERENCES posts(id) ON DELETE CASCADE,
  replaced_at TEXT NOT NULL,         -- the last time: a text that comes and goes is kept once
  text TEXT NOT NULL,
  content_hash TEXT NOT NULL,
  PRIMARY KEY (post_id, content_hash)
) STRICT;

CREATE TABLE engagement (
  post_id TEXT NOT NULL REFERENCES posts(id) ON DELETE CASCADE,
  observed_at TEXT NOT NULL,
  likes INTEGER,                     -- null in every column: the source does not show it
  dislikes INTEGER,
  replies INTEGER,
  reposts INTEGER,
  views INTEGER,
  PRIMARY KEY (post_id, observed_at)
) STRICT, WITHOUT ROWID;

CREATE TABLE brands (
  name TEXT PRIMARY KEY,
  role TEXT NOT NULL CHECK (role IN ('own', 'competitor', 'target'))
) STRICT;

CREATE TABLE mentions (
  post_id TEXT NOT NULL REFERENCES posts(id) ON DELETE CASCADE,
  brand TEXT NOT NULL REFERENCES brands(name),
  alias TEXT NOT NULL,               -- the words that named it
  via TEXT NOT NULL CHECK (via IN ('text', 'thread')),
  PRIMARY KEY (post_id, brand)
) STRICT, WITHOUT ROWID;
CREATE INDEX mentions_brand ON mentions(brand, post_id);

CREATE TABLE mention_scans (
  post_id TEXT PRIMARY KEY REFERENCES posts(id) ON DELETE CASCADE,
  rules TEXT NOT NULL,               -- digest of the brand rules it was read with; '': to be read
  content_hash TEXT NOT NULL         -- of the text that was read; '': none yet
) STRICT, WITHOUT ROWID;
CREATE INDEX mention_scans_rules ON mention_scans(rules);

CREATE TABLE models (
  version TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  added_at TEXT NOT NULL,
  current INTEGER NOT NULL DEFAULT 0 -- 1: the one whose tags the views show
) STRICT;

CREATE TABLE tags (
  post_id TEXT NOT NULL REFERENCES posts(id) ON DELETE CASCADE,
  model_version TEXT NOT NULL REFERENCES models(version),
  text_key TEXT NOT NULL,            -- what was judged; differs from posts.text_key when the post was edited since
  tagged_at TEXT NOT NULL,
  language TEXT,                     -- null: too short to tell
  sentiment TEXT,                    -- null in the next six: not put through the model
  negative REAL,
  neutral REAL,
  positive REAL,
  hostility REAL,
  pile_on_risk REAL,
  abstained TEXT,                    -- null: counted; else why it is not (language, low_margin, empty)
  PRIMARY KEY (post_id, model_version)
) STRICT, WITHOUT ROWID;
CREATE INDEX tags_key ON tags(model_version, text_key);

CREATE TABLE thread_risks (
  thread_id TEXT NOT NULL REFERENCES threads(id) ON DELETE CASCADE,
  brand TEXT NOT NULL REFERENCES brands(name),
  at TEXT NOT NULL,
  age_hours REAL NOT NULL,
  probability REAL NOT NULL,
  parts TEXT NOT NULL,               -- JSON object, a part's value; null: could not be observed
  contributions TEXT NOT NULL,       -- JSON object, what a part added to the log-odds
  model_version TEXT NOT NULL,
  PRIMARY KEY (thread_id, brand, at)
) STRICT, WITHOUT ROWID;
CREATE INDEX thread_risks_at ON thread_risks(at);

CREATE TABLE episodes (
  id TEXT PRIMARY KEY,
  brand TEXT NOT NULL REFERENCES brands(name),
  kind TEXT NOT NULL,
  state TEXT NOT NULL,
  level INTEGER NOT NULL,
  severity_days REAL NOT NULL,
  onset_at TEXT NOT NULL,            -- when it began, in hindsight
  opened_at TEXT NOT NULL,           -- when all gates were first met
  posts INTEGER NOT NULL,
  voices_low INTEGER NOT NULL,
  voices_high INTEGER NOT NULL,
  campaign TEXT,                     -- null: no campaign seen
  risk REAL,                         -- null: no thread of it could be scored
  wordings INTEGER NOT NULL,
  top5_share REAL NOT NULL,
  peaked_at TEXT,                    -- null: not yet
  over_at TEXT,                      -- null: not yet
  at TEXT NOT NULL,                  -- the moment this row describes
  window_hours INTEGER NOT NULL,
  sources TEXT NOT NULL,             -- JSON array of source names
  threads TEXT NOT NULL,             -- JSON array of thread ids
  parts TEXT NOT NULL                -- JSON object: the gates and their figures
) STRICT;
CREATE INDEX episodes_brand ON episodes(brand, opened_at);

CREATE TABLE episode_history (
  episode_id TEXT NOT NULL REFERENCES episodes(id) ON DELETE CASCADE,
  at TEXT NOT NULL,
  state TEXT NOT NULL,
  level INTEGER NOT NULL,
  severity_days REAL NOT NULL,
  voices_low INTEGER NOT NULL,
  PRIMARY KEY (episode_id, at)
) STRICT, WITHOUT ROWID;

CREATE TABLE evidence (
  episode_id TEXT NOT NULL REFERENCES episodes(id) ON DELETE CASCADE,
  post_id TEXT NOT NULL REFERENCES posts(id) ON DELETE CASCADE,
  rank INTEGER NOT NULL,
  reason TEXT NOT NULL,
  PRIMARY KEY (episode_id, post_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX evidence_post ON evidence(post_id);

CREATE TABLE feedback (
  id INTEGER PRIMARY KEY,
  episode_id TEXT NOT NULL,          -- no reference: a verdict outlives the replay of its episode
  verdict TEXT NOT NULL CHECK (verdict IN ('false_alarm', 'useful', 'snooze')),
  given_at TEXT NOT NULL,
  note TEXT NOT NULL DEFAULT ''
) STRICT;

CREATE TABLE runs (
  id INTEGER PRIMARY KEY,
  kind TEXT NOT NULL,
  for_date TEXT,                     -- null: not a nightly run
  started_at TEXT NOT NULL,
  finished_at TEXT,                  -- null: still running, or killed
  status TEXT NOT NULL,              -- running, ok, partial, failed, stopped
  steps TEXT NOT NULL                -- JSON object: step -> outcome
) STRICT;

CREATE TABLE coverage (
  run_id INTEGER NOT NULL REFERENCES runs(id) ON DELETE CASCADE,
  source TEXT NOT NULL REFERENCES sources(name),
  status TEXT NOT NULL,
  started_at TEXT NOT NULL,
  finished_at TEXT NOT NULL,
  requests INTEGER NOT NULL,
  seen INTEGER NOT NULL,
  new INTEGER NOT NULL,
  changed INTEGER NOT NULL,
  dropped INTEGER NOT NULL,
  newest_post_at TEXT,               -- null: no dated post was given
  detail TEXT,                       -- null: nothing went wrong
  PRIMARY KEY (run_id, source)
) STRICT, WITHOUT ROWID;

CREATE TABLE gaps (
  id INTEGER PRIMARY KEY,
  source TEXT NOT NULL REFERENCES sources(name),
  thread_id TEXT,                    -- null: the gap is the source's, not one thread's
  noticed_at TEXT NOT NULL,
  missing INTEGER,                   -- null: how many is not known
  reason TEXT NOT NULL,
  closed_at TEXT                     -- null: still missing
) STRICT;

CREATE TABLE digests (
  id TEXT PRIMARY KEY,
  for_date TEXT NOT NULL,
  audience TEXT NOT NULL,            -- the brands it speaks of, sorted, joined with ', '
  created_at TEXT NOT NULL,
  subject TEXT NOT NULL,
  html TEXT NOT NULL,
  text TEXT NOT NULL,
  message_id TEXT NOT NULL,
  UNIQUE (for_date, audience)
) STRICT;

CREATE TABLE deliveries (
  id INTEGER PRIMARY KEY,
  digest_id TEXT NOT NULL REFERENCES digests(id) ON DELETE CASCADE,
  channel TEXT NOT NULL,
  recipient TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('pending', 'sent', 'failed')),
  attempts INTEGER NOT NULL DEFAULT 0,
  last_error TEXT,                   -- null: the last attempt, if any, worked
  sent_at TEXT,                      -- null: not sent
  UNIQUE (digest_id, channel, recipient)
) STRICT;
"""

VIEWS = """
CREATE VIEW current_tags AS
  SELECT tags.* FROM tags JOIN models ON models.version = tags.model_version AND models.current = 1;

CREATE VIEW share_of_voice_daily AS
  SELECT substr(posts.created_at, 1, 10) AS day, mentions.brand, count(*) AS posts,
         count(DISTINCT posts.author_id) AS voices,
         round(1.0 * count(*) / sum(count(*)) OVER (PARTITION BY substr(posts.created_at, 1, 10)), 4) AS share
  FROM mentions JOIN posts ON posts.id = mentions.post_id
  GROUP BY day, mentions.brand;

CREATE VIEW sentiment_daily AS
  SELECT substr(posts.created_at, 1, 10) AS day, mentions.brand,
         count(*) AS posts,
         count(*) FILTER (WHERE t.sentiment = 'negative' AND t.abstained IS NULL) AS negative,
         count(*) FILTER (WHERE t.sentiment = 'neutral' AND t.abstained IS NULL) AS neutral,
         count(*) FILTER (WHERE t.sentiment = 'positive' AND t.abstained IS NULL) AS positive,
         count(*) FILTER (WHERE t.sentiment IS NULL OR t.abstained IS NOT NULL) AS not_judged,
         round(avg(t.hostility), 4) AS mean_hostility   -- null: no post of the day was judged
  FROM mentions JOIN posts ON posts.id = mentions.post_id
  LEFT JOIN tags t ON t.post_id = posts.id AND t.model_version = (SELECT version FROM models WHERE current = 1)
  GROUP BY day, mentions.brand;

-- Threads by their talk in the last seven days held: over all time this would read every post.
CREATE VIEW top_threads AS
  SELECT threads.id, threads.source, threads.title, threads.url, recent.posts, recent.voices,
         recent.newest_post_at, recent.negative,
         (SELECT round(probability, 3) FROM thread_risks WHERE thread_id = threads.id
          ORDER BY at DESC, probability DESC LIMIT 1) AS risk   -- null: never scored, no brand is spoken of
  FROM (
    SELECT posts.thread_id, count(*) AS posts, count(DISTINCT posts.author_id) AS voices,
           max(posts.created_at) AS newest_post_at,
           count(*) FILTER (WHERE t.sentiment = 'negative' AND t.abstained IS NULL) AS negative
    FROM posts
    LEFT JOIN tags t ON t.post_id = posts.id AND t.model_version = (SELECT version FROM models WHERE current = 1)
    WHERE posts.created_at >= (SELECT strftime('%Y-%m-%dT%H:%M:%f', max(created_at), '-7 days') FROM posts)
    GROUP BY +posts.thread_id
  ) AS recent
  JOIN threads ON threads.id = recent.thread_id;

CREATE VIEW source_coverage AS
  SELECT coverage.source, sources.kind, coverage.run_id, coverage.status, coverage.started_at,
         coverage.finished_at,
         coverage.requests, coverage.seen, coverage.new, coverage.changed, coverage.dropped,
         coverage.newest_post_at, coverage.detail
  FROM coverage JOIN sources ON sources.name = coverage.source;

CREATE VIEW episode_evidence AS
  SELECT episodes.id AS episode_id, episodes.brand, episodes.kind, episodes.state, episodes.level,
         evidence.rank, evidence.reason, posts.created_at, posts.text, posts.url,
         t.sentiment, t.hostility,   -- null: not judged by the current model
         posts.id AS post_id
  FROM evidence JOIN episodes ON episodes.id = evidence.episode_id
  JOIN posts ON posts.id = evidence.post_id
  LEFT JOIN tags t ON t.post_id = posts.id AND t.model_version = (SELECT version FROM models WHERE current = 1)
  ORDER BY episodes.opened_at DESC, episodes.id, evidence.rank;
"""

SEARCH = """
-- Datasette finds the index of a table by the double quotes.
CREATE VIRTUAL TABLE posts_fts USING fts5(text, content="posts", tokenize='unicode61 remove_diacritics 2');
CREATE VIRTUAL TABLE threads_fts USING fts5(title, content="threads", tokenize='unicode61 remove_diacritics 2');
"""

VERSION_2 = """
ALTER TABLE tags ADD COLUMN irony REAL;   -- null in both: not put through the model, or it has no such head
ALTER TABLE tags ADD COLUMN anger REAL;

CREATE TABLE target_tags (
  post_id TEXT NOT NULL REFERENCES posts(id) ON DELETE CASCADE,
  brand TEXT NOT NULL REFERENCES brands(name),
  model_version TEXT NOT NULL REFERENCES models(version),
  alias TEXT NOT NULL,               -- the words that named the brand: what the model was asked about
  text_key TEXT NOT NULL,            -- what was judged; differs from posts.text_key when the post was edited since
  tagged_at TEXT NOT NULL,
  sentiment TEXT NOT NULL,
  negative REAL NOT NULL,
  neutral REAL NOT NULL,
  positive REAL NOT NULL,
  abstained TEXT,                    -- null: counted; else why it is not (low_margin)
  PRIMARY KEY (post_id, brand, model_version)
) STRICT, WITHOUT ROWID;

CREATE TABLE reply_stances (
  post_id TEXT NOT NULL REFERENCES posts(id) ON DELETE CASCADE,
  model_version TEXT NOT NULL REFERENCES models(version),
  text_key TEXT NOT NULL,            -- of the reply
  parent_key TEXT NOT NULL,          -- of the post it answers, as both were judged
  tagged_at TEXT NOT NULL,
  stance TEXT NOT NULL,
  support REAL NOT NULL,
  deny REAL NOT NULL,
  query REAL NOT NULL,
  comment REAL NOT NULL,
  PRIMARY KEY (post_id, model_version)
) STRICT, WITHOUT ROWID;

CREATE TABLE derailments (
  thread_id TEXT NOT NULL REFERENCES threads(id) ON DELETE CASCADE,
  last_post_id TEXT NOT NULL,        -- the newest post that the forecast saw
  model_version TEXT NOT NULL REFERENCES models(version),
  last_post_at TEXT NOT NULL,
  tagged_at TEXT NOT NULL,
  probability REAL NOT NULL,
  PRIMARY KEY (thread_id, model_version, last_post_id)
) STRICT, WITHOUT ROWID;

CREATE VIEW brand_tags AS
  SELECT mentions.brand, posts.id AS post_id, posts.created_at,
         CASE WHEN tt.post_id IS NULL THEN 'post' ELSE 'target' END AS judged_as,
         coalesce(tt.sentiment, t.sentiment) AS sentiment,   -- null in this and the next three: not judged
         coalesce(tt.negative, t.negative) AS negative, coalesce(tt.neutral, t.neutral) AS neutral,
         coalesce(tt.positive, t.positive) AS positive, t.hostility,
         CASE WHEN tt.post_id IS NULL OR t.abstained = 'irony' THEN t.abstained ELSE tt.abstained END AS abstained
  FROM mentions JOIN posts ON posts.id = mentions.post_id
  LEFT JOIN tags t ON t.post_id = posts.id AND t.model_version = (SELECT version FROM models WHERE current = 1)
  LEFT JOIN target_tags tt ON tt.post_id = posts.id AND tt.brand = mentions.brand
    AND tt.model_version = t.model_version AND tt.text_key = t.text_key;

DROP VIEW sentiment_daily;
CREATE VIEW sentiment_daily AS
  SELECT substr(created_at, 1, 10) AS day, brand,
         count(*) AS posts,
         count(*) FILTER (WHERE sentiment = 'negative' AND abstained IS NULL) AS negative,
         count(*) FILTER (WHERE sentiment = 'neutral' AND abstained IS NULL) AS neutral,
         count(*) FILTER (WHERE sentiment = 'positive' AND abstained IS NULL) AS positive,
         count(*) FILTER (WHERE sentiment IS NULL OR abstained IS NOT NULL) AS not_judged,
         round(avg(hostility), 4) AS mean_hostility   -- null: no post of the day was judged
  FROM brand_tags GROUP BY day, brand;
"""

VERSION_3 = """
CREATE TABLE labels (
  post_id TEXT NOT NULL REFERENCES posts(id) ON DELETE CASCADE,
  task TEXT NOT NULL,                -- the question: sentiment, hostility, irony, anger or target_sentiment
  brand TEXT NOT NULL,               -- towards whom; '' where the question is of no brand
  label TEXT NOT NULL,
  text_key TEXT NOT NULL,            -- what was labelled; differs from posts.text_key when the post was edited since
  labelled_at TEXT NOT NULL,
  PRIMARY KEY (post_id, task, brand),
  CHECK ((task = 'target_sentiment') = (brand <> ''))
) STRICT, WITHOUT ROWID;
CREATE INDEX labels_text ON labels(text_key);
"""

VERSION_4 = """
CREATE TABLE account_figures (
  source TEXT NOT NULL REFERENCES sources(name),
  account TEXT NOT NULL,             -- a configured public account, as the source calls it
  observed_at TEXT NOT NULL,
  followers INTEGER,                 -- null: the source does not show it
  posts INTEGER,                     -- null: the source does not show it
  PRIMARY KEY (source, account, observed_at)
) STRICT, WITHOUT ROWID;

CREATE TABLE gone_posts (
  post_id TEXT PRIMARY KEY REFERENCES posts(id) ON DELETE CASCADE,
  noticed_at TEXT NOT NULL           -- when the source said it is deleted, or had left it out of a thread read whole
) STRICT, WITHOUT ROWID;
"""

VERSION_5 = """
ALTER TABLE mentions ADD COLUMN score REAL;   -- null: named without doubt; else how likely it is this brand, 0..1

CREATE TABLE aims (
  post_id TEXT NOT NULL REFERENCES posts(id) ON DELETE CASCADE,
  brand TEXT NOT NULL REFERENCES brands(name),
  aim TEXT NOT NULL CHECK (aim IN ('brand', 'other_brand', 'poster', 'nobody', 'unknown')),
  manner TEXT CHECK (manner IN ('anger', 'criticism', 'praise')),  -- null: neither, or not judged
  staff INTEGER NOT NULL DEFAULT 0,  -- 1: written by an account of the brand itself
  decided_at TEXT NOT NULL,
  PRIMARY KEY (post_id, brand)
) STRICT, WITHOUT ROWID;

CREATE TABLE worth_answering (
  post_id TEXT NOT NULL REFERENCES posts(id) ON DELETE CASCADE,
  brand TEXT NOT NULL REFERENCES brands(name),
  kind TEXT NOT NULL CHECK (kind IN ('complaint', 'advocate', 'account')),
  noticed_at TEXT NOT NULL,
  answered_at TEXT,                  -- null: no answer by the brand was seen
  PRIMARY KEY (post_id, brand, kind)
) STRICT, WITHOUT ROWID;

CREATE TABLE episode_wordings (
  episode_id TEXT NOT NULL REFERENCES episodes(id) ON DELETE CASCADE,
  rank INTEGER NOT NULL,             -- from 1, oldest first
  post_id TEXT NOT NULL REFERENCES posts(id) ON DELETE CASCADE,
  said TEXT NOT NULL,                -- the clause as that post puts it
  added TEXT NOT NULL,               -- what it says that the wording before did not; '' for nothing
  lost TEXT NOT NULL,                -- what the wording before said and it does not; '' for nothing
  posts INTEGER NOT NULL,            -- how many say it so
  PRIMARY KEY (episode_id, rank)
) STRICT, WITHOUT ROWID;

CREATE TABLE episode_topics (
  episode_id TEXT NOT NULL REFERENCES episodes(id) ON DELETE CASCADE,
  rank INTEGER NOT NULL,
  words TEXT NOT NULL,               -- key phrases in the posters' own words, joined with ', '
  posts INTEGER NOT NULL,
  voices INTEGER NOT NULL,
  examples TEXT NOT NULL,            -- JSON array of post ids
  PRIMARY KEY (episode_id, rank)
) STRICT, WITHOUT ROWID;

CREATE TABLE thread_outcomes (
  thread_id TEXT NOT NULL REFERENCES threads(id) ON DELETE CASCADE,
  brand TEXT NOT NULL REFERENCES brands(name),
  at TEXT NOT NULL,                  -- the moment whose forecast it judges
  age_hours REAL NOT NULL,
  met INTEGER NOT NULL,              -- 1: it became a pile-on within 72 h after `at`
  parts TEXT NOT NULL,               -- JSON object, as in thread_risks
  PRIMARY KEY (thread_id, brand, at)
) STRICT, WITHOUT ROWID;

CREATE TABLE risk_weights (
  version TEXT PRIMARY KEY,
  fitted_at TEXT NOT NULL,
  weights TEXT NOT NULL,             -- JSON: by age, intercept and weight a part
  figures TEXT NOT NULL,             -- JSON: rows, outcomes, Brier, area under the curve
  current INTEGER NOT NULL DEFAULT 0 -- 1: the ones that thread risks are scored with
) STRICT;

ALTER TABLE feedback ADD COLUMN until TEXT;   -- null: no snooze

CREATE TABLE thresholds (
  id INTEGER PRIMARY KEY,
  brand TEXT NOT NULL,               -- '' for all brands
  name TEXT NOT NULL,
  value REAL NOT NULL,
  applied_at TEXT NOT NULL,
  why TEXT NOT NULL,
  withdrawn_at TEXT                  -- null: in force
) STRICT;
"""
