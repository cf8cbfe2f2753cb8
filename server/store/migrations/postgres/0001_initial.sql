-- Lanyard's tables. The SQLite and PostgreSQL folders hold the same tables and columns
-- under the same numbers (a test compares them); only types and locking differ.

CREATE TABLE organisations (
    id UUID NOT NULL PRIMARY KEY,
    code TEXT NOT NULL,
    slug TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    preset TEXT NOT NULL,
    policy JSONB NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    closed_at TIMESTAMPTZ
);

CREATE TABLE areas (
    id UUID NOT NULL PRIMARY KEY,
    organisation_id UUID NOT NULL REFERENCES organisations (id),
    parent_id UUID,
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    position BIGINT NOT NULL,
    closed_at TIMESTAMPTZ,
    UNIQUE (organisation_id, id),
    FOREIGN KEY (organisation_id, parent_id) REFERENCES areas (organisation_id, id)
);

-- Every area with each area around it, and with itself: "this and everything inside it" is one
-- comparison (R69). Kept by a trigger.
CREATE TABLE area_ancestors (
    organisation_id UUID NOT NULL,
    area_id UUID NOT NULL,
    ancestor_id UUID NOT NULL,
    PRIMARY KEY (organisation_id, area_id, ancestor_id),
    FOREIGN KEY (organisation_id, area_id) REFERENCES areas (organisation_id, id),
    FOREIGN KEY (organisation_id, ancestor_id) REFERENCES areas (organisation_id, id)
);
CREATE INDEX area_ancestors_by_ancestor ON area_ancestors (organisation_id, ancestor_id, area_id);

CREATE TABLE services (
    id UUID NOT NULL PRIMARY KEY,
    organisation_id UUID NOT NULL REFERENCES organisations (id),
    key TEXT NOT NULL,
    name TEXT NOT NULL,
    roles_per_member BIGINT,
    UNIQUE (organisation_id, id),
    UNIQUE (organisation_id, key)
);

CREATE TABLE tasks (
    id UUID NOT NULL PRIMARY KEY,
    organisation_id UUID NOT NULL,
    service_id UUID NOT NULL,
    name TEXT NOT NULL,
    position BIGINT NOT NULL,
    UNIQUE (organisation_id, id),
    FOREIGN KEY (organisation_id, service_id) REFERENCES services (organisation_id, id)
);

CREATE TABLE roles (
    id UUID NOT NULL PRIMARY KEY,
    organisation_id UUID NOT NULL,
    service_id UUID NOT NULL,
    key TEXT NOT NULL,
    name TEXT NOT NULL,
    summary TEXT NOT NULL,
    permissions JSONB NOT NULL,
    seat_limit BIGINT,
    privileged BOOLEAN NOT NULL,
    scope_allowed BOOLEAN NOT NULL,
    position BIGINT NOT NULL,
    UNIQUE (organisation_id, id),
    UNIQUE (organisation_id, service_id, key),
    FOREIGN KEY (organisation_id, service_id) REFERENCES services (organisation_id, id)
);

CREATE TABLE role_tasks (
    organisation_id UUID NOT NULL,
    role_id UUID NOT NULL,
    task_id UUID NOT NULL,
    PRIMARY KEY (organisation_id, role_id, task_id),
    FOREIGN KEY (organisation_id, role_id) REFERENCES roles (organisation_id, id),
    FOREIGN KEY (organisation_id, task_id) REFERENCES tasks (organisation_id, id)
);

-- One account for a person, across organisations. `registered_at` is empty until the person
-- has set a password from an emailed link; until then the row only holds the address.
CREATE TABLE users (
    id UUID NOT NULL PRIMARY KEY,
    email TEXT NOT NULL,
    email_key TEXT NOT NULL UNIQUE,
    first_name TEXT NOT NULL,
    last_name TEXT NOT NULL,
    mobile TEXT,
    password_hash TEXT,
    security_epoch BIGINT NOT NULL,
    registered_at TIMESTAMPTZ,
    created_at TIMESTAMPTZ NOT NULL,
    version BIGINT NOT NULL
);

CREATE TABLE memberships (
    id UUID NOT NULL PRIMARY KEY,
    organisation_id UUID NOT NULL REFERENCES organisations (id),
    user_id UUID NOT NULL REFERENCES users (id),
    status TEXT NOT NULL CHECK (status IN ('pending', 'active', 'inactive', 'cancelled')),
    sort_name TEXT COLLATE "C" NOT NULL,
    job_title TEXT NOT NULL,
    -- What whoever invited them calls them: it counts, here only, until they have registered.
    known_first_name TEXT NOT NULL,
    known_last_name TEXT NOT NULL,
    -- Whether they are registered with a professional body; empty where nobody asked.
    clinician BOOLEAN,
    registration_number TEXT NOT NULL,
    notes TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    activated_at TIMESTAMPTZ,
    deactivated_at TIMESTAMPTZ,
    last_signed_in_at TIMESTAMPTZ,
    -- What the newest invitation says, so that a list needs no join and Expired is never stale.
    invited_at TIMESTAMPTZ,
    invitation_expires_at TIMESTAMPTZ,
    delivery_failed_at TIMESTAMPTZ,
    -- One bit for each first letter of the member's words: a search skips whoever cannot match
    -- without looking their words up.
    initials BIGINT NOT NULL DEFAULT 0,
    version BIGINT NOT NULL,
    UNIQUE (organisation_id, id),
    UNIQUE (organisation_id, user_id)
);
-- The list walks these in its order; they hold everything by which it filters, the initials, which
-- leave out most, as near to the front as can be.
CREATE INDEX memberships_by_name ON memberships (organisation_id, sort_name, id, initials, status, invitation_expires_at, delivery_failed_at, last_signed_in_at);
CREATE INDEX memberships_by_status ON memberships (organisation_id, status, sort_name, id, initials, invitation_expires_at, delivery_failed_at, last_signed_in_at);
CREATE INDEX memberships_by_last_sign_in ON memberships (organisation_id, last_signed_in_at NULLS FIRST, id, initials, status, invitation_expires_at, delivery_failed_at, sort_name);
CREATE INDEX memberships_by_invited ON memberships (organisation_id, invited_at NULLS FIRST, id, initials, status, invitation_expires_at, delivery_failed_at, last_signed_in_at);
CREATE INDEX memberships_by_end ON memberships (organisation_id, invitation_expires_at, delivery_failed_at, id, status) WHERE status = 'pending';
CREATE INDEX memberships_failed ON memberships (organisation_id, delivery_failed_at, invitation_expires_at, id, status) WHERE status = 'pending' AND delivery_failed_at IS NOT NULL;
CREATE INDEX memberships_by_user ON memberships (user_id);

-- The words by whose beginnings people find a member: names, parts of the address.
CREATE TABLE membership_words (
    organisation_id UUID NOT NULL,
    word TEXT COLLATE "C" NOT NULL,
    membership_id UUID NOT NULL,
    PRIMARY KEY (organisation_id, word, membership_id),
    FOREIGN KEY (organisation_id, membership_id) REFERENCES memberships (organisation_id, id)
);
CREATE INDEX membership_words_by_member ON membership_words (organisation_id, membership_id, word);

CREATE TABLE role_assignments (
    id UUID NOT NULL PRIMARY KEY,
    organisation_id UUID NOT NULL,
    membership_id UUID NOT NULL,
    role_id UUID NOT NULL,
    -- Empty: the whole organisation.
    area_id UUID,
    starts_at TIMESTAMPTZ,
    ends_at TIMESTAMPTZ,
    granted_by UUID REFERENCES users (id),
    granted_at TIMESTAMPTZ NOT NULL,
    UNIQUE (organisation_id, id),
    FOREIGN KEY (organisation_id, membership_id) REFERENCES memberships (organisation_id, id),
    FOREIGN KEY (organisation_id, role_id) REFERENCES roles (organisation_id, id),
    FOREIGN KEY (organisation_id, area_id) REFERENCES areas (organisation_id, id)
);
CREATE INDEX role_assignments_by_member ON role_assignments (organisation_id, membership_id, role_id, area_id, ends_at);
CREATE INDEX role_assignments_by_role ON role_assignments (organisation_id, role_id, membership_id);
CREATE INDEX role_assignments_by_end ON role_assignments (organisation_id, ends_at, membership_id) WHERE ends_at IS NOT NULL;
CREATE INDEX role_assignments_by_start ON role_assignments (organisation_id, starts_at, membership_id) WHERE starts_at IS NOT NULL;
CREATE INDEX role_assignments_by_area ON role_assignments (organisation_id, area_id, membership_id);

-- What members are filtered by, one row for each member and key: the id of a role they have, of
-- an area they have one in, or of an area around that; only zeros while they have no role at all.
-- Of those who have joined, zeros with 1 while they have a second factor and with 2 while they have none;
-- of registered clinicians zeros with 3. Kept by triggers, like the tallies.
CREATE TABLE membership_facets (
    organisation_id UUID NOT NULL,
    key UUID NOT NULL,
    sort_name TEXT COLLATE "C" NOT NULL,
    membership_id UUID NOT NULL,
    status TEXT NOT NULL,
    initials BIGINT NOT NULL,
    last_signed_in_at TIMESTAMPTZ,
    PRIMARY KEY (organisation_id, membership_id, key),
    FOREIGN KEY (organisation_id, membership_id) REFERENCES memberships (organisation_id, id)
);
CREATE INDEX membership_facets_by_key ON membership_facets (organisation_id, key, sort_name, membership_id, initials, status, last_signed_in_at);

-- How many members have a key and a status as stored; the organisation's own id is the key of
-- everybody. The count is the sum over the slots: in PostgreSQL a transaction that finds a slot
-- in use takes another instead of waiting. Whatever changes facets adds to the changes, so that
-- counts that were made before are known to be right still.
CREATE TABLE membership_tallies (
    organisation_id UUID NOT NULL REFERENCES organisations (id),
    key UUID NOT NULL,
    status TEXT NOT NULL,
    slot BIGINT NOT NULL,
    people BIGINT NOT NULL,
    changes BIGINT NOT NULL DEFAULT 1,
    PRIMARY KEY (organisation_id, key, status, slot)
);

-- One row for each place of a limited role (R70): claimed by an update that must touch one row.
CREATE TABLE role_seats (
    organisation_id UUID NOT NULL,
    role_id UUID NOT NULL,
    seat_number BIGINT NOT NULL,
    membership_id UUID,
    PRIMARY KEY (organisation_id, role_id, seat_number),
    UNIQUE (organisation_id, role_id, membership_id),
    FOREIGN KEY (organisation_id, role_id) REFERENCES roles (organisation_id, id),
    FOREIGN KEY (organisation_id, membership_id) REFERENCES memberships (organisation_id, id)
);

CREATE TABLE invitation_batches (
    id UUID NOT NULL PRIMARY KEY,
    organisation_id UUID NOT NULL REFERENCES organisations (id),
    created_by UUID NOT NULL REFERENCES users (id),
    role_id UUID NOT NULL,
    message TEXT NOT NULL,
    total BIGINT NOT NULL,
    -- For how many entries something was to be done.
    to_send BIGINT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    finished_at TIMESTAMPTZ,
    stopped_at TIMESTAMPTZ,
    leased_until TIMESTAMPTZ,
    UNIQUE (organisation_id, id),
    FOREIGN KEY (organisation_id, role_id) REFERENCES roles (organisation_id, id)
);
CREATE INDEX invitation_batches_open ON invitation_batches (finished_at, created_at);
CREATE INDEX invitation_batches_by_time ON invitation_batches (organisation_id, created_at);

CREATE TABLE invitation_batch_areas (
    organisation_id UUID NOT NULL,
    batch_id UUID NOT NULL,
    area_id UUID NOT NULL,
    PRIMARY KEY (organisation_id, batch_id, area_id),
    FOREIGN KEY (organisation_id, batch_id) REFERENCES invitation_batches (organisation_id, id),
    FOREIGN KEY (organisation_id, area_id) REFERENCES areas (organisation_id, id)
);

-- What was entered, line by line. Every entry ends with exactly one outcome (R97).
CREATE TABLE invitation_entries (
    id UUID NOT NULL PRIMARY KEY,
    organisation_id UUID NOT NULL,
    batch_id UUID NOT NULL,
    position BIGINT NOT NULL,
    line BIGINT NOT NULL,
    entered TEXT NOT NULL,
    email TEXT,
    name TEXT NOT NULL,
    wish TEXT NOT NULL CHECK (wish IN ('invite', 'send_again', 'give_role', 'nothing')),
    outcome TEXT,
    membership_id UUID,
    processed_at TIMESTAMPTZ,
    UNIQUE (organisation_id, batch_id, position),
    FOREIGN KEY (organisation_id, batch_id) REFERENCES invitation_batches (organisation_id, id),
    FOREIGN KEY (organisation_id, membership_id) REFERENCES memberships (organisation_id, id)
);
CREATE INDEX invitation_entries_by_outcome ON invitation_entries (organisation_id, batch_id, outcome, position);

CREATE TABLE invitations (
    id UUID NOT NULL PRIMARY KEY,
    organisation_id UUID NOT NULL,
    membership_id UUID NOT NULL,
    batch_id UUID,
    invited_by UUID REFERENCES users (id),
    message TEXT NOT NULL,
    -- SHA-256 of the token; the token itself is only in the email (R15).
    token_digest BYTEA NOT NULL UNIQUE CHECK (length(token_digest) = 32),
    status TEXT NOT NULL CHECK (status IN ('open', 'accepted', 'cancelled', 'declined', 'replaced')),
    delivery TEXT NOT NULL CHECK (delivery IN ('queued', 'sent', 'failed', 'printed')),
    created_at TIMESTAMPTZ NOT NULL,
    sent_at TIMESTAMPTZ,
    expires_at TIMESTAMPTZ NOT NULL,
    closed_at TIMESTAMPTZ,
    new_one_asked_at TIMESTAMPTZ,
    UNIQUE (organisation_id, id),
    FOREIGN KEY (organisation_id, membership_id) REFERENCES memberships (organisation_id, id),
    FOREIGN KEY (organisation_id, batch_id) REFERENCES invitation_batches (organisation_id, id)
);
CREATE UNIQUE INDEX invitations_one_open ON invitations (organisation_id, membership_id) WHERE status = 'open';
CREATE INDEX invitations_by_member ON invitations (organisation_id, membership_id, created_at);
CREATE INDEX invitations_by_batch ON invitations (organisation_id, batch_id, delivery);
CREATE INDEX invitations_by_time ON invitations (organisation_id, created_at);

-- The answers of somebody who is registering; nothing of it counts before the last step.
CREATE TABLE registrations (
    id UUID NOT NULL PRIMARY KEY,
    organisation_id UUID NOT NULL,
    invitation_id UUID NOT NULL,
    flow_digest BYTEA NOT NULL UNIQUE CHECK (length(flow_digest) = 32),
    answers JSONB NOT NULL,
    password_hash TEXT,
    factor_secret BYTEA,
    expires_at TIMESTAMPTZ NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    FOREIGN KEY (organisation_id, invitation_id) REFERENCES invitations (organisation_id, id)
);

CREATE TABLE sessions (
    id UUID NOT NULL PRIMARY KEY,
    token_digest BYTEA NOT NULL UNIQUE CHECK (length(token_digest) = 32),
    user_id UUID NOT NULL REFERENCES users (id),
    -- 1: password only, may reach nothing but the second step (R39); 2: complete.
    assurance BIGINT NOT NULL,
    methods TEXT NOT NULL,
    security_epoch BIGINT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    authenticated_at TIMESTAMPTZ NOT NULL,
    last_seen_at TIMESTAMPTZ NOT NULL,
    idle_minutes BIGINT NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL,
    return_to TEXT NOT NULL,
    last_organisation TEXT,
    ip TEXT NOT NULL,
    user_agent TEXT NOT NULL
);
CREATE INDEX sessions_by_user ON sessions (user_id);

CREATE TABLE known_devices (
    digest BYTEA NOT NULL PRIMARY KEY CHECK (length(digest) = 32),
    user_id UUID NOT NULL REFERENCES users (id),
    security_epoch BIGINT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX known_devices_by_user ON known_devices (user_id);

CREATE TABLE second_factors (
    id UUID NOT NULL PRIMARY KEY,
    user_id UUID NOT NULL REFERENCES users (id),
    kind TEXT NOT NULL CHECK (kind IN ('authenticator', 'sms', 'email', 'passkey')),
    -- Sealed with the key file; only for authenticator apps.
    secret BYTEA,
    last_step BIGINT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    UNIQUE (user_id, kind)
);

CREATE TABLE recovery_codes (
    user_id UUID NOT NULL REFERENCES users (id),
    digest BYTEA NOT NULL CHECK (length(digest) = 32),
    used_at TIMESTAMPTZ,
    PRIMARY KEY (user_id, digest)
);

-- A code sent by email or text message, bound to one session or registration (R42).
CREATE TABLE code_challenges (
    id UUID NOT NULL PRIMARY KEY,
    binding BYTEA NOT NULL UNIQUE CHECK (length(binding) = 32),
    kind TEXT NOT NULL,
    digest BYTEA NOT NULL CHECK (length(digest) = 32),
    attempts BIGINT NOT NULL,
    sent_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL
);

-- One-time links that are not invitations: password resets and the first set-up.
CREATE TABLE account_links (
    id UUID NOT NULL PRIMARY KEY,
    purpose TEXT NOT NULL CHECK (purpose IN ('reset', 'set_up')),
    user_id UUID REFERENCES users (id),
    token_digest BYTEA NOT NULL UNIQUE CHECK (length(token_digest) = 32),
    security_epoch BIGINT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL,
    consumed_at TIMESTAMPTZ,
    revoked_at TIMESTAMPTZ
);

-- Throttle buckets and counters; the key is a keyed digest, never an address (R34).
CREATE TABLE throttles (
    key BYTEA NOT NULL PRIMARY KEY,
    -- GCRA: the theoretical arrival time of the next request.
    arrival_at TIMESTAMPTZ NOT NULL,
    failures BIGINT NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL
);

-- What was typed in a form that was refused, kept for 30 minutes.
CREATE TABLE form_drafts (
    id UUID NOT NULL PRIMARY KEY,
    owner_digest BYTEA NOT NULL,
    state JSONB NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX form_drafts_by_expiry ON form_drafts (expires_at);

-- One change of many members at once; with `undoes` it takes back what another one changed.
CREATE TABLE bulk_jobs (
    id UUID NOT NULL PRIMARY KEY,
    organisation_id UUID NOT NULL REFERENCES organisations (id),
    created_by UUID NOT NULL REFERENCES users (id),
    action TEXT NOT NULL CHECK (action IN ('role', 'areas', 'end-date', 'resend', 'cancel', 'deactivate', 'reactivate')),
    undoes UUID,
    -- What was answered, apart from who was selected.
    answers JSONB NOT NULL,
    total BIGINT NOT NULL,
    -- For how many people something was to be done.
    to_do BIGINT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    finished_at TIMESTAMPTZ,
    stopped_at TIMESTAMPTZ,
    leased_until TIMESTAMPTZ,
    UNIQUE (organisation_id, id),
    -- A job is taken back once.
    UNIQUE (organisation_id, undoes),
    FOREIGN KEY (organisation_id, undoes) REFERENCES bulk_jobs (organisation_id, id)
);
CREATE INDEX bulk_jobs_open ON bulk_jobs (finished_at, created_at);
CREATE INDEX bulk_jobs_by_time ON bulk_jobs (organisation_id, created_at);

-- Everybody who was selected. Every entry ends with exactly one outcome.
CREATE TABLE bulk_job_entries (
    organisation_id UUID NOT NULL,
    job_id UUID NOT NULL,
    position BIGINT NOT NULL,
    membership_id UUID NOT NULL,
    -- Whether something was to be done; whoever was left out has an outcome from the start.
    planned BOOLEAN NOT NULL,
    outcome TEXT,
    -- What was changed; in a job that takes back, what is taken back.
    change_id UUID,
    processed_at TIMESTAMPTZ,
    PRIMARY KEY (organisation_id, job_id, position),
    UNIQUE (organisation_id, job_id, membership_id),
    FOREIGN KEY (organisation_id, job_id) REFERENCES bulk_jobs (organisation_id, id),
    FOREIGN KEY (organisation_id, membership_id) REFERENCES memberships (organisation_id, id)
);
CREATE INDEX bulk_job_entries_by_outcome ON bulk_job_entries (organisation_id, job_id, outcome, position);

-- The answers of a journey of several pages (invite several people, change several people).
CREATE TABLE journeys (
    id UUID NOT NULL PRIMARY KEY,
    organisation_id UUID NOT NULL REFERENCES organisations (id),
    user_id UUID NOT NULL REFERENCES users (id),
    kind TEXT NOT NULL,
    answers JSONB NOT NULL,
    batch_id UUID,
    job_id UUID,
    version BIGINT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL,
    UNIQUE (organisation_id, id),
    FOREIGN KEY (organisation_id, batch_id) REFERENCES invitation_batches (organisation_id, id),
    FOREIGN KEY (organisation_id, job_id) REFERENCES bulk_jobs (organisation_id, id)
);
CREATE INDEX journeys_by_expiry ON journeys (expires_at);

CREATE TABLE terms (
    id UUID NOT NULL PRIMARY KEY,
    key TEXT NOT NULL,
    version TEXT NOT NULL,
    title TEXT NOT NULL,
    body TEXT NOT NULL,
    approved_by TEXT NOT NULL,
    published_at TIMESTAMPTZ NOT NULL,
    UNIQUE (key, version)
);

CREATE TABLE terms_acceptances (
    user_id UUID NOT NULL REFERENCES users (id),
    terms_id UUID NOT NULL REFERENCES terms (id),
    organisation_id UUID REFERENCES organisations (id),
    accepted_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (user_id, terms_id)
);

CREATE TABLE outbox (
    id UUID NOT NULL PRIMARY KEY,
    channel TEXT NOT NULL CHECK (channel IN ('email', 'sms')),
    kind TEXT NOT NULL,
    organisation_id UUID REFERENCES organisations (id),
    invitation_id UUID,
    recipient TEXT NOT NULL,
    -- Values for the template; the secret part (link token, code) is sealed and wiped once sent.
    content JSONB NOT NULL,
    secret BYTEA,
    status TEXT NOT NULL CHECK (status IN ('queued', 'sent', 'failed', 'cancelled')),
    attempts BIGINT NOT NULL,
    last_error TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    next_attempt_at TIMESTAMPTZ NOT NULL,
    leased_until TIMESTAMPTZ,
    not_after TIMESTAMPTZ,
    sent_at TIMESTAMPTZ
);
CREATE INDEX outbox_due ON outbox (status, next_attempt_at);
-- What somebody waits for (a code, a link) goes before the invitations of a bulk send.
CREATE INDEX outbox_urgent ON outbox (next_attempt_at) WHERE status = 'queued' AND invitation_id IS NULL;
CREATE INDEX outbox_late ON outbox (not_after) WHERE status = 'queued';
CREATE INDEX outbox_by_invitation ON outbox (invitation_id);

-- What a membership was before a change, so that it can be taken back (ux 6.5).
CREATE TABLE membership_changes (
    id UUID NOT NULL PRIMARY KEY,
    organisation_id UUID NOT NULL,
    membership_id UUID NOT NULL,
    thing TEXT NOT NULL CHECK (thing IN ('access', 'details', 'status', 'invitation')),
    state_before JSONB NOT NULL,
    reason TEXT NOT NULL,
    -- The email that tells the person, while it is held.
    message_id UUID,
    changed_by UUID REFERENCES users (id),
    changed_at TIMESTAMPTZ NOT NULL,
    undone_at TIMESTAMPTZ,
    UNIQUE (organisation_id, id),
    FOREIGN KEY (organisation_id, membership_id) REFERENCES memberships (organisation_id, id)
);
CREATE INDEX membership_changes_of ON membership_changes (organisation_id, membership_id, thing, changed_at);

CREATE TABLE audit_events (
    id UUID NOT NULL PRIMARY KEY,
    -- Empty for what belongs to no organisation (signing in).
    organisation_id UUID REFERENCES organisations (id),
    sequence BIGINT NOT NULL,
    kind TEXT NOT NULL,
    actor_id UUID,
    actor_name TEXT NOT NULL,
    subject_id UUID,
    subject_name TEXT NOT NULL,
    details JSONB NOT NULL,
    request_id TEXT NOT NULL,
    ip TEXT NOT NULL,
    method TEXT NOT NULL,
    at TIMESTAMPTZ NOT NULL,
    previous_hash BYTEA NOT NULL,
    hash BYTEA NOT NULL
);
CREATE UNIQUE INDEX audit_events_order ON audit_events (organisation_id, sequence);
-- Nothing is ever equal to an empty organisation, so what belongs to none needs a rule of its own.
CREATE UNIQUE INDEX audit_events_order_of_none ON audit_events (sequence) WHERE organisation_id IS NULL;
-- Activity is read newest first: all of it, about somebody, by somebody, of a kind.
CREATE INDEX audit_events_by_time ON audit_events (organisation_id, at, sequence);
CREATE INDEX audit_events_by_subject ON audit_events (organisation_id, subject_id, at, sequence);
CREATE INDEX audit_events_by_actor ON audit_events (organisation_id, actor_id, at, sequence, kind);
CREATE INDEX audit_events_by_kind ON audit_events (organisation_id, kind, at, sequence);

-- The end of each organisation's chain of audit events, locked while one is added.
CREATE TABLE audit_chains (
    chain BYTEA NOT NULL PRIMARY KEY,
    sequence BIGINT NOT NULL,
    hash BYTEA NOT NULL,
    -- Made with a key that the database does not hold: whoever rewrites a whole chain cannot make it.
    -- Empty while nothing was added.
    seal BYTEA NOT NULL
);

-- One row that is written to see whether writing works (R109).
CREATE TABLE health_checks (
    id BIGINT NOT NULL PRIMARY KEY CHECK (id = 1),
    checked_at TIMESTAMPTZ NOT NULL
);

-- Audit events are only ever added (R103).
CREATE FUNCTION audit_events_are_final() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'audit events are never changed or deleted'; END $$;
CREATE TRIGGER audit_events_no_change BEFORE UPDATE OR DELETE ON audit_events
FOR EACH ROW EXECUTE FUNCTION audit_events_are_final();
CREATE TRIGGER audit_events_no_truncate BEFORE TRUNCATE ON audit_events
FOR EACH STATEMENT EXECUTE FUNCTION audit_events_are_final();
CREATE FUNCTION audit_chains_are_final() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'chains of audit events only grow'; END $$;
CREATE TRIGGER audit_chains_only_grow BEFORE UPDATE ON audit_chains FOR EACH ROW
WHEN (NEW.sequence < OLD.sequence OR NEW.chain <> OLD.chain)
EXECUTE FUNCTION audit_chains_are_final();
CREATE TRIGGER audit_chains_stay BEFORE DELETE ON audit_chains
FOR EACH ROW EXECUTE FUNCTION audit_chains_are_final();
CREATE TRIGGER audit_chains_no_truncate BEFORE TRUNCATE ON audit_chains
FOR EACH STATEMENT EXECUTE FUNCTION audit_chains_are_final();

-- An area is inside itself and inside whatever its parent is inside of.
CREATE FUNCTION area_added() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO area_ancestors (organisation_id, area_id, ancestor_id)
    SELECT NEW.organisation_id, NEW.id, NEW.id
    UNION ALL
    SELECT organisation_id, NEW.id, ancestor_id FROM area_ancestors
    WHERE organisation_id = NEW.organisation_id AND area_id = NEW.parent_id;
    RETURN NULL;
END $$;
CREATE TRIGGER areas_added AFTER INSERT ON areas FOR EACH ROW EXECUTE FUNCTION area_added();
-- Moving an area has to rebuild what is derived from its place.
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION '%', TG_ARGV[0]; END $$;
CREATE TRIGGER areas_stay BEFORE UPDATE OF parent_id ON areas FOR EACH ROW
WHEN (NEW.parent_id IS DISTINCT FROM OLD.parent_id)
EXECUTE FUNCTION refuse_change('areas are not moved by changing their parent');

-- An address is its owner's, who proves both mailboxes: whatever was begun with the old one ends in the same
-- statement (R60, R76). Nothing that manages people has a way to it.
CREATE TRIGGER users_email_stays BEFORE UPDATE OF email, email_key ON users FOR EACH ROW
WHEN ((NEW.email <> OLD.email OR NEW.email_key <> OLD.email_key) AND NEW.security_epoch <= OLD.security_epoch)
EXECUTE FUNCTION refuse_change('an address changes with everything that was begun with it');

-- Facets follow the role assignments, statement by statement.
CREATE FUNCTION role_assignments_added() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    DELETE FROM membership_facets f USING added a
    WHERE f.organisation_id = a.organisation_id AND f.membership_id = a.membership_id
      AND f.key = '00000000-0000-0000-0000-000000000000';
    INSERT INTO membership_facets (organisation_id, key, sort_name, membership_id, status, initials, last_signed_in_at)
    SELECT m.organisation_id, k.key, m.sort_name, m.id, m.status, m.initials, m.last_signed_in_at
    FROM (SELECT organisation_id, membership_id, role_id AS key FROM added
          UNION SELECT a.organisation_id, a.membership_id, n.ancestor_id FROM added a
          JOIN area_ancestors n ON n.organisation_id = a.organisation_id AND n.area_id = a.area_id) k
    JOIN memberships m ON m.organisation_id = k.organisation_id AND m.id = k.membership_id
    ON CONFLICT (organisation_id, membership_id, key) DO NOTHING;
    RETURN NULL;
END $$;
CREATE TRIGGER role_assignments_added AFTER INSERT ON role_assignments
REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION role_assignments_added();
CREATE FUNCTION role_assignments_removed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    DELETE FROM membership_facets f
    USING (SELECT DISTINCT organisation_id, membership_id FROM removed) r
    WHERE f.organisation_id = r.organisation_id AND f.membership_id = r.membership_id
      AND f.key NOT IN ('00000000-0000-0000-0000-000000000001', '00000000-0000-0000-0000-000000000002', '00000000-0000-0000-0000-000000000003')
      AND NOT EXISTS (SELECT 1 FROM role_assignments a
                      WHERE a.organisation_id = f.organisation_id AND a.membership_id = f.membership_id
                        AND a.role_id = f.key)
      AND NOT EXISTS (SELECT 1 FROM role_assignments a JOIN area_ancestors n
                        ON n.organisation_id = a.organisation_id AND n.area_id = a.area_id
                      WHERE a.organisation_id = f.organisation_id AND a.membership_id = f.membership_id
                        AND n.ancestor_id = f.key);
    INSERT INTO membership_facets (organisation_id, key, sort_name, membership_id, status, initials, last_signed_in_at)
    SELECT m.organisation_id, '00000000-0000-0000-0000-000000000000', m.sort_name, m.id, m.status, m.initials, m.last_signed_in_at
    FROM (SELECT DISTINCT organisation_id, membership_id FROM removed) r
    JOIN memberships m ON m.organisation_id = r.organisation_id AND m.id = r.membership_id
    WHERE NOT EXISTS (SELECT 1 FROM role_assignments a
                      WHERE a.organisation_id = m.organisation_id AND a.membership_id = m.id)
    ON CONFLICT (organisation_id, membership_id, key) DO NOTHING;
    RETURN NULL;
END $$;
CREATE TRIGGER role_assignments_removed AFTER DELETE ON role_assignments
REFERENCING OLD TABLE AS removed FOR EACH STATEMENT EXECUTE FUNCTION role_assignments_removed();
CREATE TRIGGER role_assignments_stay BEFORE UPDATE OF organisation_id, membership_id, role_id, area_id ON role_assignments
FOR EACH ROW EXECUTE FUNCTION refuse_change('a role assignment is replaced, not turned into another');

-- Adds to a tally in a slot that nobody else is using, or in a new one: nobody ever waits, so
-- nobody can wait for each other.
CREATE SEQUENCE membership_tally_slots;
CREATE FUNCTION tally(organisation UUID, counted UUID, counted_status TEXT, change BIGINT) RETURNS void LANGUAGE plpgsql AS $$
DECLARE free BIGINT;
BEGIN
    SELECT slot INTO free FROM membership_tallies
    WHERE organisation_id = organisation AND key = counted AND status = counted_status
    ORDER BY slot LIMIT 1 FOR UPDATE SKIP LOCKED;
    IF FOUND THEN
        UPDATE membership_tallies SET people = people + change, changes = changes + 1
        WHERE organisation_id = organisation AND key = counted AND status = counted_status AND slot = free;
    ELSE
        INSERT INTO membership_tallies (organisation_id, key, status, slot, people)
        VALUES (organisation, counted, counted_status, nextval('membership_tally_slots'), change);
    END IF;
END $$;

-- Tallies follow the memberships and the facets.
CREATE FUNCTION memberships_added() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    PERFORM tally(c.organisation_id, c.organisation_id, c.status, c.people)
    FROM (SELECT organisation_id, status, count(*) AS people FROM added GROUP BY organisation_id, status) c;
    INSERT INTO membership_facets (organisation_id, key, sort_name, membership_id, status, initials, last_signed_in_at)
    SELECT organisation_id, '00000000-0000-0000-0000-000000000000', sort_name, id, status, initials, last_signed_in_at FROM added
    UNION ALL
    SELECT organisation_id, (CASE WHEN EXISTS (SELECT 1 FROM second_factors s WHERE s.user_id = added.user_id)
        THEN '00000000-0000-0000-0000-000000000001' ELSE '00000000-0000-0000-0000-000000000002' END)::UUID, sort_name, id, status, initials, last_signed_in_at
    FROM added WHERE status IN ('active', 'inactive')
    UNION ALL
    SELECT organisation_id, '00000000-0000-0000-0000-000000000003', sort_name, id, status, initials, last_signed_in_at FROM added WHERE clinician;
    RETURN NULL;
END $$;
CREATE TRIGGER memberships_added AFTER INSERT ON memberships
REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION memberships_added();
CREATE FUNCTION membership_changed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF NEW.status <> OLD.status THEN
        PERFORM tally(OLD.organisation_id, OLD.organisation_id, OLD.status, -1);
        PERFORM tally(NEW.organisation_id, NEW.organisation_id, NEW.status, 1);
    END IF;
    UPDATE membership_facets SET status = NEW.status, sort_name = NEW.sort_name, initials = NEW.initials
    WHERE organisation_id = NEW.organisation_id AND membership_id = NEW.id;
    -- What an account has is nobody's business before its owner has joined.
    IF NEW.status NOT IN ('active', 'inactive') THEN
        DELETE FROM membership_facets
        WHERE organisation_id = NEW.organisation_id AND membership_id = NEW.id
          AND key IN ('00000000-0000-0000-0000-000000000001', '00000000-0000-0000-0000-000000000002');
    ELSIF OLD.status NOT IN ('active', 'inactive') THEN
        INSERT INTO membership_facets (organisation_id, key, sort_name, membership_id, status, initials, last_signed_in_at)
        SELECT NEW.organisation_id, (CASE WHEN EXISTS (SELECT 1 FROM second_factors WHERE user_id = NEW.user_id)
            THEN '00000000-0000-0000-0000-000000000001' ELSE '00000000-0000-0000-0000-000000000002' END)::UUID, NEW.sort_name, NEW.id, NEW.status, NEW.initials, NEW.last_signed_in_at;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER memberships_changed AFTER UPDATE OF status, sort_name, initials ON memberships FOR EACH ROW
WHEN (NEW.status <> OLD.status OR NEW.sort_name <> OLD.sort_name OR NEW.initials <> OLD.initials)
EXECUTE FUNCTION membership_changed();
CREATE FUNCTION membership_signed_in() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    UPDATE membership_facets SET last_signed_in_at = NEW.last_signed_in_at
    WHERE organisation_id = NEW.organisation_id AND membership_id = NEW.id;
    RETURN NULL;
END $$;
CREATE TRIGGER memberships_signed_in AFTER UPDATE OF last_signed_in_at ON memberships FOR EACH ROW
WHEN (NEW.last_signed_in_at IS DISTINCT FROM OLD.last_signed_in_at)
EXECUTE FUNCTION membership_signed_in();
CREATE FUNCTION membership_clinician() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    DELETE FROM membership_facets
    WHERE organisation_id = NEW.organisation_id AND membership_id = NEW.id AND key = '00000000-0000-0000-0000-000000000003';
    IF NEW.clinician THEN
        INSERT INTO membership_facets (organisation_id, key, sort_name, membership_id, status, initials, last_signed_in_at)
        VALUES (NEW.organisation_id, '00000000-0000-0000-0000-000000000003', NEW.sort_name, NEW.id, NEW.status, NEW.initials, NEW.last_signed_in_at);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER memberships_clinician AFTER UPDATE OF clinician ON memberships FOR EACH ROW
WHEN (NEW.clinician IS DISTINCT FROM OLD.clinician)
EXECUTE FUNCTION membership_clinician();
-- The lock lets whoever joins at the same moment see the factor, or be seen.
CREATE FUNCTION second_factors_changed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    whose UUID := CASE WHEN TG_OP = 'INSERT' THEN NEW.user_id ELSE OLD.user_id END;
    has UUID; has_not UUID;
BEGIN
    PERFORM 1 FROM memberships WHERE user_id = whose ORDER BY id FOR NO KEY UPDATE;
    IF EXISTS (SELECT 1 FROM second_factors WHERE user_id = whose) THEN
        has := '00000000-0000-0000-0000-000000000001'; has_not := '00000000-0000-0000-0000-000000000002';
    ELSE
        has := '00000000-0000-0000-0000-000000000002'; has_not := '00000000-0000-0000-0000-000000000001';
    END IF;
    DELETE FROM membership_facets f USING memberships m
    WHERE m.user_id = whose AND f.organisation_id = m.organisation_id AND f.membership_id = m.id AND f.key = has_not;
    INSERT INTO membership_facets (organisation_id, key, sort_name, membership_id, status, initials, last_signed_in_at)
    SELECT organisation_id, has, sort_name, id, status, initials, last_signed_in_at FROM memberships
    WHERE user_id = whose AND status IN ('active', 'inactive')
    ON CONFLICT (organisation_id, membership_id, key) DO NOTHING;
    RETURN NULL;
END $$;
CREATE TRIGGER second_factors_changed AFTER INSERT OR DELETE ON second_factors
FOR EACH ROW EXECUTE FUNCTION second_factors_changed();
-- Who is Expired or has an Email failed is counted from these.
CREATE FUNCTION membership_invited() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    PERFORM tally(NEW.organisation_id, NEW.organisation_id, NEW.status, 0);
    RETURN NULL;
END $$;
CREATE TRIGGER memberships_invited AFTER UPDATE OF invitation_expires_at, delivery_failed_at ON memberships FOR EACH ROW
WHEN (NEW.invitation_expires_at IS DISTINCT FROM OLD.invitation_expires_at
      OR NEW.delivery_failed_at IS DISTINCT FROM OLD.delivery_failed_at)
EXECUTE FUNCTION membership_invited();
CREATE FUNCTION membership_leaving() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    DELETE FROM membership_facets WHERE organisation_id = OLD.organisation_id AND membership_id = OLD.id;
    RETURN OLD;
END $$;
CREATE TRIGGER memberships_leaving BEFORE DELETE ON memberships FOR EACH ROW EXECUTE FUNCTION membership_leaving();
CREATE FUNCTION membership_removed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    PERFORM tally(OLD.organisation_id, OLD.organisation_id, OLD.status, -1);
    RETURN NULL;
END $$;
CREATE TRIGGER memberships_removed AFTER DELETE ON memberships FOR EACH ROW EXECUTE FUNCTION membership_removed();
CREATE FUNCTION membership_facets_added() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    PERFORM tally(c.organisation_id, c.key, c.status, c.people)
    FROM (SELECT organisation_id, key, status, count(*) AS people FROM added GROUP BY organisation_id, key, status) c;
    RETURN NULL;
END $$;
CREATE TRIGGER membership_facets_added AFTER INSERT ON membership_facets
REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION membership_facets_added();
CREATE FUNCTION membership_facets_changed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    PERFORM tally(c.organisation_id, c.key, c.status, c.people)
    FROM (SELECT organisation_id, key, status, sum(people)::BIGINT AS people
          FROM (SELECT organisation_id, key, status, -1 AS people FROM removed
                UNION ALL SELECT organisation_id, key, status, 1 FROM added) both_sides
          GROUP BY organisation_id, key, status HAVING sum(people) <> 0) c;
    RETURN NULL;
END $$;
CREATE TRIGGER membership_facets_changed AFTER UPDATE ON membership_facets
REFERENCING OLD TABLE AS removed NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION membership_facets_changed();
CREATE FUNCTION membership_facets_removed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    PERFORM tally(c.organisation_id, c.key, c.status, -c.people)
    FROM (SELECT organisation_id, key, status, count(*) AS people FROM removed GROUP BY organisation_id, key, status) c;
    RETURN NULL;
END $$;
CREATE TRIGGER membership_facets_removed AFTER DELETE ON membership_facets
REFERENCING OLD TABLE AS removed FOR EACH STATEMENT EXECUTE FUNCTION membership_facets_removed();
