//! Activity: audit events as people look for them, newest first.
//!
//! With 100,000 events no page may look at all of them. Every way of asking has an index in the order of
//! the list: by time, about somebody, by somebody, of a kind. Where several values are asked for, the
//! newest of each are found by themselves and put together ([`Asked::branches`]).

use chrono::{DateTime, Utc};
use domain::id::{AreaId, OrganisationId, UserId};
use serde_json::Value;
use uuid::Uuid;

use crate::{
    Dialect, ListReach, Result, Tx,
    sql::{Arg, MaybeId, Sql, assembled, list, sql},
};

/// Up to so many people are looked up one by one; of more, enough of the newest events are about one.
const FEW_PEOPLE: usize = 300;

/// Where a page of activity is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ActivityPlace {
    /// At the newest event.
    Newest,
    /// At the newest that is older than the event with this number.
    Before(i64),
    /// At the oldest that are newer than the event with this number.
    After(i64),
}

/// What is asked for.
#[derive(Clone, Debug)]
pub struct ActivityQuery {
    /// Whose events.
    pub organisation: OrganisationId,
    /// About people in reach; with areas, nothing that is about nobody.
    pub reach: ListReach,
    /// About any of these people; nothing: about whomever.
    pub subjects: Option<Vec<UserId>>,
    /// Done by any of these people; nothing: by whomever.
    pub actors: Option<Vec<UserId>>,
    /// Of any of these kinds; nothing: of all.
    pub kinds: Option<Vec<&'static str>>,
    /// Not before this moment.
    pub from: Option<DateTime<Utc>>,
    /// Before this moment.
    pub to: Option<DateTime<Utc>>,
    /// Where the page is.
    pub place: ActivityPlace,
    /// How many at the most.
    pub limit: u32,
}

/// An audit event, as far as people are told of it.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct ActivityEventRow {
    /// Its number in the chain of the organisation.
    pub sequence: i64,
    /// What happened.
    pub kind: String,
    /// Who did it.
    #[sqlx(try_from = "MaybeId")]
    pub actor_id: Option<UserId>,
    /// Their name at the time.
    pub actor_name: String,
    /// Whom it is about.
    #[sqlx(try_from = "MaybeId")]
    pub subject_id: Option<UserId>,
    /// Their name at the time.
    pub subject_name: String,
    /// What changed.
    #[sqlx(json)]
    pub details: Value,
    /// When.
    pub at: DateTime<Utc>,
}

#[derive(sqlx::FromRow)]
struct Id {
    #[sqlx(try_from = "Uuid")]
    id: UserId,
}

#[derive(sqlx::FromRow)]
struct At {
    at: DateTime<Utc>,
}

const COLUMNS: &str = "sequence, kind, actor_id, actor_name, subject_id, subject_name, details, at";

/// An event about somebody's account, as they see it themselves.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct OwnEventRow {
    /// What happened.
    pub kind: String,
    /// Who did it, by their name at the time.
    pub actor_name: String,
    /// What changed.
    #[sqlx(json)]
    pub details: Value,
    /// Where the request came from.
    pub ip: String,
    /// When.
    pub at: DateTime<Utc>,
}

impl Tx {
    /// What happened to somebody's account, newest first: events of these kinds that belong to no
    /// organisation. At the most `most`.
    pub async fn events_of_account(
        &mut self,
        user: UserId,
        kinds: &[&'static str],
        most: i64,
    ) -> Result<Vec<OwnEventRow>> {
        list::around(
            "SELECT kind, actor_name, details, ip, at FROM audit_events \
             WHERE organisation_id IS NULL AND subject_id = $1 AND kind IN (",
            vec![user.into(), most.into()],
            kinds,
            ") ORDER BY at DESC, sequence DESC LIMIT $2",
        )
        .fetch_all(self)
        .await
    }

    /// Events, newest first. A place at an event that does not exist is the newest.
    pub async fn activity(&mut self, query: &ActivityQuery) -> Result<Vec<ActivityEventRow>> {
        let mut query = query.clone();
        if let ListReach::Areas(areas) = &query.reach {
            let people = self.people_in(query.organisation, areas).await?;
            if people.len() <= FEW_PEOPLE {
                // Whoever is asked for and not within reach is not there.
                query.subjects = Some(match query.subjects.take() {
                    None => people,
                    Some(asked) => asked
                        .into_iter()
                        .filter(|asked| people.contains(asked))
                        .collect(),
                });
                query.reach = ListReach::Whole;
            }
        }
        if query.subjects.as_ref().is_some_and(Vec::is_empty)
            || query.actors.as_ref().is_some_and(Vec::is_empty)
            || query.kinds.as_ref().is_some_and(Vec::is_empty)
        {
            return Ok(Vec::new());
        }
        let cursor = match query.place {
            ActivityPlace::Newest => None,
            ActivityPlace::Before(sequence) | ActivityPlace::After(sequence) => {
                let found: Option<At> =
                    sql("SELECT at FROM audit_events WHERE organisation_id = $1 AND sequence = $2")
                        .bind(query.organisation)
                        .bind(sequence)
                        .fetch_optional(self)
                        .await?;
                found.map(|row| (row.at, sequence))
            }
        };
        let rising = cursor.is_some() && matches!(query.place, ActivityPlace::After(_));
        let mut rows: Vec<ActivityEventRow> = Asked {
            query: &query,
            cursor,
            rising,
            dialect: self.dialect(),
            text: String::new(),
            arguments: vec![query.organisation.into()],
        }
        .branches()
        .fetch_all(self)
        .await?;
        if rising {
            rows.reverse();
        }
        Ok(rows)
    }

    /// The people who have a role in these areas or inside them; one more than [`FEW_PEOPLE`] at
    /// the most.
    async fn people_in(
        &mut self,
        organisation: OrganisationId,
        areas: &[AreaId],
    ) -> Result<Vec<UserId>> {
        if areas.is_empty() {
            return Ok(Vec::new());
        }
        let rows: Vec<Id> = crate::sql::list::around(
            "SELECT m.user_id AS id FROM membership_facets f \
             JOIN memberships m ON m.organisation_id = f.organisation_id AND m.id = f.membership_id \
             WHERE f.organisation_id = $1 AND f.key IN (",
            vec![
                organisation.into(),
                i64::try_from(FEW_PEOPLE + 1).unwrap_or(i64::MAX).into(),
            ],
            areas,
            ") LIMIT $2",
        )
        .fetch_all(self)
        .await?;
        Ok(rows.into_iter().map(|row| row.id).collect())
    }

    /// The people of an organisation, of whatever status, whose name or address has a word with each
    /// of these beginnings. At the most `most`.
    pub async fn people_with_words(
        &mut self,
        organisation: OrganisationId,
        words: &[String],
        most: i64,
    ) -> Result<Vec<UserId>> {
        let mut text =
            String::from("SELECT m.user_id AS id FROM memberships m WHERE m.organisation_id = $1");
        let mut arguments: Vec<Arg> = vec![organisation.into(), most.into()];
        for word in words {
            arguments.push(word.clone().into());
            arguments.push(format!("{word}\u{10ffff}").into());
            let last = arguments.len();
            text.push_str(
                " AND m.id IN (SELECT membership_id FROM membership_words \
                 WHERE organisation_id = $1 AND word >= $",
            );
            text.push_str(&(last - 1).to_string());
            text.push_str(" AND word < $");
            text.push_str(&last.to_string());
            text.push(')');
        }
        text.push_str(" ORDER BY m.user_id LIMIT $2");
        let rows: Vec<Id> = assembled(text, arguments).fetch_all(self).await?;
        Ok(rows.into_iter().map(|row| row.id).collect())
    }
}

/// A question on its way to one statement.
struct Asked<'a> {
    query: &'a ActivityQuery,
    cursor: Option<(DateTime<Utc>, i64)>,
    rising: bool,
    dialect: Dialect,
    text: String,
    arguments: Vec<Arg>,
}

impl Asked<'_> {
    fn add(&mut self, text: &str) {
        self.text.push_str(text);
    }

    fn bind(&mut self, argument: impl Into<Arg>) {
        self.arguments.push(argument.into());
        self.text.push('$');
        self.text.push_str(&self.arguments.len().to_string());
    }

    fn one_of<T: Clone + Into<Arg>>(&mut self, column: &str, values: &[T]) {
        self.add(" AND ");
        self.add(column);
        self.add(" IN (");
        for (index, value) in values.iter().enumerate() {
            if index > 0 {
                self.add(",");
            }
            self.bind(value.clone());
        }
        self.add(")");
    }

    /// The table, read along an index. SQLite has counted nothing and would guess.
    fn from(&mut self, index: &str) {
        self.add(" FROM audit_events e");
        if self.dialect == Dialect::Sqlite {
            self.add(" INDEXED BY audit_events_by_");
            self.add(index);
        }
        self.add(" WHERE organisation_id = $1");
    }

    /// The newest for each value of what narrows most, and of those the newest.
    fn branches(mut self) -> Sql {
        let query = self.query;
        let branches: Vec<(&str, Arg)> = match (&query.subjects, &query.actors, &query.kinds) {
            // One person has few events: all of them are put in order.
            (Some(_), _, _) | (None, None, None) => Vec::new(),
            (None, Some(actors), _) => actors
                .iter()
                .map(|actor| ("actor_id", (*actor).into()))
                .collect(),
            (None, None, Some(kinds)) => {
                kinds.iter().map(|kind| ("kind", (*kind).into())).collect()
            }
        };
        self.add("SELECT ");
        self.add(COLUMNS);
        if branches.is_empty() {
            self.from(if query.subjects.is_some() {
                "subject"
            } else {
                "time"
            });
            self.conditions(true);
        } else {
            self.add(" FROM (");
            let by_kind = query.actors.is_none();
            for (index, (column, value)) in branches.into_iter().enumerate() {
                if index > 0 {
                    self.add(" UNION ALL ");
                }
                self.add("SELECT * FROM (SELECT ");
                self.add(COLUMNS);
                self.from(if by_kind { "kind" } else { "actor" });
                self.add(" AND ");
                self.add(column);
                self.add(" = ");
                self.bind(value);
                self.conditions(!by_kind);
                self.order();
                self.add(") AS b");
                self.add(&index.to_string());
            }
            self.add(") AS found");
        }
        self.order();
        assembled(self.text, self.arguments)
    }

    fn conditions(&mut self, kinds: bool) {
        let query = self.query;
        if let Some(subjects) = &query.subjects {
            self.one_of("subject_id", subjects);
            if let Some(actors) = &query.actors {
                self.one_of("actor_id", actors);
            }
        }
        if let Some(wanted) = query.kinds.as_ref().filter(|_| kinds) {
            self.one_of("kind", wanted);
        }
        if let Some(from) = query.from {
            self.add(" AND at >= ");
            self.bind(from);
        }
        if let Some(to) = query.to {
            self.add(" AND at < ");
            self.bind(to);
        }
        if let Some((at, sequence)) = self.cursor {
            self.add(if self.rising {
                " AND (at, sequence) > ("
            } else {
                " AND (at, sequence) < ("
            });
            self.bind(at);
            self.add(", ");
            self.bind(sequence);
            self.add(")");
        }
        if let ListReach::Areas(areas) = &query.reach {
            self.add(
                " AND EXISTS (SELECT 1 FROM membership_facets f WHERE f.organisation_id = $1 \
                 AND f.membership_id = (SELECT m.id FROM memberships m \
                 WHERE m.organisation_id = $1 AND m.user_id = e.subject_id)",
            );
            self.one_of("f.key", areas);
            self.add(")");
        }
    }

    fn order(&mut self) {
        self.add(if self.rising {
            " ORDER BY at, sequence LIMIT "
        } else {
            " ORDER BY at DESC, sequence DESC LIMIT "
        });
        self.bind(i64::from(self.query.limit));
    }
}
