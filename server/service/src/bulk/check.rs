//! The page of answers, and its button: one transaction claims the journey and writes the job with an entry
//! for everybody who was selected. What is done is what the page showed, or the page is shown anew (R98).

use std::{collections::BTreeMap, fmt::Write};

use chrono::TimeDelta;
use domain::{
    Permission,
    audit::AuditEventKind,
    bulk::{
        BulkAction, BulkCheck, BulkCheckPage, BulkCount, BulkOutcome, BulkPerson, BulkStep,
        Selected,
    },
    id::{BulkJobId, DraftId, MembershipId, UserId},
    invitation::First,
    policy::GrantEffective,
    wording,
};
use serde_json::json;
use sha2::{Digest, Sha256};
use store::{AssignmentRow, BulkEntryRow, BulkJobRow, RoleRow, Tx};

use super::{
    AT_ONCE, Answers, At, Elsewhere, Plan, here,
    journey::{Loaded, open},
    judge::Verdict,
    selection::Candidate,
};
use crate::{
    Access, Actor, By, Conflict, Error, Reach, Result, Services,
    audit::Event,
    invitations::{LEASE, area_tree},
    memberships::lines_of,
};

/// As many people as each table of a page shows.
pub(super) const LISTED: usize = 200;
/// How long a finished journey is kept, so that a repeat finds its job.
const REMEMBERED: TimeDelta = TimeDelta::days(30);

/// Everybody who was selected, with what is to become of each.
struct Standing {
    answers: Answers,
    people: Vec<(Candidate, Verdict)>,
    /// Names exactly this, and nothing that was true before or will be later.
    version: String,
}

impl Standing {
    fn planned(&self) -> u32 {
        let planned = self.people.iter().filter(|(_, verdict)| verdict.is_done());
        wording::count(planned.count())
    }
}

impl Services {
    /// The page of answers.
    ///
    /// # Errors
    /// [`Error::NotAllowed`]; [`Error::NotFound`].
    pub async fn bulk_check(
        &self,
        actor: &Actor,
        slug: &str,
        id: DraftId,
    ) -> Result<At<BulkCheckPage>> {
        let mut tx = self.store.read().await?;
        let loaded = here!(self.load_bulk(&mut tx, actor, slug, id).await?);
        let standing = here!(self.bulk_standing(&mut tx, actor, &loaded).await?);
        let (draft, access) = (&loaded.draft, &loaded.access);
        let (people, left_out): (Vec<_>, Vec<_>) = standing
            .people
            .iter()
            .partition(|(_, verdict)| verdict.is_done());
        let planned = wording::count(people.len());
        let left_without_holder = self.left_without_holder(&mut tx, &loaded, &people).await?;
        let places = self.places_missed(&mut tx, &loaded, &left_out).await?;
        let reach = access.require(Permission::UsersView)?;
        let shown = |(candidate, verdict): &(Candidate, Verdict)| {
            person((access, &reach), draft.action, candidate, verdict)
        };
        Ok(At::Here(BulkCheckPage {
            what: what(access, &loaded.roles, draft.action, &standing.answers),
            selected: wording::count(standing.people.len()),
            people: First::of(people.iter().take(LISTED).map(|one| shown(one)), LISTED)
                .out_of(planned),
            left_out: First::of(left_out.iter().take(LISTED).map(|one| shown(one)), LISTED)
                .out_of(wording::count(left_out.len())),
            reasons: reasons(&left_out),
            places,
            left_without_holder,
            back: draft.step_before_check(loaded.asks()),
            query: match &draft.selected {
                Selected::Matching(query) => query.clone(),
                Selected::Users(_) => String::new(),
            },
            asks_once_more: asks_once_more(draft.action, planned),
            from_next_sign_in: access.organisation.policy.grant_effective
                == GrantEffective::NextSignIn,
            version: standing.version,
        }))
    }

    /// The roles that nobody has any more once these people are deactivated (J45).
    async fn left_without_holder(
        &self,
        tx: &mut Tx,
        loaded: &Loaded,
        leaving: &[&(Candidate, Verdict)],
    ) -> Result<Vec<String>> {
        if loaded.draft.action != BulkAction::Deactivate {
            return Ok(Vec::new());
        }
        let now = self.now();
        let organisation = loaded.access.organisation_id();
        let nobody = MembershipId::from_uuid(uuid::Uuid::nil());
        let mut names = Vec::new();
        for role in &loaded.roles {
            let holds = |row: &AssignmentRow| {
                row.role_id == role.id
                    && row.starts_at.is_none_or(|start| start <= now)
                    && row.ends_at.is_none_or(|end| end > now)
            };
            let gone = leaving
                .iter()
                .filter(|(candidate, _)| candidate.member.assignments.iter().any(holds))
                .count();
            if gone == 0 {
                continue;
            }
            let all = tx.count_holders(organisation, role.id, nobody, now).await?;
            if all <= i64::try_from(gone).unwrap_or(i64::MAX) {
                names.push(role.name.clone());
            }
        }
        Ok(names)
    }

    /// Takes somebody out of the selection, or with `back` in again.
    ///
    /// # Errors
    /// [`Error::NotFound`] for whoever is not selected.
    pub async fn leave_out(
        &self,
        actor: &Actor,
        slug: &str,
        id: DraftId,
        user: UserId,
        back: bool,
    ) -> Result<At<BulkStep>> {
        let mut tx = self.store.write().await?;
        let mut loaded = here!(self.load_bulk(&mut tx, actor, slug, id).await?);
        let members = self
            .selected_members(&mut tx, &loaded.access, &loaded.draft.selected)
            .await?;
        let member = tx
            .membership_of(loaded.access.organisation_id(), user)
            .await?
            .filter(|member| members.contains(&member.id));
        if member.is_none() {
            return Err(Error::NotFound);
        }
        loaded.draft.left_out.retain(|other| *other != user);
        if !back {
            loaded.draft.left_out.push(user);
        }
        self.go_on_in_bulk(tx, loaded).await
    }

    /// Does what the page of answers showed; `version` is that of the page. Few are changed before this
    /// returns, many by [`Services::process_bulk_step`]. Deactivating many is asked once more, unless
    /// they are `sure`.
    ///
    /// # Errors
    /// [`Conflict::Stale`] when the page is older than the truth; [`Error::StepUpRequired`] before
    /// people are deactivated (R49); `bulk.none` when nothing would be done; [`Error::NotAllowed`].
    pub async fn confirm_bulk(
        &self,
        actor: &Actor,
        slug: &str,
        id: DraftId,
        version: &str,
        sure: bool,
    ) -> Result<At<BulkStep>> {
        let mut tx = self.store.write().await?;
        let access = self.access(&mut tx, actor, slug).await?;
        let organisation = access.organisation_id();
        let row = tx
            .lock_journey(organisation, actor.user(), id, self.now())
            .await?;
        let roles = tx.roles(organisation).await?;
        let loaded = here!(open(access, row, roles)?);
        let standing = here!(self.bulk_standing(&mut tx, actor, &loaded).await?);
        if standing.version != version {
            return Err(Error::Conflict(Conflict::Stale));
        }
        let planned = standing.planned();
        if planned == 0 {
            return Err(Error::violation("select", "bulk.none"));
        }
        if loaded.draft.action == BulkAction::Deactivate {
            self.require_proof(&mut tx, actor).await?;
        }
        if asks_once_more(loaded.draft.action, planned) && !sure {
            return Ok(At::Here(BulkStep::Sure));
        }
        let job = self
            .write_bulk_job(&mut tx, actor, loaded, &standing)
            .await?;
        tx.commit().await?;
        self.begin_bulk_job(&job).await;
        Ok(At::Elsewhere(Elsewhere::Job(job.id)))
    }

    /// Works on a job at once when it is small, and wakes the worker.
    pub(super) async fn begin_bulk_job(&self, job: &BulkJobRow) {
        if job.leased_until.is_some() {
            // Whatever goes wrong here, the job is written: the worker takes over.
            let worked = self
                .work_on_bulk_job(job.organisation_id, job.id, job.leased_until)
                .await;
            if let Err(error) = worked {
                tracing::warn!(job = %job.id, %error, "left to the worker");
            }
        }
        self.wake.ring();
    }

    async fn write_bulk_job(
        &self,
        tx: &mut Tx,
        actor: &Actor,
        mut loaded: Loaded,
        standing: &Standing,
    ) -> Result<BulkJobRow> {
        let now = self.now();
        let entries: Vec<BulkEntryRow> = (0..)
            .zip(&standing.people)
            .map(|(position, (candidate, verdict))| {
                let outcome = Some(verdict.outcome()).filter(|_| !verdict.is_done());
                BulkEntryRow::new(position, candidate.member.membership.id, outcome)
            })
            .collect();
        let to_do = i64::from(standing.planned());
        let job = BulkJobRow {
            id: BulkJobId::from_uuid(self.random.uuid(now)),
            organisation_id: loaded.access.organisation_id(),
            created_by: actor.user(),
            action: loaded.draft.action,
            undoes: None,
            answers: serde_json::to_value(&standing.answers).map_err(store::StoreError::from)?,
            total: i64::try_from(entries.len()).unwrap_or(i64::MAX),
            to_do,
            created_at: now,
            finished_at: None,
            stopped_at: None,
            // A small job is worked on by this request; nobody else is to begin meanwhile.
            leased_until: (to_do < AT_ONCE).then_some(now + LEASE),
        };
        self.insert_job(tx, actor, &job, &entries).await?;
        loaded.journey.answers = json!({});
        loaded.journey.job_id = Some(job.id);
        loaded.journey.expires_at = now + REMEMBERED;
        tx.update_journey(&loaded.journey).await?;
        Ok(job)
    }

    /// Writes a job with its entries, and that it was started.
    pub(super) async fn insert_job(
        &self,
        tx: &mut Tx,
        actor: &Actor,
        job: &BulkJobRow,
        entries: &[BulkEntryRow],
    ) -> Result<()> {
        tx.insert_bulk_job(job, entries).await?;
        let mut event = self.about_job(tx, AuditEventKind::BulkStarted, job).await?;
        event.details["answers"] = job.answers.clone();
        event.details["selected"] = json!(job.total);
        self.audit(tx, &By::actor(actor), event).await
    }

    /// An event about a job, with what it is by the names of the time.
    pub(super) async fn about_job(
        &self,
        tx: &mut Tx,
        kind: AuditEventKind,
        job: &BulkJobRow,
    ) -> Result<Event> {
        let role = match stored_answers(job)?.role {
            Some(role) => tx.role(job.organisation_id, role).await?,
            None => None,
        };
        Ok(Event {
            organisation: Some(job.organisation_id),
            kind,
            subject: None,
            details: json!({
                "job": job.id,
                "action": job.action,
                "undoes": job.undoes,
                "role": role.map(|role| role.name),
                "to_do": job.to_do,
            }),
        })
    }

    /// What is to become of everybody who is selected at this moment; or the page that has no answer.
    async fn bulk_standing(
        &self,
        tx: &mut Tx,
        actor: &Actor,
        loaded: &Loaded,
    ) -> Result<At<Standing>> {
        let step = loaded.next_step(self.now());
        if step != BulkStep::Check {
            return Ok(At::Elsewhere(Elsewhere::Step(step)));
        }
        let (draft, access) = (&loaded.draft, &loaded.access);
        let answers = Answers::of(draft, self.now())?;
        let Some(plan) = Plan::of(access, &loaded.roles, draft.action, &answers) else {
            return Ok(At::Elsewhere(Elsewhere::Start));
        };
        let members = self.selected_members(tx, access, &draft.selected).await?;
        if members.len() > Selected::MOST {
            return Err(Error::violation("select", "bulk.too_many"));
        }
        let about_invitations = matches!(plan, Plan::Resend | Plan::Cancel);
        let candidates = self
            .candidates(tx, access, &members, about_invitations)
            .await?;
        let mut judge = self
            .judge(tx, access, actor.user(), (draft.action, &plan))
            .await?;
        let mut people = Vec::with_capacity(candidates.len());
        let mut seen = Sha256::new();
        for candidate in candidates {
            let member = &candidate.member;
            let verdict = if draft.left_out.contains(&member.user.id) {
                Verdict::LeaveOut(BulkOutcome::LeftOut)
            } else {
                judge.judge(&candidate)?
            };
            judge.note(&candidate, &verdict);
            seen.update(member.membership.id.uuid().as_bytes());
            seen.update(member.version().to_be_bytes());
            seen.update(verdict.outcome().as_str().as_bytes());
            people.push((candidate, verdict));
        }
        let mut version = format!("{}-", loaded.journey.version);
        for byte in &seen.finalize()[..12] {
            let _ = write!(version, "{byte:02x}");
        }
        Ok(At::Here(Standing {
            answers,
            people,
            version,
        }))
    }
}

/// Why people are left as they are, with how many each.
fn reasons(left_out: &[&(Candidate, Verdict)]) -> Vec<BulkCount> {
    let mut counts: BTreeMap<BulkOutcome, u32> = BTreeMap::new();
    for (_, verdict) in left_out {
        *counts.entry(verdict.outcome()).or_default() += 1;
    }
    counts
        .into_iter()
        .map(|(outcome, count)| BulkCount { outcome, count })
        .collect()
}

/// Whether an action on so many is asked once more (ux 6.6).
fn asks_once_more(action: BulkAction, planned: u32) -> bool {
    action == BulkAction::Deactivate && planned >= Selected::MANY
}

/// The answers in words.
pub(super) fn what(
    access: &Access,
    roles: &[RoleRow],
    action: BulkAction,
    answers: &Answers,
) -> BulkCheck {
    let role = roles.iter().find(|role| Some(role.id) == answers.role);
    let areas = answers.areas.as_ref().map(|areas| areas.areas().to_vec());
    let limited = role.is_none_or(|role| role.scope_allowed);
    BulkCheck {
        action,
        role: role.map(|role| role.name.clone()).unwrap_or_default(),
        asks_areas: limited && areas.is_some(),
        areas: area_tree(&access.areas).labels(&areas.unwrap_or_default()),
        area_label: access.organisation.policy.area_label.many.clone(),
        organisation: access.organisation.name.clone(),
        last_day: answers
            .ends_at
            .map(|end| wording::date(end - TimeDelta::seconds(1)))
            .unwrap_or_default(),
        reason: answers.reason.clone(),
    }
}

/// Somebody with what they have and what they will have, as far as whoever is looking sees it.
fn person(
    (access, reach): (&Access, &Reach),
    action: BulkAction,
    candidate: &Candidate,
    verdict: &Verdict,
) -> BulkPerson {
    let member = &candidate.member;
    let visible = |rows: &[AssignmentRow]| {
        let seen: Vec<AssignmentRow> = rows
            .iter()
            .filter(|row| reach.covers(row.area_id))
            .cloned()
            .collect();
        lines_of(access, &member.roles, &seen)
    };
    let about_access = !matches!(action, BulkAction::Resend | BulkAction::Cancel);
    BulkPerson {
        user: member.user.id,
        name: member.user.name(),
        email: member.user.email.clone(),
        before: if about_access {
            visible(&member.assignments)
        } else {
            Vec::new()
        },
        after: match verdict {
            Verdict::Give(wanted) => visible(wanted),
            _ => Vec::new(),
        },
        outcome: verdict.outcome(),
    }
}

/// The answers of a draft that a job keeps, for whoever reads it.
pub(super) fn stored_answers(job: &BulkJobRow) -> Result<Answers> {
    Ok(serde_json::from_value(job.answers.clone()).map_err(store::StoreError::from)?)
}
