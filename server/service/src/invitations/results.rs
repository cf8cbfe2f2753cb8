//! Batches as pages show them: how far they are, what came of them, as a table and as CSV. Always
//! read from the database (B08, B09).

use std::collections::BTreeMap;

use chrono::TimeDelta;
use domain::{
    Permission,
    id::BatchId,
    invitation::{
        Delivery, EntryOutcome, EntryWish, First, JobProgress, JobState, JobSummary, JobView,
        NotSent, OutcomeCount,
    },
    wording,
};
use store::{BatchRow, EntryResultRow, RoleRow, Tx};

use super::{area_tree, send::AT_ONCE};
use crate::{
    Actor, Error, Result, Services,
    authorisation::{Access, Reach},
    user_page::Names,
};

/// As many addresses as a result page lists; the CSV has all.
const LISTED: usize = 200;
/// How far back the list of bulk work goes.
const LISTED_FOR: TimeDelta = TimeDelta::days(90);
/// As many batches as the list shows.
const BATCHES: i64 = 100;
/// Rows read at once for the CSV.
const PAGE: i64 = 1_000;

/// A batch in numbers.
struct Counted {
    outcomes: BTreeMap<EntryOutcome, u32>,
    /// Entries without an outcome.
    open: u32,
    emails: BTreeMap<Delivery, u32>,
}

impl Counted {
    fn outcome(&self, outcome: EntryOutcome) -> u32 {
        self.outcomes.get(&outcome).copied().unwrap_or_default()
    }

    fn email(&self, delivery: Delivery) -> u32 {
        self.emails.get(&delivery).copied().unwrap_or_default()
    }

    fn progress(&self, batch: &BatchRow) -> JobProgress {
        let total = count(batch.to_send);
        let waiting = self.email(Delivery::Queued);
        JobProgress {
            total,
            done: total.saturating_sub(self.open).saturating_sub(waiting),
            sent: self.email(Delivery::Sent),
            failed: total
                .saturating_sub(self.open)
                .saturating_sub(self.outcome(EntryOutcome::Sent))
                .saturating_sub(self.outcome(EntryOutcome::RoleGiven))
                .saturating_add(self.email(Delivery::Failed)),
            finished: batch.finished_at.is_some() && waiting == 0,
            stands_still: false,
        }
    }

    fn state(&self, batch: &BatchRow) -> JobState {
        match self.progress(batch).finished {
            true if batch.stopped_at.is_some() => JobState::Stopped,
            true => JobState::Finished,
            false if self.outcome(EntryOutcome::Sent) == 0 => JobState::Waiting,
            false => JobState::Sending,
        }
    }

    /// The outcomes as people read them: an invitation that the other side refused was not sent.
    /// They add up to what was entered (R97).
    fn shown(&self) -> Vec<OutcomeCount> {
        let failed = self
            .email(Delivery::Failed)
            .min(self.outcome(EntryOutcome::Sent));
        let mut counts = self.outcomes.clone();
        if let Some(sent) = counts.get_mut(&EntryOutcome::Sent) {
            *sent -= failed;
        }
        counts.insert(EntryOutcome::EmailFailed, failed);
        counts
            .into_iter()
            .filter(|(_, count)| *count > 0)
            .map(|(outcome, count)| OutcomeCount { outcome, count })
            .collect()
    }
}

impl Services {
    /// A batch, while it is worked on and afterwards.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is none or the actor may not see it.
    pub async fn job(&self, actor: &Actor, slug: &str, job: BatchId) -> Result<JobView> {
        let mut tx = self.store.read().await?;
        let access = self.inviting(&mut tx, actor, slug).await?;
        let batch = self.visible_batch(&mut tx, &access, actor, job).await?;
        let counted = self.count_batch(&mut tx, &batch).await?;
        let progress = self.at_this_moment(counted.progress(&batch));
        let organisation = batch.organisation_id;
        let rows = tx
            .entry_results(organisation, batch.id, -1, i64::MAX, true)
            .await?;
        let (left_out, failed): (Vec<_>, Vec<_>) = rows
            .into_iter()
            .filter_map(|row| Some((shown_outcome(&row)?, row)))
            .partition(|(_, row)| row.wish == EntryWish::Nothing);
        let role = tx.role(organisation, batch.role_id).await?;
        let areas = tx.batch_areas(organisation, batch.id).await?;
        let starter = tx.user(batch.created_by).await?;
        Ok(JobView {
            id: batch.id,
            state: counted.state(&batch),
            entered: count(batch.total),
            progress,
            // A few emails on their way hold nobody up: the page shows them as they go.
            has_result: batch.finished_at.is_some()
                && (batch.to_send < AT_ONCE || progress.finished),
            invited: counted.outcome(EntryOutcome::Sent),
            waiting: counted.email(Delivery::Queued),
            roles_given: counted.outcome(EntryOutcome::RoleGiven),
            counts: counted.shown(),
            failed: First::of(failed.into_iter().map(not_sent), LISTED),
            left_out: First::of(left_out.into_iter().map(not_sent), LISTED),
            role: role.map(|role| role.name).unwrap_or_default(),
            areas: area_tree(&access.areas).labels(&areas),
            area_label: access.organisation.policy.area_label.many.clone(),
            started_by: starter.map(|user| user.name()).unwrap_or_default(),
            started_at: batch.created_at,
            finished_at: batch.finished_at,
            can_invite: true,
        })
    }

    /// How far a batch is, for the stream of events: a few short statements.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is none or the actor may not see it.
    pub async fn job_progress(
        &self,
        actor: &Actor,
        slug: &str,
        job: BatchId,
    ) -> Result<JobProgress> {
        let mut tx = self.store.read().await?;
        let access = self.inviting(&mut tx, actor, slug).await?;
        let batch = self.visible_batch(&mut tx, &access, actor, job).await?;
        let counted = self.count_batch(&mut tx, &batch).await?;
        Ok(self.at_this_moment(counted.progress(&batch)))
    }

    /// What the database cannot tell: that it cannot be written.
    fn at_this_moment(&self, progress: JobProgress) -> JobProgress {
        JobProgress {
            stands_still: !progress.finished && self.is_at_a_standstill(),
            ..progress
        }
    }

    /// The batches of the last 90 days that the actor may see.
    ///
    /// # Errors
    /// [`Error::NotAllowed`] without the right to invite.
    pub async fn jobs(&self, actor: &Actor, slug: &str) -> Result<Vec<JobSummary>> {
        let mut tx = self.store.read().await?;
        let access = self.inviting(&mut tx, actor, slug).await?;
        let roles = tx.roles(access.organisation_id()).await?;
        let mut names = Names::default();
        let mut jobs = Vec::new();
        for batch in self.visible_batches(&mut tx, &access, actor).await? {
            jobs.push(
                self.batch_in_short(&mut tx, &roles, &mut names, &batch)
                    .await?,
            );
        }
        Ok(jobs)
    }

    /// The batches of the last 90 days that the actor may see, newest first.
    pub(crate) async fn visible_batches(
        &self,
        tx: &mut Tx,
        access: &Access,
        actor: &Actor,
    ) -> Result<Vec<BatchRow>> {
        let since = self.now() - LISTED_FOR;
        let mut batches = tx.batches(access.organisation_id(), since, BATCHES).await?;
        batches.retain(|batch| may_see(access, actor, batch));
        Ok(batches)
    }

    pub(crate) async fn batch_in_short(
        &self,
        tx: &mut Tx,
        roles: &[RoleRow],
        names: &mut Names,
        batch: &BatchRow,
    ) -> Result<JobSummary> {
        let counted = self.count_batch(tx, batch).await?;
        let role = roles.iter().find(|role| role.id == batch.role_id);
        Ok(JobSummary {
            id: batch.id,
            state: counted.state(batch),
            total: count(batch.to_send),
            failed: counted.progress(batch).failed,
            role: role.map(|role| role.name.clone()).unwrap_or_default(),
            started_by: names.of(tx, Some(batch.created_by)).await?,
            started_at: batch.created_at,
        })
    }

    /// Everything that was entered, with its outcome and time, as CSV for a spreadsheet: in UTF-8
    /// with its mark, and with no cell that a spreadsheet would calculate (R99). `words` puts an
    /// outcome into words.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is none or the actor may not see it.
    pub async fn job_csv(
        &self,
        actor: &Actor,
        slug: &str,
        job: BatchId,
        words: fn(EntryOutcome) -> String,
    ) -> Result<String> {
        let mut tx = self.store.read().await?;
        let access = self.inviting(&mut tx, actor, slug).await?;
        let batch = self.visible_batch(&mut tx, &access, actor, job).await?;
        let mut text = String::from("\u{feff}");
        let header = ["Line", "Email address", "Outcome", "Reason", "Time"];
        crate::csv::push_row(&mut text, header);
        let mut position = -1;
        loop {
            let rows = tx
                .entry_results(batch.organisation_id, batch.id, position, PAGE, false)
                .await?;
            for row in &rows {
                position = row.position;
                let outcome = shown_outcome(row);
                let done = outcome.is_some_and(EntryOutcome::is_done);
                let reason = outcome.map_or_else(String::new, words);
                let time = row
                    .processed_at
                    .map_or_else(String::new, wording::date_and_time);
                let line = row.line.to_string();
                let entered = row.email.as_deref().unwrap_or(&row.entered);
                let told = match (outcome, done) {
                    (None, _) => "Waiting",
                    (Some(_), true) => "Sent",
                    (Some(_), false) => "Not sent",
                };
                crate::csv::push_row(&mut text, [&line, entered, told, &reason, &time]);
            }
            if i64::try_from(rows.len()).unwrap_or(0) < PAGE {
                return Ok(text);
            }
        }
    }

    /// A batch that the actor may see.
    pub(super) async fn visible_batch(
        &self,
        tx: &mut Tx,
        access: &Access,
        actor: &Actor,
        job: BatchId,
    ) -> Result<BatchRow> {
        tx.batch(access.organisation_id(), job)
            .await?
            .filter(|batch| may_see(access, actor, batch))
            .ok_or(Error::NotFound)
    }

    async fn count_batch(&self, tx: &mut Tx, batch: &BatchRow) -> Result<Counted> {
        let mut counted = Counted {
            outcomes: BTreeMap::new(),
            open: 0,
            emails: BTreeMap::new(),
        };
        for (outcome, number) in tx.count_outcomes(batch.organisation_id, batch.id).await? {
            match outcome {
                Some(outcome) => *counted.outcomes.entry(outcome).or_default() += count(number),
                None => counted.open += count(number),
            }
        }
        for (delivery, number) in tx.count_deliveries(batch.organisation_id, batch.id).await? {
            counted.emails.insert(delivery, count(number));
        }
        Ok(counted)
    }
}

/// One's own batches; those of others to who sees everybody in the organisation.
fn may_see(access: &Access, actor: &Actor, batch: &BatchRow) -> bool {
    batch.created_by == actor.user()
        || access
            .require(Permission::UsersView)
            .is_ok_and(|reach| reach == Reach::Whole)
}

/// The outcome as people read it: an email that the other side refused was not sent.
fn shown_outcome(row: &EntryResultRow) -> Option<EntryOutcome> {
    match (row.outcome()?, row.delivery()) {
        (EntryOutcome::Sent, Some(Delivery::Failed)) => Some(EntryOutcome::EmailFailed),
        (outcome, _) => Some(outcome),
    }
}

fn not_sent((outcome, row): (EntryOutcome, EntryResultRow)) -> NotSent {
    let name = |row: &EntryResultRow| {
        let first = row.first_name.as_deref().unwrap_or_default();
        let last = row.last_name.as_deref().unwrap_or_default();
        format!("{first} {last}").trim().to_owned()
    };
    NotSent {
        entry: Some(row.id),
        line: count(row.line),
        name: name(&row),
        user: row.user_id,
        text: row.email.unwrap_or(row.entered),
        outcome,
    }
}

fn count(number: i64) -> u32 {
    u32::try_from(number.max(0)).unwrap_or(u32::MAX)
}
