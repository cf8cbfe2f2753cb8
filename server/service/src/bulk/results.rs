//! Jobs as pages show them: how far they are, what came of them, as tables and as CSV; the list of all
//! bulk work; stopping. Always read from the database.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use domain::{
    Permission,
    audit::AuditEventKind,
    bulk::{BulkCount, BulkJobView, BulkOutcome, BulkPerson, ListedJob},
    id::BulkJobId,
    invitation::{First, JobProgress, JobState},
    unicode::capitalised,
    wording,
};
use store::{BatchRow, BulkJobRow, BulkResultRow, Tx};

use super::{
    check::{LISTED, stored_answers, what},
    count,
};
use crate::{Access, Actor, By, Error, Reach, Result, Services, activity::words, user_page::Names};

/// How far back the list of bulk work goes.
const LISTED_FOR: TimeDelta = TimeDelta::days(90);
/// As many jobs as the list shows.
const JOBS: i64 = 100;
/// Rows read at once for the CSV.
const PAGE: i64 = 1_000;

/// A job in numbers.
#[derive(Default)]
struct Counted {
    outcomes: BTreeMap<BulkOutcome, u32>,
    /// Done, for whom it was to be.
    done: u32,
    /// To be done, and not done.
    failed: u32,
    /// Without an outcome.
    open: u32,
    left_out: u32,
}

impl Counted {
    fn progress(&self, job: &BulkJobRow, at_a_standstill: bool) -> JobProgress {
        JobProgress {
            total: count(job.to_do),
            done: self.done + self.failed,
            sent: self.done,
            failed: self.failed,
            finished: job.finished_at.is_some(),
            stands_still: job.finished_at.is_none() && at_a_standstill,
        }
    }

    fn state(&self, job: &BulkJobRow) -> JobState {
        match job.finished_at {
            Some(_) if job.stopped_at.is_some() => JobState::Stopped,
            Some(_) => JobState::Finished,
            None if self.done + self.failed == 0 => JobState::Waiting,
            None => JobState::Sending,
        }
    }
}

impl Services {
    /// A job, while it is worked on and afterwards.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is none or the actor may not see it; [`Error::NotAllowed`]
    /// without the right that it needed.
    pub async fn bulk_job(&self, actor: &Actor, slug: &str, job: BulkJobId) -> Result<BulkJobView> {
        let mut tx = self.store.read().await?;
        let (access, job) = self.visible_bulk_job(&mut tx, actor, slug, job).await?;
        let organisation = access.organisation_id();
        let counted = self.count_bulk_job(&mut tx, &job).await?;
        let roles = tx.roles(organisation).await?;
        let most = i64::try_from(LISTED).unwrap_or(i64::MAX);
        let mut lists = Vec::new();
        for (kind, total) in [
            ((true, true), counted.done),
            ((true, false), counted.failed),
            ((false, false), counted.left_out),
        ] {
            let rows = tx
                .first_bulk_results(organisation, job.id, kind, most)
                .await?;
            lists.push(First::of(rows.into_iter().map(person), LISTED).out_of(total));
        }
        let mut lists = lists.into_iter();
        let mut next = || lists.next().unwrap_or_default();
        let undo = self.bulk_undo(&mut tx, &job).await?;
        let starter = tx.user(job.created_by).await?;
        let answers = stored_answers(&job)?;
        let places = if counted.outcomes.contains_key(&BulkOutcome::RoleFull) {
            self.places_missed_in_job(&mut tx, &access, &roles, answers.role)
                .await?
        } else {
            Vec::new()
        };
        Ok(BulkJobView {
            id: job.id,
            what: what(&access, &roles, job.action, &answers),
            undoes: job.undoes,
            state: counted.state(&job),
            progress: counted.progress(&job, self.is_at_a_standstill()),
            selected: count(job.total),
            counts: counted
                .outcomes
                .iter()
                .map(|(outcome, count)| BulkCount {
                    outcome: *outcome,
                    count: *count,
                })
                .collect(),
            done: next(),
            failed: next(),
            left_out: next(),
            places,
            started_by: starter.map(|user| user.name()).unwrap_or_default(),
            started_at: job.created_at,
            finished_at: job.finished_at,
            undo,
            can_stop: job.finished_at.is_none() && job.stopped_at.is_none(),
        })
    }

    /// How far a job is, for the stream of events: a few short statements.
    ///
    /// # Errors
    /// As [`Services::bulk_job`].
    pub async fn bulk_job_progress(
        &self,
        actor: &Actor,
        slug: &str,
        job: BulkJobId,
    ) -> Result<JobProgress> {
        let mut tx = self.store.read().await?;
        let (_, job) = self.visible_bulk_job(&mut tx, actor, slug, job).await?;
        let counted = self.count_bulk_job(&mut tx, &job).await?;
        Ok(counted.progress(&job, self.is_at_a_standstill()))
    }

    /// Everybody who was selected, with what became of them and when, as CSV for a spreadsheet (R99).
    /// `words` puts an outcome into words.
    ///
    /// # Errors
    /// As [`Services::bulk_job`].
    pub async fn bulk_job_csv(
        &self,
        actor: &Actor,
        slug: &str,
        job: BulkJobId,
        words: fn(BulkOutcome) -> String,
    ) -> Result<String> {
        let mut tx = self.store.read().await?;
        let (access, job) = self.visible_bulk_job(&mut tx, actor, slug, job).await?;
        let mut text = String::from("\u{feff}");
        let header = ["Name", "Email address", "Outcome", "Reason", "Time"];
        crate::csv::push_row(&mut text, header);
        let mut position = -1;
        loop {
            let rows = tx
                .bulk_results(access.organisation_id(), job.id, position, PAGE)
                .await?;
            for row in &rows {
                position = row.position;
                let outcome = row.outcome();
                let told = match (outcome, row.planned) {
                    (None, _) => "Waiting",
                    (Some(BulkOutcome::Done), _) => "Done",
                    (Some(_), true) => "Not done",
                    (Some(_), false) => "Left out",
                };
                let reason = outcome
                    .filter(|outcome| *outcome != BulkOutcome::Done)
                    .map_or_else(String::new, words);
                let time = row
                    .processed_at
                    .map_or_else(String::new, wording::date_and_time);
                let shown = person_name(row);
                crate::csv::push_row(&mut text, [&shown, &row.email, told, &reason, &time]);
            }
            if i64::try_from(rows.len()).unwrap_or(0) < PAGE {
                return Ok(text);
            }
        }
    }

    /// Stops a job: what was changed stays changed, the rest is left as it is.
    ///
    /// # Errors
    /// As [`Services::bulk_job`].
    pub async fn stop_bulk_job(&self, actor: &Actor, slug: &str, job: BulkJobId) -> Result<()> {
        let now = self.now();
        let mut tx = self.store.write().await?;
        let (_, job) = self.visible_bulk_job(&mut tx, actor, slug, job).await?;
        if tx.stop_bulk_job(job.organisation_id, job.id, now).await? {
            let event = self
                .about_job(&mut tx, AuditEventKind::BulkStopped, &job)
                .await?;
            self.audit(&mut tx, &By::actor(actor), event).await?;
        }
        tx.commit().await?;
        self.wake.ring();
        Ok(())
    }

    /// The bulk work of the last 90 days that the actor may see, invitations and changes, newest first
    /// (F2).
    ///
    /// # Errors
    /// [`Error::NotAllowed`] without a right to do such work.
    pub async fn bulk_work(&self, actor: &Actor, slug: &str) -> Result<Vec<ListedJob>> {
        let mut tx = self.store.read().await?;
        let access = self.access(&mut tx, actor, slug).await?;
        if !does_bulk_work(&access) {
            return Err(Error::NotAllowed);
        }
        self.newest_work(&mut tx, &access, actor, usize::MAX).await
    }

    /// The newest of it, at the most `most`; only these are counted.
    pub(crate) async fn newest_work(
        &self,
        tx: &mut Tx,
        access: &Access,
        actor: &Actor,
        most: usize,
    ) -> Result<Vec<ListedJob>> {
        let organisation = access.organisation_id();
        let mut work = Vec::new();
        if access.has(Permission::UsersInvite) {
            let batches = self.visible_batches(tx, access, actor).await?;
            work.extend(batches.into_iter().map(Work::Invitations));
        }
        let since = self.now() - LISTED_FOR;
        let jobs = tx.bulk_jobs(organisation, since, JOBS).await?;
        let seen = jobs.into_iter().filter(|job| may_see(access, actor, job));
        work.extend(seen.map(Work::Changes));
        work.sort_by_key(|work| std::cmp::Reverse(work.started_at()));
        work.truncate(most);
        let roles = tx.roles(organisation).await?;
        let mut names = Names::default();
        let mut listed = Vec::with_capacity(work.len());
        for work in work {
            listed.push(match work {
                Work::Invitations(batch) => {
                    let job = self.batch_in_short(tx, &roles, &mut names, &batch).await?;
                    let people = wording::plural(job.total.into(), "invitation", "invitations");
                    ListedJob {
                        id: job.id.to_string(),
                        what: format!("{people} as {}", job.role),
                        state: job.state,
                        failed: job.failed,
                        started_by: job.started_by,
                        started_at: job.started_at,
                    }
                }
                Work::Changes(job) => {
                    let counted = self.count_bulk_job(tx, &job).await?;
                    let role = stored_answers(&job)?.role;
                    let role = roles.iter().find(|row| Some(row.id) == role);
                    let role = role.map(|role| role.name.as_str()).unwrap_or_default();
                    let task = words::task(job.action, count(job.to_do).into(), role);
                    ListedJob {
                        id: job.id.to_string(),
                        what: match job.undoes {
                            Some(_) => format!("Undo: {task}"),
                            None => capitalised(&task),
                        },
                        state: counted.state(&job),
                        failed: counted.failed,
                        started_by: names.of(tx, Some(job.created_by)).await?,
                        started_at: job.created_at,
                    }
                }
            });
        }
        Ok(listed)
    }

    /// A job that the actor may see, with what they may do.
    pub(super) async fn visible_bulk_job(
        &self,
        tx: &mut Tx,
        actor: &Actor,
        slug: &str,
        job: BulkJobId,
    ) -> Result<(Access, BulkJobRow)> {
        let access = self.access(tx, actor, slug).await?;
        let job = tx
            .bulk_job(access.organisation_id(), job)
            .await?
            .ok_or(Error::NotFound)?;
        if !may_see(&access, actor, &job) {
            return Err(Error::NotFound);
        }
        access.require(job.action.permission())?;
        Ok((access, job))
    }

    async fn count_bulk_job(&self, tx: &mut Tx, job: &BulkJobRow) -> Result<Counted> {
        let mut counted = Counted::default();
        for (planned, outcome, number) in
            tx.count_bulk_outcomes(job.organisation_id, job.id).await?
        {
            let number = count(number);
            match (planned, outcome) {
                (_, None) => counted.open += number,
                (true, Some(BulkOutcome::Done)) => counted.done += number,
                (true, Some(_)) => counted.failed += number,
                (false, Some(_)) => counted.left_out += number,
            }
            if let Some(outcome) = outcome {
                *counted.outcomes.entry(outcome).or_default() += number;
            }
        }
        Ok(counted)
    }
}

/// Work on many, before it is counted.
enum Work {
    Invitations(BatchRow),
    Changes(BulkJobRow),
}

impl Work {
    const fn started_at(&self) -> DateTime<Utc> {
        match self {
            Self::Invitations(batch) => batch.created_at,
            Self::Changes(job) => job.created_at,
        }
    }
}

/// Whether somebody has a right to do work on many, and so sees the list of it.
pub(crate) fn does_bulk_work(access: &Access) -> bool {
    [
        Permission::UsersInvite,
        Permission::UsersDeactivate,
        Permission::RolesAssign,
    ]
    .into_iter()
    .any(|permission| access.has(permission))
}

/// One's own jobs; those of others to who sees everybody in the organisation.
fn may_see(access: &Access, actor: &Actor, job: &BulkJobRow) -> bool {
    job.created_by == actor.user()
        || access
            .require(Permission::UsersView)
            .is_ok_and(|reach| reach == Reach::Whole)
}

/// The name, or the address while there is none.
fn person_name(row: &BulkResultRow) -> String {
    let name = format!("{} {}", row.first_name, row.last_name);
    if name.trim().is_empty() {
        row.email.clone()
    } else {
        name.trim().to_owned()
    }
}

fn person(row: BulkResultRow) -> BulkPerson {
    BulkPerson {
        user: row.user_id,
        name: person_name(&row),
        outcome: row.outcome().unwrap_or(BulkOutcome::Stopped),
        email: row.email,
        before: Vec::new(),
        after: Vec::new(),
    }
}
