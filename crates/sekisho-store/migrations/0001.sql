-- Times are milliseconds since 1970-01-01T00:00:00Z, months are year * 100 + month, money is in millionths of a yen.
-- Nobody and no group is ever deleted: usage, templates and the audit log go on naming them.

CREATE TABLE setting (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL,
    changed_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE principal (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL COLLATE NOCASE UNIQUE,
    kind TEXT NOT NULL CHECK (kind IN ('user', 'system')),
    display_name TEXT NOT NULL,
    issuer TEXT,
    subject TEXT,
    label_max TEXT,
    created_ms INTEGER NOT NULL,
    disabled_ms INTEGER,
    CHECK ((issuer IS NULL) = (subject IS NULL)),
    UNIQUE (issuer, subject)
) STRICT;

CREATE TABLE user_group (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL COLLATE NOCASE UNIQUE,
    display_name TEXT NOT NULL,
    created_ms INTEGER NOT NULL,
    retired_ms INTEGER
) STRICT;

CREATE TABLE membership (
    principal INTEGER NOT NULL REFERENCES principal (id),
    user_group INTEGER NOT NULL REFERENCES user_group (id),
    -- What an identity provider says is replaced at each sign-in; what was written here by hand stays.
    source TEXT NOT NULL CHECK (source IN ('local', 'external')),
    PRIMARY KEY (principal, user_group, source)
) STRICT, WITHOUT ROWID;

CREATE TABLE group_role (
    user_group INTEGER NOT NULL REFERENCES user_group (id),
    role TEXT NOT NULL,
    PRIMARY KEY (user_group, role)
) STRICT, WITHOUT ROWID;

CREATE TABLE api_key (
    id TEXT PRIMARY KEY,
    principal INTEGER NOT NULL REFERENCES principal (id),
    name TEXT NOT NULL,
    mac BLOB NOT NULL CHECK (length(mac) = 32),
    scope TEXT NOT NULL,
    created_ms INTEGER NOT NULL,
    expires_ms INTEGER,
    revoked_ms INTEGER,
    last_used_ms INTEGER,
    replaces TEXT REFERENCES api_key (id)
) STRICT, WITHOUT ROWID;
CREATE INDEX api_key_principal ON api_key (principal);

-- Month 0 stands for every month that has no limits of its own. NULL is no limit.
CREATE TABLE budget (
    subject_kind TEXT NOT NULL CHECK (subject_kind IN ('principal', 'group')),
    subject INTEGER NOT NULL,
    month INTEGER NOT NULL,
    tokens_max INTEGER CHECK (tokens_max >= 0),
    micro_yen_max INTEGER CHECK (micro_yen_max >= 0),
    changed_ms INTEGER NOT NULL,
    PRIMARY KEY (subject_kind, subject, month)
) STRICT, WITHOUT ROWID;

-- Model '' holds what was spent without being accounted for: holds dropped, and leases written off after a crash.
CREATE TABLE usage (
    subject_kind TEXT NOT NULL CHECK (subject_kind IN ('principal', 'group')),
    subject INTEGER NOT NULL,
    month INTEGER NOT NULL,
    model TEXT NOT NULL,
    requests INTEGER NOT NULL CHECK (requests >= 0),
    prompt_tokens INTEGER NOT NULL CHECK (prompt_tokens >= 0),
    completion_tokens INTEGER NOT NULL CHECK (completion_tokens >= 0),
    unaccounted_tokens INTEGER NOT NULL CHECK (unaccounted_tokens >= 0),
    micro_yen INTEGER NOT NULL CHECK (micro_yen >= 0),
    PRIMARY KEY (subject_kind, subject, month, model)
) STRICT, WITHOUT ROWID;

-- One life of a process that reserves. `open` holds the numbers below `next_seq` that were not settled at the last flush.
CREATE TABLE run (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    started_ms INTEGER NOT NULL,
    seen_ms INTEGER NOT NULL,
    next_seq INTEGER NOT NULL,
    open BLOB NOT NULL
) STRICT;

-- What a run may spend of a budget; counts as spent until the run gives it back or books it as usage.
CREATE TABLE lease (
    run INTEGER NOT NULL REFERENCES run (id),
    subject_kind TEXT NOT NULL CHECK (subject_kind IN ('principal', 'group')),
    subject INTEGER NOT NULL,
    month INTEGER NOT NULL,
    tokens INTEGER NOT NULL CHECK (tokens >= 0),
    micro_yen INTEGER NOT NULL CHECK (micro_yen >= 0),
    PRIMARY KEY (subject_kind, subject, month, run)
) STRICT, WITHOUT ROWID;

CREATE TABLE template (
    name TEXT NOT NULL,
    version INTEGER NOT NULL CHECK (version > 0),
    state TEXT NOT NULL CHECK (state IN ('draft', 'approved', 'retired')),
    revision INTEGER NOT NULL,
    text TEXT NOT NULL,
    author INTEGER NOT NULL REFERENCES principal (id),
    created_ms INTEGER NOT NULL,
    approved_by INTEGER REFERENCES principal (id),
    approved_ms INTEGER,
    retired_by INTEGER REFERENCES principal (id),
    retired_ms INTEGER,
    CHECK (approved_by IS NULL OR approved_by <> author),
    CHECK (state <> 'approved' OR (approved_by IS NOT NULL AND approved_ms IS NOT NULL)),
    PRIMARY KEY (name, version)
) STRICT;

-- Everybody who wrote on a draft: none of them may approve it.
CREATE TABLE template_writer (
    name TEXT NOT NULL,
    version INTEGER NOT NULL,
    principal INTEGER NOT NULL REFERENCES principal (id),
    PRIMARY KEY (name, version, principal),
    FOREIGN KEY (name, version) REFERENCES template (name, version)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER template_text_is_fixed BEFORE UPDATE OF name, version, text, author ON template
WHEN OLD.state <> 'draft' AND (NEW.text <> OLD.text OR NEW.name <> OLD.name
    OR NEW.version <> OLD.version OR NEW.author <> OLD.author)
BEGIN SELECT RAISE(ABORT, 'a template that was approved cannot change'); END;

CREATE TRIGGER template_state_goes_forward BEFORE UPDATE OF state ON template
WHEN (OLD.state = 'approved' AND NEW.state = 'draft') OR (OLD.state = 'retired' AND NEW.state <> 'retired')
BEGIN SELECT RAISE(ABORT, 'a template does not go back'); END;

CREATE TRIGGER template_stays BEFORE DELETE ON template
BEGIN SELECT RAISE(ABORT, 'a template is not deleted'); END;

CREATE TRIGGER template_needs_another_pair_of_eyes BEFORE UPDATE OF approved_by ON template
WHEN NEW.approved_by IS NOT NULL AND EXISTS (SELECT 1 FROM template_writer AS w
    WHERE w.name = NEW.name AND w.version = NEW.version AND w.principal = NEW.approved_by)
BEGIN SELECT RAISE(ABORT, 'who wrote a template does not approve it'); END;
