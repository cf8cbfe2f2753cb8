-- Lanyard's tables. The SQLite and PostgreSQL folders hold the same tables and columns
-- under the same numbers (a test compares them); only types and locking differ.

CREATE TABLE organisations (
    id BLOB NOT NULL PRIMARY KEY,
    code TEXT NOT NULL,
    slug TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    preset TEXT NOT NULL,
    policy TEXT NOT NULL,
    created_at TEXT NOT NULL,
    closed_at TEXT
) STRICT;

CREATE TABLE areas (
    id BLOB NOT NULL PRIMARY KEY,
    organisation_id BLOB NOT NULL REFERENCES organisations (id),
    parent_id BLOB,
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    position INTEGER NOT NULL,
    closed_at TEXT,
    UNIQUE (organisation_id, id),
    FOREIGN KEY (organisation_id, parent_id) REFERENCES areas (organisation_id, id)
) STRICT;

-- Every area with each area around it, and with itself: "this and everything inside it" is one
-- comparison (R69). Kept by a trigger.
CREATE TABLE area_ancestors (
    organisation_id BLOB NOT NULL,
    area_id BLOB NOT NULL,
    ancestor_id BLOB NOT NULL,
    PRIMARY KEY (organisation_id, area_id, ancestor_id),
    FOREIGN KEY (organisation_id, area_id) REFERENCES areas (organisation_id, id),
    FOREIGN KEY (organisation_id, ancestor_id) REFERENCES areas (organisation_id, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX area_ancestors_by_ancestor ON area_ancestors (organisation_id, ancestor_id, area_id);

CREATE TABLE services (
    id BLOB NOT NULL PRIMARY KEY,
    organisation_id BLOB NOT NULL REFERENCES organisations (id),
    key TEXT NOT NULL,
    name TEXT NOT NULL,
    roles_per_member INTEGER,
    UNIQUE (organisation_id, id),
    UNIQUE (organisation_id, key)
) STRICT;

CREATE TABLE tasks (
    id BLOB NOT NULL PRIMARY KEY,
    organisation_id BLOB NOT NULL,
    service_id BLOB NOT NULL,
    name TEXT NOT NULL,
    position INTEGER NOT NULL,
    UNIQUE (organisation_id, id),
    FOREIGN KEY (organisation_id, service_id) REFERENCES services (organisation_id, id)
) STRICT;

CREATE TABLE roles (
    id BLOB NOT NULL PRIMARY KEY,
    organisation_id BLOB NOT NULL,
    service_id BLOB NOT NULL,
    key TEXT NOT NULL,
    name TEXT NOT NULL,
    summary TEXT NOT NULL,
    permissions TEXT NOT NULL,
    seat_limit INTEGER,
    privileged INTEGER NOT NULL,
    scope_allowed INTEGER NOT NULL,
    position INTEGER NOT NULL,
    UNIQUE (organisation_id, id),
    UNIQUE (organisation_id, service_id, key),
    FOREIGN KEY (organisation_id, service_id) REFERENCES services (organisation_id, id)
) STRICT;

CREATE TABLE role_tasks (
    organisation_id BLOB NOT NULL,
    role_id BLOB NOT NULL,
    task_id BLOB NOT NULL,
    PRIMARY KEY (organisation_id, role_id, task_id),
    FOREIGN KEY (organisation_id, role_id) REFERENCES roles (organisation_id, id),
    FOREIGN KEY (organisation_id, task_id) REFERENCES tasks (organisation_id, id)
) STRICT;

-- One account for a person, across organisations. `registered_at` is empty until the person
-- has set a password from an emailed link; until then the row only holds the address.
CREATE TABLE users (
    id BLOB NOT NULL PRIMARY KEY,
    email TEXT NOT NULL,
    email_key TEXT NOT NULL UNIQUE,
    first_name TEXT NOT NULL,
    last_name TEXT NOT NULL,
    mobile TEXT,
    password_hash TEXT,
    security_epoch INTEGER NOT NULL,
    registered_at TEXT,
    created_at TEXT NOT NULL,
    version INTEGER NOT NULL
) STRICT;

CREATE TABLE memberships (
    id BLOB NOT NULL UNIQUE,
    organisation_id BLOB NOT NULL REFERENCES organisations (id),
    user_id BLOB NOT NULL REFERENCES users (id),
    status TEXT NOT NULL CHECK (status IN ('pending', 'active', 'inactive', 'cancelled')),
    sort_name TEXT NOT NULL,
    job_title TEXT NOT NULL,
    -- What whoever invited them calls them: it counts, here only, until they have registered.
    known_first_name TEXT NOT NULL,
    known_last_name TEXT NOT NULL,
    -- Whether they are registered with a professional body; empty where nobody asked.
    clinician INTEGER,
    registration_number TEXT NOT NULL,
    notes TEXT NOT NULL,
    created_at TEXT NOT NULL,
    activated_at TEXT,
    deactivated_at TEXT,
    last_signed_in_at TEXT,
    -- What the newest invitation says, so that a list needs no join and Expired is never stale.
    invited_at TEXT,
    invitation_expires_at TEXT,
    delivery_failed_at TEXT,
    -- One bit for each first letter of the member's words: a search skips whoever cannot match
    -- without looking their words up.
    initials INTEGER NOT NULL DEFAULT 0,
    version INTEGER NOT NULL,
    PRIMARY KEY (organisation_id, id),
    UNIQUE (organisation_id, user_id)
) STRICT, WITHOUT ROWID;
-- The list walks these in its order; they hold everything by which it filters, the initials, which
-- leave out most, as near to the front as can be.
CREATE INDEX memberships_by_name ON memberships (organisation_id, sort_name, id, initials, status, invitation_expires_at, delivery_failed_at, last_signed_in_at);
CREATE INDEX memberships_by_status ON memberships (organisation_id, status, sort_name, id, initials, invitation_expires_at, delivery_failed_at, last_signed_in_at);
CREATE INDEX memberships_by_last_sign_in ON memberships (organisation_id, last_signed_in_at, id, initials, status, invitation_expires_at, delivery_failed_at, sort_name);
CREATE INDEX memberships_by_invited ON memberships (organisation_id, invited_at, id, initials, status, invitation_expires_at, delivery_failed_at, last_signed_in_at);
CREATE INDEX memberships_by_end ON memberships (organisation_id, invitation_expires_at, delivery_failed_at, id, status) WHERE status = 'pending';
CREATE INDEX memberships_failed ON memberships (organisation_id, delivery_failed_at, invitation_expires_at, id, status) WHERE status = 'pending' AND delivery_failed_at IS NOT NULL;
CREATE INDEX memberships_by_user ON memberships (user_id);

-- The words by whose beginnings people find a member: names, parts of the address.
CREATE TABLE membership_words (
    organisation_id BLOB NOT NULL,
    word TEXT NOT NULL,
    membership_id BLOB NOT NULL,
    PRIMARY KEY (organisation_id, word, membership_id),
    FOREIGN KEY (organisation_id, membership_id) REFERENCES memberships (organisation_id, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX membership_words_by_member ON membership_words (organisation_id, membership_id, word);

CREATE TABLE role_assignments (
    id BLOB NOT NULL PRIMARY KEY,
    organisation_id BLOB NOT NULL,
    membership_id BLOB NOT NULL,
    role_id BLOB NOT NULL,
    -- Empty: the whole organisation.
    area_id BLOB,
    starts_at TEXT,
    ends_at TEXT,
    granted_by BLOB REFERENCES users (id),
    granted_at TEXT NOT NULL,
    UNIQUE (organisation_id, id),
    FOREIGN KEY (organisation_id, membership_id) REFERENCES memberships (organisation_id, id),
    FOREIGN KEY (organisation_id, role_id) REFERENCES roles (organisation_id, id),
    FOREIGN KEY (organisation_id, area_id) REFERENCES areas (organisation_id, id)
) STRICT;
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
    organisation_id BLOB NOT NULL,
    key BLOB NOT NULL,
    sort_name TEXT NOT NULL,
    membership_id BLOB NOT NULL,
    status TEXT NOT NULL,
    initials INTEGER NOT NULL,
    last_signed_in_at TEXT,
    PRIMARY KEY (organisation_id, membership_id, key),
    FOREIGN KEY (organisation_id, membership_id) REFERENCES memberships (organisation_id, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX membership_facets_by_key ON membership_facets (organisation_id, key, sort_name, membership_id, initials, status, last_signed_in_at);

-- How many members have a key and a status as stored; the organisation's own id is the key of
-- everybody. The count is the sum over the slots: in PostgreSQL a transaction that finds a slot
-- in use takes another instead of waiting. Whatever changes facets adds to the changes, so that
-- counts that were made before are known to be right still.
CREATE TABLE membership_tallies (
    organisation_id BLOB NOT NULL REFERENCES organisations (id),
    key BLOB NOT NULL,
    status TEXT NOT NULL,
    slot INTEGER NOT NULL,
    people INTEGER NOT NULL,
    changes INTEGER NOT NULL DEFAULT 1,
    PRIMARY KEY (organisation_id, key, status, slot)
) STRICT, WITHOUT ROWID;

-- One row for each place of a limited role (R70): claimed by an update that must touch one row.
CREATE TABLE role_seats (
    organisation_id BLOB NOT NULL,
    role_id BLOB NOT NULL,
    seat_number INTEGER NOT NULL,
    membership_id BLOB,
    PRIMARY KEY (organisation_id, role_id, seat_number),
    UNIQUE (organisation_id, role_id, membership_id),
    FOREIGN KEY (organisation_id, role_id) REFERENCES roles (organisation_id, id),
    FOREIGN KEY (organisation_id, membership_id) REFERENCES memberships (organisation_id, id)
) STRICT;

CREATE TABLE invitation_batches (
    id BLOB NOT NULL PRIMARY KEY,
    organisation_id BLOB NOT NULL REFERENCES organisations (id),
    created_by BLOB NOT NULL REFERENCES users (id),
    role_id BLOB NOT NULL,
    message TEXT NOT NULL,
    total INTEGER NOT NULL,
    -- For how many entries something was to be done.
    to_send INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    finished_at TEXT,
    stopped_at TEXT,
    leased_until TEXT,
    UNIQUE (organisation_id, id),
    FOREIGN KEY (organisation_id, role_id) REFERENCES roles (organisation_id, id)
) STRICT;
CREATE INDEX invitation_batches_open ON invitation_batches (finished_at, created_at);
CREATE INDEX invitation_batches_by_time ON invitation_batches (organisation_id, created_at);

CREATE TABLE invitation_batch_areas (
    organisation_id BLOB NOT NULL,
    batch_id BLOB NOT NULL,
    area_id BLOB NOT NULL,
    PRIMARY KEY (organisation_id, batch_id, area_id),
    FOREIGN KEY (organisation_id, batch_id) REFERENCES invitation_batches (organisation_id, id),
    FOREIGN KEY (organisation_id, area_id) REFERENCES areas (organisation_id, id)
) STRICT;

-- What was entered, line by line. Every entry ends with exactly one outcome (R97).
CREATE TABLE invitation_entries (
    id BLOB NOT NULL PRIMARY KEY,
    organisation_id BLOB NOT NULL,
    batch_id BLOB NOT NULL,
    position INTEGER NOT NULL,
    line INTEGER NOT NULL,
    entered TEXT NOT NULL,
    email TEXT,
    name TEXT NOT NULL,
    wish TEXT NOT NULL CHECK (wish IN ('invite', 'send_again', 'give_role', 'nothing')),
    outcome TEXT,
    membership_id BLOB,
    processed_at TEXT,
    UNIQUE (organisation_id, batch_id, position),
    FOREIGN KEY (organisation_id, batch_id) REFERENCES invitation_batches (organisation_id, id),
    FOREIGN KEY (organisation_id, membership_id) REFERENCES memberships (organisation_id, id)
) STRICT;
CREATE INDEX invitation_entries_by_outcome ON invitation_entries (organisation_id, batch_id, outcome, position);

CREATE TABLE invitations (
    id BLOB NOT NULL PRIMARY KEY,
    organisation_id BLOB NOT NULL,
    membership_id BLOB NOT NULL,
    batch_id BLOB,
    invited_by BLOB REFERENCES users (id),
    message TEXT NOT NULL,
    -- SHA-256 of the token; the token itself is only in the email (R15).
    token_digest BLOB NOT NULL UNIQUE CHECK (length(token_digest) = 32),
    status TEXT NOT NULL CHECK (status IN ('open', 'accepted', 'cancelled', 'declined', 'replaced')),
    delivery TEXT NOT NULL CHECK (delivery IN ('queued', 'sent', 'failed', 'printed')),
    created_at TEXT NOT NULL,
    sent_at TEXT,
    expires_at TEXT NOT NULL,
    closed_at TEXT,
    new_one_asked_at TEXT,
    UNIQUE (organisation_id, id),
    FOREIGN KEY (organisation_id, membership_id) REFERENCES memberships (organisation_id, id),
    FOREIGN KEY (organisation_id, batch_id) REFERENCES invitation_batches (organisation_id, id)
) STRICT;
CREATE UNIQUE INDEX invitations_one_open ON invitations (organisation_id, membership_id) WHERE status = 'open';
CREATE INDEX invitations_by_member ON invitations (organisation_id, membership_id, created_at);
CREATE INDEX invitations_by_batch ON invitations (organisation_id, batch_id, delivery);
CREATE INDEX invitations_by_time ON invitations (organisation_id, created_at);

-- The answers of somebody who is registering; nothing of it counts before the last step.
CREATE TABLE registrations (
    id BLOB NOT NULL PRIMARY KEY,
    organisation_id BLOB NOT NULL,
    invitation_id BLOB NOT NULL,
    flow_digest BLOB NOT NULL UNIQUE CHECK (length(flow_digest) = 32),
    answers TEXT NOT NULL,
    password_hash TEXT,
    factor_secret BLOB,
    expires_at TEXT NOT NULL,
    created_at TEXT NOT NULL,
    FOREIGN KEY (organisation_id, invitation_id) REFERENCES invitations (organisation_id, id)
) STRICT;

CREATE TABLE sessions (
    id BLOB NOT NULL PRIMARY KEY,
    token_digest BLOB NOT NULL UNIQUE CHECK (length(token_digest) = 32),
    user_id BLOB NOT NULL REFERENCES users (id),
    -- 1: password only, may reach nothing but the second step (R39); 2: complete.
    assurance INTEGER NOT NULL,
    methods TEXT NOT NULL,
    security_epoch INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    authenticated_at TEXT NOT NULL,
    last_seen_at TEXT NOT NULL,
    idle_minutes INTEGER NOT NULL,
    expires_at TEXT NOT NULL,
    return_to TEXT NOT NULL,
    last_organisation TEXT,
    ip TEXT NOT NULL,
    user_agent TEXT NOT NULL
) STRICT;
CREATE INDEX sessions_by_user ON sessions (user_id);

CREATE TABLE known_devices (
    digest BLOB NOT NULL PRIMARY KEY CHECK (length(digest) = 32),
    user_id BLOB NOT NULL REFERENCES users (id),
    security_epoch INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    expires_at TEXT NOT NULL
) STRICT;
CREATE INDEX known_devices_by_user ON known_devices (user_id);

CREATE TABLE second_factors (
    id BLOB NOT NULL PRIMARY KEY,
    user_id BLOB NOT NULL REFERENCES users (id),
    kind TEXT NOT NULL CHECK (kind IN ('authenticator', 'sms', 'email', 'passkey')),
    -- Sealed with the key file; only for authenticator apps.
    secret BLOB,
    last_step INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    UNIQUE (user_id, kind)
) STRICT;

CREATE TABLE recovery_codes (
    user_id BLOB NOT NULL REFERENCES users (id),
    digest BLOB NOT NULL CHECK (length(digest) = 32),
    used_at TEXT,
    PRIMARY KEY (user_id, digest)
) STRICT;

-- A code sent by email or text message, bound to one session or registration (R42).
CREATE TABLE code_challenges (
    id BLOB NOT NULL PRIMARY KEY,
    binding BLOB NOT NULL UNIQUE CHECK (length(binding) = 32),
    kind TEXT NOT NULL,
    digest BLOB NOT NULL CHECK (length(digest) = 32),
    attempts INTEGER NOT NULL,
    sent_at TEXT NOT NULL,
    expires_at TEXT NOT NULL
) STRICT;

-- One-time links that are not invitations: password resets and the first set-up.
CREATE TABLE account_links (
    id BLOB NOT NULL PRIMARY KEY,
    purpose TEXT NOT NULL CHECK (purpose IN ('reset', 'set_up')),
    user_id BLOB REFERENCES users (id),
    token_digest BLOB NOT NULL UNIQUE CHECK (length(token_digest) = 32),
    security_epoch INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    expires_at TEXT NOT NULL,
    consumed_at TEXT,
    revoked_at TEXT
) STRICT;

-- Throttle buckets and counters; the key is a keyed digest, never an address (R34).
CREATE TABLE throttles (
    key BLOB NOT NULL PRIMARY KEY,
    -- GCRA: the theoretical arrival time of the next request.
    arrival_at TEXT NOT NULL,
    failures INTEGER NOT NULL,
    updated_at TEXT NOT NULL
) STRICT;

-- What was typed in a form that was refused, kept for 30 minutes.
CREATE TABLE form_drafts (
    id BLOB NOT NULL PRIMARY KEY,
    owner_digest BLOB NOT NULL,
    state TEXT NOT NULL,
    expires_at TEXT NOT NULL
) STRICT;
CREATE INDEX form_drafts_by_expiry ON form_drafts (expires_at);

-- One change of many members at once; with `undoes` it takes back what another one changed.
CREATE TABLE bulk_jobs (
    id BLOB NOT NULL PRIMARY KEY,
    organisation_id BLOB NOT NULL REFERENCES organisations (id),
    created_by BLOB NOT NULL REFERENCES users (id),
    action TEXT NOT NULL CHECK (action IN ('role', 'areas', 'end-date', 'resend', 'cancel', 'deactivate', 'reactivate')),
    undoes BLOB,
    -- What was answered, apart from who was selected.
    answers TEXT NOT NULL,
    total INTEGER NOT NULL,
    -- For how many people something was to be done.
    to_do INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    finished_at TEXT,
    stopped_at TEXT,
    leased_until TEXT,
    UNIQUE (organisation_id, id),
    -- A job is taken back once.
    UNIQUE (organisation_id, undoes),
    FOREIGN KEY (organisation_id, undoes) REFERENCES bulk_jobs (organisation_id, id)
) STRICT;
CREATE INDEX bulk_jobs_open ON bulk_jobs (finished_at, created_at);
CREATE INDEX bulk_jobs_by_time ON bulk_jobs (organisation_id, created_at);

-- Everybody who was selected. Every entry ends with exactly one outcome.
CREATE TABLE bulk_job_entries (
    organisation_id BLOB NOT NULL,
    job_id BLOB NOT NULL,
    position INTEGER NOT NULL,
    membership_id BLOB NOT NULL,
    -- Whether something was to be done; whoever was left out has an outcome from the start.
    planned INTEGER NOT NULL,
    outcome TEXT,
    -- What was changed; in a job that takes back, what is taken back.
    change_id BLOB,
    processed_at TEXT,
    PRIMARY KEY (organisation_id, job_id, position),
    UNIQUE (organisation_id, job_id, membership_id),
    FOREIGN KEY (organisation_id, job_id) REFERENCES bulk_jobs (organisation_id, id),
    FOREIGN KEY (organisation_id, membership_id) REFERENCES memberships (organisation_id, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX bulk_job_entries_by_outcome ON bulk_job_entries (organisation_id, job_id, outcome, position);

-- The answers of a journey of several pages (invite several people, change several people).
CREATE TABLE journeys (
    id BLOB NOT NULL PRIMARY KEY,
    organisation_id BLOB NOT NULL REFERENCES organisations (id),
    user_id BLOB NOT NULL REFERENCES users (id),
    kind TEXT NOT NULL,
    answers TEXT NOT NULL,
    batch_id BLOB,
    job_id BLOB,
    version INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    expires_at TEXT NOT NULL,
    UNIQUE (organisation_id, id),
    FOREIGN KEY (organisation_id, batch_id) REFERENCES invitation_batches (organisation_id, id),
    FOREIGN KEY (organisation_id, job_id) REFERENCES bulk_jobs (organisation_id, id)
) STRICT;
CREATE INDEX journeys_by_expiry ON journeys (expires_at);

CREATE TABLE terms (
    id BLOB NOT NULL PRIMARY KEY,
    key TEXT NOT NULL,
    version TEXT NOT NULL,
    title TEXT NOT NULL,
    body TEXT NOT NULL,
    approved_by TEXT NOT NULL,
    published_at TEXT NOT NULL,
    UNIQUE (key, version)
) STRICT;

CREATE TABLE terms_acceptances (
    user_id BLOB NOT NULL REFERENCES users (id),
    terms_id BLOB NOT NULL REFERENCES terms (id),
    organisation_id BLOB REFERENCES organisations (id),
    accepted_at TEXT NOT NULL,
    PRIMARY KEY (user_id, terms_id)
) STRICT;

CREATE TABLE outbox (
    id BLOB NOT NULL PRIMARY KEY,
    channel TEXT NOT NULL CHECK (channel IN ('email', 'sms')),
    kind TEXT NOT NULL,
    organisation_id BLOB REFERENCES organisations (id),
    invitation_id BLOB,
    recipient TEXT NOT NULL,
    -- Values for the template; the secret part (link token, code) is sealed and wiped once sent.
    content TEXT NOT NULL,
    secret BLOB,
    status TEXT NOT NULL CHECK (status IN ('queued', 'sent', 'failed', 'cancelled')),
    attempts INTEGER NOT NULL,
    last_error TEXT NOT NULL,
    created_at TEXT NOT NULL,
    next_attempt_at TEXT NOT NULL,
    leased_until TEXT,
    not_after TEXT,
    sent_at TEXT
) STRICT;
CREATE INDEX outbox_due ON outbox (status, next_attempt_at);
-- What somebody waits for (a code, a link) goes before the invitations of a bulk send.
CREATE INDEX outbox_urgent ON outbox (next_attempt_at) WHERE status = 'queued' AND invitation_id IS NULL;
CREATE INDEX outbox_late ON outbox (not_after) WHERE status = 'queued';
CREATE INDEX outbox_by_invitation ON outbox (invitation_id);

-- What a membership was before a change, so that it can be taken back (ux 6.5).
CREATE TABLE membership_changes (
    id BLOB NOT NULL PRIMARY KEY,
    organisation_id BLOB NOT NULL,
    membership_id BLOB NOT NULL,
    thing TEXT NOT NULL CHECK (thing IN ('access', 'details', 'status', 'invitation')),
    state_before TEXT NOT NULL,
    reason TEXT NOT NULL,
    -- The email that tells the person, while it is held.
    message_id BLOB,
    changed_by BLOB REFERENCES users (id),
    changed_at TEXT NOT NULL,
    undone_at TEXT,
    UNIQUE (organisation_id, id),
    FOREIGN KEY (organisation_id, membership_id) REFERENCES memberships (organisation_id, id)
) STRICT;
CREATE INDEX membership_changes_of ON membership_changes (organisation_id, membership_id, thing, changed_at);

CREATE TABLE audit_events (
    id BLOB NOT NULL PRIMARY KEY,
    -- Empty for what belongs to no organisation (signing in).
    organisation_id BLOB REFERENCES organisations (id),
    sequence INTEGER NOT NULL,
    kind TEXT NOT NULL,
    actor_id BLOB,
    actor_name TEXT NOT NULL,
    subject_id BLOB,
    subject_name TEXT NOT NULL,
    details TEXT NOT NULL,
    request_id TEXT NOT NULL,
    ip TEXT NOT NULL,
    method TEXT NOT NULL,
    at TEXT NOT NULL,
    previous_hash BLOB NOT NULL,
    hash BLOB NOT NULL
) STRICT;
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
    chain BLOB NOT NULL PRIMARY KEY,
    sequence INTEGER NOT NULL,
    hash BLOB NOT NULL,
    -- Made with a key that the database does not hold: whoever rewrites a whole chain cannot make it.
    -- Empty while nothing was added.
    seal BLOB NOT NULL
) STRICT;

-- One row that is written to see whether writing works (R109).
CREATE TABLE health_checks (
    id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    checked_at TEXT NOT NULL
) STRICT;

-- Audit events are only ever added (R103).
CREATE TRIGGER audit_events_no_update BEFORE UPDATE ON audit_events
BEGIN SELECT RAISE(ABORT, 'audit events are never changed'); END;
CREATE TRIGGER audit_events_no_delete BEFORE DELETE ON audit_events
BEGIN SELECT RAISE(ABORT, 'audit events are never deleted'); END;
-- INSERT OR REPLACE deletes without asking the trigger above.
CREATE TRIGGER audit_events_no_replace BEFORE INSERT ON audit_events
WHEN EXISTS (SELECT 1 FROM audit_events WHERE id = NEW.id)
  OR EXISTS (SELECT 1 FROM audit_events WHERE organisation_id IS NEW.organisation_id AND sequence = NEW.sequence)
BEGIN SELECT RAISE(ABORT, 'audit events are never replaced'); END;
CREATE TRIGGER audit_chains_only_grow BEFORE UPDATE ON audit_chains
WHEN NEW.sequence < OLD.sequence OR NEW.chain <> OLD.chain
BEGIN SELECT RAISE(ABORT, 'chains of audit events only grow'); END;
CREATE TRIGGER audit_chains_stay BEFORE DELETE ON audit_chains
BEGIN SELECT RAISE(ABORT, 'chains of audit events are never deleted'); END;

-- An area is inside itself and inside whatever its parent is inside of.
CREATE TRIGGER areas_added AFTER INSERT ON areas BEGIN
    INSERT INTO area_ancestors (organisation_id, area_id, ancestor_id)
    SELECT NEW.organisation_id, NEW.id, NEW.id
    UNION ALL
    SELECT organisation_id, NEW.id, ancestor_id FROM area_ancestors
    WHERE organisation_id = NEW.organisation_id AND area_id = NEW.parent_id;
END;
-- Moving an area has to rebuild what is derived from its place.
CREATE TRIGGER areas_stay BEFORE UPDATE OF parent_id ON areas WHEN NEW.parent_id IS NOT OLD.parent_id
BEGIN SELECT RAISE(ABORT, 'areas are not moved by changing their parent'); END;

-- An address is its owner's, who proves both mailboxes: whatever was begun with the old one ends in the same
-- statement (R60, R76). Nothing that manages people has a way to it.
CREATE TRIGGER users_email_stays BEFORE UPDATE OF email, email_key ON users
WHEN (NEW.email <> OLD.email OR NEW.email_key <> OLD.email_key) AND NEW.security_epoch <= OLD.security_epoch
BEGIN SELECT RAISE(ABORT, 'an address changes with everything that was begun with it'); END;

-- Facets follow the role assignments.
CREATE TRIGGER role_assignments_added AFTER INSERT ON role_assignments BEGIN
    DELETE FROM membership_facets WHERE organisation_id = NEW.organisation_id
      AND membership_id = NEW.membership_id AND key = X'00000000000000000000000000000000';
    INSERT INTO membership_facets (organisation_id, key, sort_name, membership_id, status, initials, last_signed_in_at)
    SELECT m.organisation_id, k.key, m.sort_name, m.id, m.status, m.initials, m.last_signed_in_at
    FROM (SELECT NEW.role_id AS key
          UNION SELECT ancestor_id FROM area_ancestors
          WHERE organisation_id = NEW.organisation_id AND area_id = NEW.area_id) k
    CROSS JOIN memberships m
    WHERE m.organisation_id = NEW.organisation_id AND m.id = NEW.membership_id
    ON CONFLICT (organisation_id, membership_id, key) DO NOTHING;
END;
CREATE TRIGGER role_assignments_removed AFTER DELETE ON role_assignments BEGIN
    DELETE FROM membership_facets
    WHERE organisation_id = OLD.organisation_id AND membership_id = OLD.membership_id
      AND key NOT IN (X'00000000000000000000000000000001', X'00000000000000000000000000000002', X'00000000000000000000000000000003')
      AND NOT EXISTS (SELECT 1 FROM role_assignments a
                      WHERE a.organisation_id = OLD.organisation_id AND a.membership_id = OLD.membership_id
                        AND a.role_id = membership_facets.key)
      AND NOT EXISTS (SELECT 1 FROM role_assignments a JOIN area_ancestors n
                        ON n.organisation_id = a.organisation_id AND n.area_id = a.area_id
                      WHERE a.organisation_id = OLD.organisation_id AND a.membership_id = OLD.membership_id
                        AND n.ancestor_id = membership_facets.key);
    INSERT INTO membership_facets (organisation_id, key, sort_name, membership_id, status, initials, last_signed_in_at)
    SELECT m.organisation_id, X'00000000000000000000000000000000', m.sort_name, m.id, m.status, m.initials, m.last_signed_in_at FROM memberships m
    WHERE m.organisation_id = OLD.organisation_id AND m.id = OLD.membership_id
      AND NOT EXISTS (SELECT 1 FROM role_assignments a
                      WHERE a.organisation_id = OLD.organisation_id AND a.membership_id = OLD.membership_id);
END;
CREATE TRIGGER role_assignments_stay BEFORE UPDATE OF organisation_id, membership_id, role_id, area_id ON role_assignments
BEGIN SELECT RAISE(ABORT, 'a role assignment is replaced, not turned into another'); END;

-- Tallies follow the memberships and the facets.
CREATE TRIGGER memberships_added AFTER INSERT ON memberships BEGIN
    INSERT INTO membership_tallies (organisation_id, key, status, slot, people)
    VALUES (NEW.organisation_id, NEW.organisation_id, NEW.status, 0, 1)
    ON CONFLICT (organisation_id, key, status, slot) DO UPDATE SET people = people + excluded.people, changes = changes + 1;
END;
CREATE TRIGGER memberships_without_role AFTER INSERT ON memberships BEGIN
    INSERT INTO membership_facets (organisation_id, key, sort_name, membership_id, status, initials, last_signed_in_at)
    VALUES (NEW.organisation_id, X'00000000000000000000000000000000', NEW.sort_name, NEW.id, NEW.status, NEW.initials, NEW.last_signed_in_at);
    INSERT INTO membership_facets (organisation_id, key, sort_name, membership_id, status, initials, last_signed_in_at)
    SELECT NEW.organisation_id, CASE WHEN EXISTS (SELECT 1 FROM second_factors WHERE user_id = NEW.user_id)
        THEN X'00000000000000000000000000000001' ELSE X'00000000000000000000000000000002' END, NEW.sort_name, NEW.id, NEW.status, NEW.initials, NEW.last_signed_in_at
    WHERE NEW.status IN ('active', 'inactive');
    INSERT INTO membership_facets (organisation_id, key, sort_name, membership_id, status, initials, last_signed_in_at)
    SELECT NEW.organisation_id, X'00000000000000000000000000000003', NEW.sort_name, NEW.id, NEW.status, NEW.initials, NEW.last_signed_in_at
    WHERE NEW.clinician = 1;
END;
CREATE TRIGGER memberships_leaving BEFORE DELETE ON memberships BEGIN
    DELETE FROM membership_facets WHERE organisation_id = OLD.organisation_id AND membership_id = OLD.id;
END;
CREATE TRIGGER memberships_changed AFTER UPDATE OF status, sort_name, initials ON memberships
WHEN NEW.status <> OLD.status OR NEW.sort_name <> OLD.sort_name OR NEW.initials <> OLD.initials BEGIN
    INSERT INTO membership_tallies (organisation_id, key, status, slot, people)
    VALUES (OLD.organisation_id, OLD.organisation_id, OLD.status, 0, -1)
    ON CONFLICT (organisation_id, key, status, slot) DO UPDATE SET people = people + excluded.people, changes = changes + 1;
    INSERT INTO membership_tallies (organisation_id, key, status, slot, people)
    VALUES (NEW.organisation_id, NEW.organisation_id, NEW.status, 0, 1)
    ON CONFLICT (organisation_id, key, status, slot) DO UPDATE SET people = people + excluded.people, changes = changes + 1;
    UPDATE membership_facets SET status = NEW.status, sort_name = NEW.sort_name, initials = NEW.initials
    WHERE organisation_id = NEW.organisation_id AND membership_id = NEW.id;
    -- What an account has is nobody's business before its owner has joined.
    DELETE FROM membership_facets
    WHERE organisation_id = NEW.organisation_id AND membership_id = NEW.id
      AND key IN (X'00000000000000000000000000000001', X'00000000000000000000000000000002')
      AND NEW.status NOT IN ('active', 'inactive');
    INSERT INTO membership_facets (organisation_id, key, sort_name, membership_id, status, initials, last_signed_in_at)
    SELECT NEW.organisation_id, CASE WHEN EXISTS (SELECT 1 FROM second_factors WHERE user_id = NEW.user_id)
        THEN X'00000000000000000000000000000001' ELSE X'00000000000000000000000000000002' END, NEW.sort_name, NEW.id, NEW.status, NEW.initials, NEW.last_signed_in_at
    WHERE NEW.status IN ('active', 'inactive')
    ON CONFLICT (organisation_id, membership_id, key) DO NOTHING;
END;
CREATE TRIGGER memberships_signed_in AFTER UPDATE OF last_signed_in_at ON memberships
WHEN NEW.last_signed_in_at IS NOT OLD.last_signed_in_at BEGIN
    UPDATE membership_facets SET last_signed_in_at = NEW.last_signed_in_at
    WHERE organisation_id = NEW.organisation_id AND membership_id = NEW.id;
END;
CREATE TRIGGER memberships_clinician AFTER UPDATE OF clinician ON memberships
WHEN NEW.clinician IS NOT OLD.clinician BEGIN
    DELETE FROM membership_facets
    WHERE organisation_id = NEW.organisation_id AND membership_id = NEW.id AND key = X'00000000000000000000000000000003';
    INSERT INTO membership_facets (organisation_id, key, sort_name, membership_id, status, initials, last_signed_in_at)
    SELECT NEW.organisation_id, X'00000000000000000000000000000003', NEW.sort_name, NEW.id, NEW.status, NEW.initials, NEW.last_signed_in_at
    WHERE NEW.clinician = 1;
END;
CREATE TRIGGER second_factors_added AFTER INSERT ON second_factors BEGIN
    DELETE FROM membership_facets
    WHERE (organisation_id, membership_id) IN (SELECT organisation_id, id FROM memberships WHERE user_id = NEW.user_id)
      AND key = X'00000000000000000000000000000002';
    INSERT INTO membership_facets (organisation_id, key, sort_name, membership_id, status, initials, last_signed_in_at)
    SELECT organisation_id, X'00000000000000000000000000000001', sort_name, id, status, initials, last_signed_in_at FROM memberships
    WHERE user_id = NEW.user_id AND status IN ('active', 'inactive')
    ON CONFLICT (organisation_id, membership_id, key) DO NOTHING;
END;
CREATE TRIGGER second_factors_removed AFTER DELETE ON second_factors
WHEN NOT EXISTS (SELECT 1 FROM second_factors WHERE user_id = OLD.user_id) BEGIN
    DELETE FROM membership_facets
    WHERE (organisation_id, membership_id) IN (SELECT organisation_id, id FROM memberships WHERE user_id = OLD.user_id)
      AND key = X'00000000000000000000000000000001';
    INSERT INTO membership_facets (organisation_id, key, sort_name, membership_id, status, initials, last_signed_in_at)
    SELECT organisation_id, X'00000000000000000000000000000002', sort_name, id, status, initials, last_signed_in_at FROM memberships
    WHERE user_id = OLD.user_id AND status IN ('active', 'inactive')
    ON CONFLICT (organisation_id, membership_id, key) DO NOTHING;
END;
-- Who is Expired or has an Email failed is counted from these.
CREATE TRIGGER memberships_invited AFTER UPDATE OF invitation_expires_at, delivery_failed_at ON memberships
WHEN NEW.invitation_expires_at IS NOT OLD.invitation_expires_at OR NEW.delivery_failed_at IS NOT OLD.delivery_failed_at BEGIN
    INSERT INTO membership_tallies (organisation_id, key, status, slot, people)
    VALUES (NEW.organisation_id, NEW.organisation_id, NEW.status, 0, 0)
    ON CONFLICT (organisation_id, key, status, slot) DO UPDATE SET changes = changes + 1;
END;
CREATE TRIGGER memberships_removed AFTER DELETE ON memberships BEGIN
    INSERT INTO membership_tallies (organisation_id, key, status, slot, people)
    VALUES (OLD.organisation_id, OLD.organisation_id, OLD.status, 0, -1)
    ON CONFLICT (organisation_id, key, status, slot) DO UPDATE SET people = people + excluded.people, changes = changes + 1;
END;
CREATE TRIGGER membership_facets_added AFTER INSERT ON membership_facets BEGIN
    INSERT INTO membership_tallies (organisation_id, key, status, slot, people)
    VALUES (NEW.organisation_id, NEW.key, NEW.status, 0, 1)
    ON CONFLICT (organisation_id, key, status, slot) DO UPDATE SET people = people + excluded.people, changes = changes + 1;
END;
CREATE TRIGGER membership_facets_changed AFTER UPDATE OF status ON membership_facets
WHEN NEW.status <> OLD.status BEGIN
    INSERT INTO membership_tallies (organisation_id, key, status, slot, people)
    VALUES (OLD.organisation_id, OLD.key, OLD.status, 0, -1)
    ON CONFLICT (organisation_id, key, status, slot) DO UPDATE SET people = people + excluded.people, changes = changes + 1;
    INSERT INTO membership_tallies (organisation_id, key, status, slot, people)
    VALUES (NEW.organisation_id, NEW.key, NEW.status, 0, 1)
    ON CONFLICT (organisation_id, key, status, slot) DO UPDATE SET people = people + excluded.people, changes = changes + 1;
END;
CREATE TRIGGER membership_facets_removed AFTER DELETE ON membership_facets BEGIN
    INSERT INTO membership_tallies (organisation_id, key, status, slot, people)
    VALUES (OLD.organisation_id, OLD.key, OLD.status, 0, -1)
    ON CONFLICT (organisation_id, key, status, slot) DO UPDATE SET people = people + excluded.people, changes = changes + 1;
END;
