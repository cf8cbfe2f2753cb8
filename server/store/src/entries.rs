//! Entries of invitation batches: what was entered, and what became of each line.

use std::fmt::Write;

use chrono::{DateTime, Utc};
use domain::{
    id::{BatchId, EntryId, MembershipId, OrganisationId, UserId},
    invitation::{Delivery, EntryOutcome, EntryWish},
};
use uuid::Uuid;

use crate::{
    Result, Tx,
    memberships::member_names,
    sql::{Arg, Keyed, MaybeId, assembled, insert_many, sql},
};

/// A row of `invitation_entries`: something that was entered, and what became of it.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct EntryRow {
    /// Primary key.
    #[sqlx(try_from = "Uuid")]
    pub id: EntryId,
    /// The organisation.
    #[sqlx(try_from = "Uuid")]
    pub organisation_id: OrganisationId,
    /// The batch.
    #[sqlx(try_from = "Uuid")]
    pub batch_id: BatchId,
    /// Its place in the batch, from 0.
    pub position: i64,
    /// The line of the pasted list, from 1.
    pub line: i64,
    /// As entered.
    pub entered: String,
    /// The address, when it is one.
    pub email: Option<String>,
    /// The name that stood beside it.
    pub name: String,
    /// What is to be done.
    #[sqlx(try_from = "Keyed")]
    pub wish: EntryWish,
    /// A key of [`EntryOutcome`], once there is one.
    outcome: Option<String>,
    /// The membership that it led to.
    #[sqlx(try_from = "MaybeId")]
    pub membership_id: Option<MembershipId>,
    /// When it got its outcome.
    pub processed_at: Option<DateTime<Utc>>,
}

impl EntryRow {
    /// A new entry, without an outcome.
    pub fn new(
        id: EntryId,
        (organisation_id, batch_id): (OrganisationId, BatchId),
        (position, line): (i64, i64),
        entered: String,
        wish: EntryWish,
    ) -> Self {
        Self {
            id,
            organisation_id,
            batch_id,
            position,
            line,
            entered,
            email: None,
            name: String::new(),
            wish,
            outcome: None,
            membership_id: None,
            processed_at: None,
        }
    }

    /// With an outcome from the start.
    #[must_use]
    pub fn settled(mut self, outcome: EntryOutcome, now: DateTime<Utc>) -> Self {
        self.outcome = Some(outcome.as_str().to_owned());
        self.processed_at = Some(now);
        self
    }

    /// What became of it; nothing while it waits.
    pub fn outcome(&self) -> Option<EntryOutcome> {
        self.outcome.as_deref().and_then(EntryOutcome::parse)
    }
}

/// An entry with what is known about its person and its email now.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct EntryResultRow {
    /// Primary key.
    #[sqlx(try_from = "Uuid")]
    pub id: EntryId,
    /// Its place in the batch, from 0.
    pub position: i64,
    /// The line of the pasted list, from 1.
    pub line: i64,
    /// As entered.
    pub entered: String,
    /// The address, when it is one.
    pub email: Option<String>,
    /// The name that stood beside it.
    pub name: String,
    /// What was to be done.
    #[sqlx(try_from = "Keyed")]
    pub wish: EntryWish,
    outcome: Option<String>,
    /// When it got its outcome.
    pub processed_at: Option<DateTime<Utc>>,
    /// The person.
    #[sqlx(try_from = "MaybeId")]
    pub user_id: Option<UserId>,
    /// Of the person.
    pub first_name: Option<String>,
    /// Of the person.
    pub last_name: Option<String>,
    delivery: Option<String>,
}

impl EntryResultRow {
    /// What became of it; nothing while it waits.
    pub fn outcome(&self) -> Option<EntryOutcome> {
        self.outcome.as_deref().and_then(EntryOutcome::parse)
    }

    /// What became of the email that this batch sent.
    pub fn delivery(&self) -> Option<Delivery> {
        self.delivery.as_deref().and_then(Delivery::parse)
    }
}

/// What became of an entry.
#[derive(Clone, Copy, Debug)]
pub struct Settled {
    /// The entry.
    pub entry: EntryId,
    /// Its outcome.
    pub outcome: EntryOutcome,
    /// The membership that it led to, or that stood in its way.
    pub membership: Option<MembershipId>,
}

#[derive(sqlx::FromRow)]
struct OutcomeRow {
    outcome: Option<String>,
    count: i64,
}

#[derive(sqlx::FromRow)]
struct DeliveryRow {
    #[sqlx(try_from = "Keyed")]
    delivery: Delivery,
    count: i64,
}

impl Tx {
    /// Adds the entries of a batch.
    pub async fn insert_entries(&mut self, rows: &[EntryRow]) -> Result<()> {
        let rows = rows
            .iter()
            .map(|row| {
                vec![
                    row.id.into(),
                    row.organisation_id.into(),
                    row.batch_id.into(),
                    row.position.into(),
                    row.line.into(),
                    row.entered.clone().into(),
                    row.email.clone().into(),
                    row.name.clone().into(),
                    row.wish.as_str().into(),
                    row.outcome.clone().into(),
                    row.membership_id.into(),
                    row.processed_at.into(),
                ]
            })
            .collect();
        insert_many(
            self,
            "INSERT INTO invitation_entries (id, organisation_id, batch_id, position, line, \
             entered, email, name, wish, outcome, membership_id, processed_at)",
            rows,
            "",
        )
        .await?;
        Ok(())
    }

    /// The next entries of a batch that have no outcome, in their order.
    pub async fn waiting_entries(
        &mut self,
        organisation: OrganisationId,
        batch: BatchId,
        most: i64,
    ) -> Result<Vec<EntryRow>> {
        sql("SELECT * FROM invitation_entries \
             WHERE organisation_id = $1 AND batch_id = $2 AND outcome IS NULL \
             ORDER BY position LIMIT $3")
        .bind(organisation)
        .bind(batch)
        .bind(most)
        .fetch_all(self)
        .await
    }

    /// Gives entries their outcome, once and for all. [`crate::StoreError::Stale`] when one of
    /// them has one (R97).
    pub async fn settle_entries(
        &mut self,
        organisation: OrganisationId,
        settled: &[Settled],
        now: DateTime<Utc>,
    ) -> Result<()> {
        const CHUNK: usize = 500;
        for chunk in settled.chunks(CHUNK) {
            let mut arguments: Vec<Arg> = vec![organisation.into(), now.into()];
            let mut text = String::from(
                "UPDATE invitation_entries SET outcome = v.column2, membership_id = v.column3, \
                 processed_at = $2 FROM (VALUES ",
            );
            for (index, one) in chunk.iter().enumerate() {
                if index > 0 {
                    text.push(',');
                }
                let first = arguments.len() + 1;
                let _ = write!(text, "(${first},${},${})", first + 1, first + 2);
                arguments.push(one.entry.into());
                arguments.push(one.outcome.as_str().into());
                arguments.push(one.membership.into());
            }
            text.push_str(
                ") AS v WHERE invitation_entries.organisation_id = $1 \
                 AND invitation_entries.id = v.column1 AND invitation_entries.outcome IS NULL",
            );
            let changed = assembled(text, arguments)
                .kept_when(chunk.len() == CHUNK)
                .execute(self)
                .await?;
            if changed != chunk.len() as u64 {
                return Err(crate::StoreError::Stale);
            }
        }
        Ok(())
    }

    /// Gives every entry that still waits the same outcome. Returns how many there were.
    pub async fn settle_waiting(
        &mut self,
        organisation: OrganisationId,
        batch: BatchId,
        outcome: EntryOutcome,
        now: DateTime<Utc>,
    ) -> Result<u64> {
        sql(
            "UPDATE invitation_entries SET outcome = $3, processed_at = $4 \
             WHERE organisation_id = $1 AND batch_id = $2 AND outcome IS NULL",
        )
        .bind(organisation)
        .bind(batch)
        .bind(outcome.as_str())
        .bind(now)
        .execute(self)
        .await
    }

    /// How many entries have which outcome; nothing for those that wait.
    pub async fn count_outcomes(
        &mut self,
        organisation: OrganisationId,
        batch: BatchId,
    ) -> Result<Vec<(Option<EntryOutcome>, i64)>> {
        let rows: Vec<OutcomeRow> = sql("SELECT outcome, count(*) AS count \
             FROM invitation_entries WHERE organisation_id = $1 AND batch_id = $2 GROUP BY outcome")
        .bind(organisation)
        .bind(batch)
        .fetch_all(self)
        .await?;
        Ok(rows
            .into_iter()
            .map(|row| {
                let outcome = row.outcome.as_deref().and_then(EntryOutcome::parse);
                (outcome, row.count)
            })
            .collect())
    }

    /// What became of the emails of a batch.
    pub async fn count_deliveries(
        &mut self,
        organisation: OrganisationId,
        batch: BatchId,
    ) -> Result<Vec<(Delivery, i64)>> {
        let rows: Vec<DeliveryRow> = sql("SELECT delivery, count(*) AS count FROM invitations \
             WHERE organisation_id = $1 AND batch_id = $2 GROUP BY delivery")
        .bind(organisation)
        .bind(batch)
        .fetch_all(self)
        .await?;
        Ok(rows
            .into_iter()
            .map(|row| (row.delivery, row.count))
            .collect())
    }

    /// The entries of a batch after `position` in their order, with their people and emails as
    /// they are now. `only_problems` leaves out those whose invitation is sent or on its way.
    pub async fn entry_results(
        &mut self,
        organisation: OrganisationId,
        batch: BatchId,
        position: i64,
        most: i64,
        only_problems: bool,
    ) -> Result<Vec<EntryResultRow>> {
        sql(concat!(
            "SELECT e.id, e.position, e.line, e.entered, e.email, e.name, e.wish, e.outcome, \
             e.processed_at, u.id AS user_id, ",
            member_names!(),
            ", i.delivery \
             FROM invitation_entries e \
             LEFT JOIN memberships m \
               ON m.organisation_id = e.organisation_id AND m.id = e.membership_id \
             LEFT JOIN users u ON u.id = m.user_id \
             LEFT JOIN invitations i ON i.organisation_id = e.organisation_id \
               AND i.membership_id = e.membership_id AND i.batch_id = e.batch_id \
             WHERE e.organisation_id = $1 AND e.batch_id = $2 AND e.position > $3 \
               AND (NOT $5 OR (e.outcome IS NOT NULL AND e.outcome NOT IN ('sent', 'role_given')) \
                    OR i.delivery = 'failed') \
             ORDER BY e.position LIMIT $4"
        ))
        .bind(organisation)
        .bind(batch)
        .bind(position)
        .bind(most)
        .bind(only_problems)
        .fetch_all(self)
        .await
    }
}
