//! What must always hold, whatever happened at once and wherever it was cut off (`security.md` 3b,
//! I1 to I13): one text for both databases. Tests ask after each round. The chains of events (I6)
//! are verified with the key, which only the services have; exceptions (I9) are not there yet.

use chrono::{DateTime, Utc};

use crate::{
    Dialect, Result, Tx,
    listing::{CLINICIAN, CODES_OFF, CODES_ON},
    sql::sql,
};

#[derive(sqlx::FromRow)]
struct Count {
    count: i64,
}

/// Whether a member counts: Active, or invited with a link that works. `$1` is the time.
macro_rules! counts {
    () => {
        "(m.status = 'active' OR (m.status = 'pending' AND m.invitation_expires_at > $1))"
    };
}

/// What must not be there, whatever the time.
const NEVER: [(&str, &str); 16] = [
    (
        "I1: an invitation is accepted once",
        "SELECT count(*) AS count FROM (SELECT (details ->> 'invitation') AS invitation \
         FROM audit_events WHERE kind = 'invitation_accepted' \
         GROUP BY (details ->> 'invitation') HAVING count(*) > 1) x",
    ),
    (
        "I1: as many invitations are accepted as were noted to be",
        "SELECT abs((SELECT count(*) FROM invitations WHERE status = 'accepted') \
           - (SELECT count(*) FROM audit_events WHERE kind = 'invitation_accepted')) AS count",
    ),
    (
        "I2: an invitation is accepted before its end",
        "SELECT count(*) AS count FROM invitations \
         WHERE status = 'accepted' AND (closed_at IS NULL OR closed_at >= expires_at)",
    ),
    (
        "I3: a limited role has as many seats as places",
        "SELECT count(*) AS count FROM roles r WHERE r.seat_limit <> \
           (SELECT count(*) FROM role_seats s \
            WHERE s.organisation_id = r.organisation_id AND s.role_id = r.id)",
    ),
    (
        "I5: only who is invited has an open invitation",
        "SELECT count(*) AS count FROM invitations i JOIN memberships m \
           ON m.organisation_id = i.organisation_id AND m.id = i.membership_id \
         WHERE i.status = 'open' AND m.status <> 'pending'",
    ),
    (
        "I6: every change has its event, and every undo",
        "SELECT count(*) AS count FROM organisations o WHERE \
           (SELECT count(*) FROM membership_changes c WHERE c.organisation_id = o.id) <> \
           (SELECT count(*) FROM audit_events e WHERE e.organisation_id = o.id \
              AND (e.details ->> 'change') IS NOT NULL) \
           OR (SELECT count(*) FROM membership_changes c \
               WHERE c.organisation_id = o.id AND c.undone_at IS NOT NULL) <> \
           (SELECT count(*) FROM audit_events e \
            WHERE e.organisation_id = o.id AND e.kind = 'change_undone')",
    ),
    (
        "I6: every invitation has its event",
        "SELECT count(*) AS count FROM organisations o WHERE \
           (SELECT count(*) FROM invitations i WHERE i.organisation_id = o.id) <> \
           (SELECT count(*) FROM audit_events e WHERE e.organisation_id = o.id AND e.kind IN \
              ('invitation_sent', 'invitation_resent', 'administrator_invited'))",
    ),
    (
        "I7: an open invitation has its message, in the same state",
        "SELECT count(*) AS count FROM invitations i \
         WHERE i.status = 'open' AND i.delivery <> 'printed' AND NOT EXISTS \
           (SELECT 1 FROM outbox o WHERE o.invitation_id = i.id \
              AND o.kind IN ('invitation', 'new_access') AND o.status = i.delivery)",
    ),
    (
        "I7: nothing is sent for an invitation that is closed",
        "SELECT count(*) AS count FROM outbox o JOIN invitations i ON i.id = o.invitation_id \
         WHERE o.status = 'queued' AND i.status <> 'open'",
    ),
    (
        "I8: whoever is active has registered",
        "SELECT count(*) AS count FROM memberships m JOIN users u ON u.id = m.user_id \
         WHERE m.status = 'active' AND u.registered_at IS NULL",
    ),
    (
        "I8: whoever accepted an invitation has agreed to terms",
        "SELECT count(*) AS count FROM invitations i JOIN memberships m ON m.id = i.membership_id \
           JOIN organisations o ON o.id = i.organisation_id \
         WHERE i.status = 'accepted' AND EXISTS (SELECT 1 FROM terms) \
           AND (o.policy ->> 'terms') <> 'none' \
           AND NOT EXISTS (SELECT 1 FROM terms_acceptances t WHERE t.user_id = m.user_id)",
    ),
    (
        "I10: a message about an invitation is of its organisation",
        "SELECT count(*) AS count FROM outbox o JOIN invitations i ON i.id = o.invitation_id \
         WHERE o.organisation_id IS NULL OR o.organisation_id <> i.organisation_id",
    ),
    (
        "I11: what members are filtered by follows from their roles",
        "SELECT count(*) AS count FROM (\
           SELECT organisation_id, membership_id, role_id AS key FROM role_assignments \
           UNION SELECT a.organisation_id, a.membership_id, n.ancestor_id FROM role_assignments a \
             JOIN area_ancestors n \
               ON n.organisation_id = a.organisation_id AND n.area_id = a.area_id \
           EXCEPT SELECT organisation_id, membership_id, key FROM membership_facets) x",
    ),
    (
        "I11: counts that are kept are right",
        "SELECT count(*) AS count FROM (SELECT organisation_id, key, status, \
             CAST(sum(people) AS BIGINT) AS people FROM membership_tallies \
             GROUP BY organisation_id, key, status) t \
         WHERE t.people <> (SELECT count(*) FROM membership_facets f \
             WHERE f.organisation_id = t.organisation_id AND f.key = t.key \
               AND f.status = t.status) \
           + (SELECT count(*) FROM memberships m WHERE m.organisation_id = t.key \
               AND m.organisation_id = t.organisation_id AND m.status = t.status)",
    ),
    (
        "I12: the secret of a message that does not wait is gone",
        "SELECT count(*) AS count FROM outbox WHERE status <> 'queued' AND secret IS NOT NULL",
    ),
    (
        "I12: the secrets of a finished registration are gone",
        "SELECT count(*) AS count FROM registrations r \
           JOIN invitations i ON i.id = r.invitation_id \
         WHERE i.status = 'accepted' \
           AND (r.password_hash IS NOT NULL OR r.factor_secret IS NOT NULL)",
    ),
];

/// What must not be there, with the keys of who has a second factor, of who has none, and of clinicians.
const BY_KEYS: [(&str, &str); 2] = [
    (
        "I11: nobody is found by a role that they do not have",
        "SELECT count(*) AS count FROM membership_facets f JOIN memberships m \
           ON m.organisation_id = f.organisation_id AND m.id = f.membership_id \
         WHERE f.status <> m.status OR f.sort_name <> m.sort_name OR f.initials <> m.initials \
           OR f.last_signed_in_at IS DISTINCT FROM m.last_signed_in_at \
           OR (f.key NOT IN ($1, $2, $3) AND EXISTS (SELECT 1 FROM role_assignments a \
                 WHERE a.organisation_id = m.organisation_id AND a.membership_id = m.id) \
               AND NOT EXISTS (SELECT 1 FROM role_assignments a LEFT JOIN area_ancestors n \
                   ON n.organisation_id = a.organisation_id AND n.area_id = a.area_id \
                 WHERE a.organisation_id = m.organisation_id AND a.membership_id = m.id \
                   AND (a.role_id = f.key OR n.ancestor_id = f.key)))",
    ),
    (
        "I11: who has joined is found by their second factors, and clinicians are found",
        "SELECT count(*) AS count FROM (SELECT m.status IN ('active', 'inactive') AS joined, \
             m.clinician IS NOT NULL AND m.clinician AS clinician, \
             EXISTS (SELECT 1 FROM second_factors s WHERE s.user_id = m.user_id) AS has, \
             EXISTS (SELECT 1 FROM membership_facets f WHERE f.organisation_id = m.organisation_id \
               AND f.membership_id = m.id AND f.key = $1) AS codes_on, \
             EXISTS (SELECT 1 FROM membership_facets f WHERE f.organisation_id = m.organisation_id \
               AND f.membership_id = m.id AND f.key = $2) AS codes_off, \
             EXISTS (SELECT 1 FROM membership_facets f WHERE f.organisation_id = m.organisation_id \
               AND f.membership_id = m.id AND f.key = $3) AS found \
           FROM memberships m) x \
         WHERE (joined AND has) <> codes_on OR (joined AND NOT has) <> codes_off OR clinician <> found",
    ),
];

/// What must not be there at a time, `$1`.
const AT_NO_TIME: [(&str, &str); 4] = [
    (
        "I3: whoever has a limited role has a seat",
        concat!(
            "SELECT count(*) AS count FROM (\
               SELECT DISTINCT a.organisation_id, a.membership_id, a.role_id \
               FROM role_assignments a \
               JOIN roles r ON r.id = a.role_id AND r.seat_limit IS NOT NULL \
               JOIN memberships m ON m.id = a.membership_id \
               WHERE (a.ends_at IS NULL OR a.ends_at > $1) AND ",
            counts!(),
            " AND NOT EXISTS (SELECT 1 FROM role_seats s \
                 WHERE s.organisation_id = a.organisation_id AND s.role_id = a.role_id \
                   AND s.membership_id = a.membership_id)) x"
        ),
    ),
    (
        "I3: whoever has a seat has the role",
        concat!(
            "SELECT count(*) AS count FROM role_seats s JOIN memberships m \
               ON m.organisation_id = s.organisation_id AND m.id = s.membership_id WHERE ",
            counts!(),
            " AND NOT EXISTS (SELECT 1 FROM role_assignments a \
                 WHERE a.organisation_id = s.organisation_id \
                   AND a.membership_id = s.membership_id AND a.role_id = s.role_id)"
        ),
    ),
    (
        "I4: an organisation with people keeps an administrator",
        "SELECT count(*) AS count FROM organisations o WHERE o.closed_at IS NULL \
           AND EXISTS (SELECT 1 FROM memberships m \
             WHERE m.organisation_id = o.id AND m.status = 'active') \
           AND NOT EXISTS (SELECT 1 FROM memberships m \
             JOIN role_assignments a ON a.membership_id = m.id \
               AND a.area_id IS NULL AND a.ends_at IS NULL \
               AND (a.starts_at IS NULL OR a.starts_at <= $1) \
             JOIN roles r ON r.id = a.role_id \
               AND CAST(r.permissions AS TEXT) LIKE '%\"users.invite\"%' \
               AND CAST(r.permissions AS TEXT) LIKE '%\"users.deactivate\"%' \
               AND CAST(r.permissions AS TEXT) LIKE '%\"roles.assign\"%' \
             WHERE m.organisation_id = o.id AND m.status = 'active')",
    ),
    (
        "I5: whoever is active nowhere is signed out",
        "SELECT count(*) AS count FROM sessions s \
           JOIN users u ON u.id = s.user_id AND u.security_epoch = s.security_epoch \
         WHERE s.expires_at > $1 AND NOT EXISTS (SELECT 1 FROM memberships m \
             JOIN organisations o ON o.id = m.organisation_id AND o.closed_at IS NULL \
             WHERE m.user_id = s.user_id AND m.status = 'active')",
    ),
];

impl Tx {
    /// What of I1 to I13 does not hold at `now`, with how often; nothing, as it must be.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn broken_invariants(&mut self, now: DateTime<Utc>) -> Result<Vec<String>> {
        let mut broken = Vec::new();
        let mut look = |what: &str, row: Count| {
            if row.count != 0 {
                broken.push(format!("{what} ({} do not)", row.count));
            }
        };
        for (what, statement) in NEVER {
            look(what, sql(statement).fetch_one(self).await?);
        }
        for (what, statement) in BY_KEYS {
            let asked = sql(statement)
                .bind(CODES_ON)
                .bind(CODES_OFF)
                .bind(CLINICIAN);
            look(what, asked.fetch_one(self).await?);
        }
        for (what, statement) in AT_NO_TIME {
            look(what, sql(statement).bind(now).fetch_one(self).await?);
        }
        if self.dialect() == Dialect::Sqlite {
            for (what, statement) in [
                (
                    "I10: every reference leads somewhere",
                    "SELECT count(*) AS count FROM pragma_foreign_key_check",
                ),
                (
                    "I13: the file is whole",
                    "SELECT count(*) AS count FROM pragma_integrity_check \
                     WHERE integrity_check <> 'ok'",
                ),
            ] {
                look(what, sql(statement).fetch_one(self).await?);
            }
        }
        Ok(broken)
    }
}
