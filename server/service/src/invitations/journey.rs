//! The journey page by page: emails, problems, role, areas, message, check. Each answer is kept as
//! it was typed; what follows from it is worked out anew at each page, so that a page never shows
//! what is no longer true.

pub(super) mod answers;
pub(super) mod check;
mod pages;

use chrono::TimeDelta;
use domain::{
    EmailAddress, Permission,
    email_list::EmailList,
    id::{BatchId, DraftId},
    invitation::{
        AddUsersView, EntryOutcome, FixChoice, HowForm, HowToAdd, InviteDraft, InviteStep, Invitee,
        Mended, ProblemFix, ProblemLine, problem_lines,
    },
};
use serde::Serialize;
use store::{JourneyRow, Tx};

use super::{Elsewhere, classify::Sorted};
use crate::{Actor, Error, Result, Services, authorisation::Access};

/// How long an unfinished journey is kept.
pub(super) const LIFETIME: TimeDelta = TimeDelta::days(3);
/// The journey's name in the database.
const KIND: &str = "invite";

/// A page of a journey, or where to go instead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum At<T> {
    /// What the page shows, or the next page.
    Here(T),
    /// The journey cannot be here.
    Elsewhere(Elsewhere),
}

/// The first page of adding users.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Started {
    /// One person.
    Adding(DraftId),
    /// A list.
    Inviting(DraftId),
}

/// A journey with what its owner may do.
pub(super) struct Loaded {
    pub access: Access,
    pub journey: JourneyRow,
    pub draft: InviteDraft,
}

/// What the pasted list comes to at this moment.
pub(super) struct Standing {
    pub list: EmailList,
    /// The lines that need an answer or got one.
    pub lines: Vec<ProblemLine>,
    /// The list with its answers; nothing while a line has none.
    pub mended: Option<Mended>,
    /// The addresses that are certain so far.
    pub sorted: Sorted,
}

impl Standing {
    /// Whether there is anything to ask or to say before going on.
    pub fn has_problems(&self) -> bool {
        !self.lines.is_empty() || self.someone_is_known()
    }

    fn someone_is_known(&self) -> bool {
        let Sorted {
            members,
            pending,
            inactive,
            not_allowed,
            ..
        } = &self.sorted;
        !(members.is_empty() && pending.is_empty() && inactive.is_empty() && not_allowed.is_empty())
    }

    /// How many will get something, as the answers are.
    pub fn to_send(&self, draft: &InviteDraft) -> usize {
        use domain::invitation::{MembersChoice, PendingChoice};
        let members = match draft.members {
            MembersChoice::GiveRole => self.sorted.members.len(),
            MembersChoice::Leave => 0,
        };
        let pending = match draft.pending {
            PendingChoice::SendAgain => self.sorted.pending.len(),
            PendingChoice::Leave => 0,
        };
        self.sorted.ready.len() + members + pending
    }
}

impl Loaded {
    fn rules(&self) -> &[String] {
        self.access.organisation.policy.email_domains.rules()
    }

    fn limit(&self) -> u32 {
        self.access.organisation.policy.bulk_invitation_limit
    }

    /// Whether the chosen role asks where it holds.
    pub fn asks_areas(&self, role: Option<&store::RoleRow>) -> bool {
        role.is_some_and(|role| role.scope_allowed) && self.access.has_open_areas()
    }
}

impl Services {
    /// How the actor can add users (D2).
    ///
    /// # Errors
    /// [`Error::NotAllowed`] without the right to invite.
    pub async fn add_users(&self, actor: &Actor, slug: &str) -> Result<AddUsersView> {
        let mut tx = self.store.read().await?;
        let access = self.inviting(&mut tx, actor, slug).await?;
        Ok(AddUsersView {
            several: access.has(Permission::UsersInviteInBulk),
        })
    }

    /// Starts adding users, one or several.
    ///
    /// # Errors
    /// `how.empty`; [`Error::NotAllowed`] when several people are chosen without the right to.
    pub async fn start_to_add(&self, actor: &Actor, slug: &str, how: &str) -> Result<Started> {
        let form = HowForm {
            how: how.to_owned(),
        };
        // Whoever may not invite at all hears that first.
        self.add_users(actor, slug).await?;
        Ok(match form.validate()? {
            HowToAdd::One => Started::Adding(self.start_adding(actor, slug).await?),
            HowToAdd::Several => Started::Inviting(self.start_invite(actor, slug).await?),
        })
    }

    /// Starts the journey of a list.
    ///
    /// # Errors
    /// [`Error::NotAllowed`] without the right to invite several people at once (B01).
    pub async fn start_invite(&self, actor: &Actor, slug: &str) -> Result<DraftId> {
        let mut tx = self.store.write().await?;
        let access = self.inviting(&mut tx, actor, slug).await?;
        access.require(Permission::UsersInviteInBulk)?;
        let draft = InviteDraft::default();
        let id = self.insert_draft(&mut tx, actor, &access, &draft).await?;
        tx.commit().await?;
        Ok(id)
    }

    /// Starts a journey with the role and areas of a batch: "Send more invites" (B06).
    ///
    /// # Errors
    /// [`Error::NotFound`] when the actor cannot see the batch.
    pub async fn send_more(&self, actor: &Actor, slug: &str, job: BatchId) -> Result<DraftId> {
        let mut tx = self.store.write().await?;
        let access = self.inviting(&mut tx, actor, slug).await?;
        access.require(Permission::UsersInviteInBulk)?;
        let draft = self.draft_of(&mut tx, &access, actor, job).await?.more();
        let id = self.insert_draft(&mut tx, actor, &access, &draft).await?;
        tx.commit().await?;
        Ok(id)
    }

    /// Starts a journey with everything of a batch, for the addresses that may do better at
    /// another try.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the actor cannot see the batch or nothing of it can be tried again.
    pub async fn try_again(&self, actor: &Actor, slug: &str, job: BatchId) -> Result<DraftId> {
        let mut tx = self.store.write().await?;
        let access = self.inviting(&mut tx, actor, slug).await?;
        access.require(Permission::UsersInviteInBulk)?;
        let mut draft = self.draft_of(&mut tx, &access, actor, job).await?;
        let rows = tx
            .entry_results(access.organisation_id(), job, -1, i64::MAX, true)
            .await?;
        let addresses: Vec<String> = rows
            .into_iter()
            .filter(|row| row.outcome().is_some_and(EntryOutcome::can_try_again))
            .filter_map(|row| {
                let email = row.email?;
                Some(if row.name.is_empty() {
                    email
                } else {
                    format!("\"{}\" <{email}>", row.name.replace('"', ""))
                })
            })
            .collect();
        if addresses.is_empty() {
            return Err(Error::NotFound);
        }
        draft.emails = addresses.join("\n");
        draft.mended = true;
        draft.fixes = kept_as_they_are(&draft.emails, &access);
        draft.message_answered = true;
        let id = self.insert_draft(&mut tx, actor, &access, &draft).await?;
        tx.commit().await?;
        Ok(id)
    }

    async fn draft_of(
        &self,
        tx: &mut Tx,
        access: &Access,
        actor: &Actor,
        job: BatchId,
    ) -> Result<InviteDraft> {
        use domain::area::AreaSelection;
        let batch = self.visible_batch(tx, access, actor, job).await?;
        let areas = tx.batch_areas(batch.organisation_id, batch.id).await?;
        Ok(InviteDraft {
            role: Some(batch.role_id),
            areas: Some(if areas.is_empty() {
                AreaSelection::Whole
            } else {
                AreaSelection::Areas(areas)
            }),
            message: batch.message,
            ..InviteDraft::default()
        })
    }

    async fn insert_draft(
        &self,
        tx: &mut Tx,
        actor: &Actor,
        access: &Access,
        draft: &InviteDraft,
    ) -> Result<DraftId> {
        self.insert_journey(tx, actor, access, KIND, draft).await
    }

    /// Starts a journey of some kind.
    pub(super) async fn insert_journey(
        &self,
        tx: &mut Tx,
        actor: &Actor,
        access: &Access,
        kind: &str,
        draft: &impl Serialize,
    ) -> Result<DraftId> {
        let now = self.now();
        tx.delete_expired_journeys(now).await?;
        let row = JourneyRow {
            id: DraftId::from_uuid(self.random.uuid(now)),
            organisation_id: access.organisation_id(),
            user_id: actor.user(),
            kind: kind.to_owned(),
            answers: serde_json::to_value(draft).map_err(store::StoreError::from)?,
            batch_id: None,
            job_id: None,
            version: 0,
            created_at: now,
            expires_at: now + LIFETIME,
        };
        tx.insert_journey(&row).await?;
        Ok(row.id)
    }

    /// The journey, when it is the actor's in this organisation and not over or finished.
    pub(super) async fn load_invite(
        &self,
        tx: &mut Tx,
        actor: &Actor,
        slug: &str,
        id: DraftId,
    ) -> Result<At<Loaded>> {
        let access = self.inviting(tx, actor, slug).await?;
        let row = tx
            .journey(access.organisation_id(), actor.user(), id, self.now())
            .await?;
        open(access, row)
    }

    /// What the list of a journey comes to.
    pub(super) async fn invite_standing(&self, tx: &mut Tx, loaded: &Loaded) -> Result<Standing> {
        let list = EmailList::parse_with(&loaded.draft.emails, loaded.rules());
        let lines = problem_lines(&list);
        let mended = Mended::new(&list, &loaded.draft.fixes).ok();
        let certain = match &mended {
            Some(mended) => mended.invitees.clone(),
            None => without_suggestion(&list),
        };
        let sorted = self
            .classify_addresses(tx, &loaded.access.organisation, certain)
            .await?;
        Ok(Standing {
            list,
            lines,
            mended,
            sorted,
        })
    }

    /// The page on which a journey goes on.
    pub(super) async fn next_invite_step(
        &self,
        tx: &mut Tx,
        loaded: &Loaded,
        standing: &Standing,
    ) -> Result<InviteStep> {
        let role = self.chosen_role(tx, loaded).await?;
        let draft = &loaded.draft;
        let asks_areas = loaded.asks_areas(role.as_ref());
        if draft.role.is_some() && role.is_none() {
            return Ok(InviteStep::Role);
        }
        let next = draft.next_step(standing.has_problems(), asks_areas);
        let past_problems = !matches!(next, InviteStep::Emails | InviteStep::Problems);
        if past_problems && standing.mended.is_none() {
            return Ok(InviteStep::Problems);
        }
        Ok(next)
    }

    /// The role that was chosen, when it still exists and the actor may give it somewhere.
    pub(super) async fn chosen_role(
        &self,
        tx: &mut Tx,
        loaded: &Loaded,
    ) -> Result<Option<store::RoleRow>> {
        let Some(role) = loaded.draft.role else {
            return Ok(None);
        };
        let row = tx.role(loaded.access.organisation_id(), role).await?;
        Ok(row.filter(|row| {
            loaded
                .access
                .grantable(std::slice::from_ref(row))
                .next()
                .is_some()
        }))
    }

    /// Writes the answers back.
    pub(super) async fn keep_invite(&self, tx: &mut Tx, loaded: &mut Loaded) -> Result<()> {
        loaded.journey.answers =
            serde_json::to_value(&loaded.draft).map_err(store::StoreError::from)?;
        loaded.journey.expires_at = self.now() + LIFETIME;
        tx.update_journey(&loaded.journey).await?;
        Ok(())
    }
}

/// A journey as it was read, or where it leads instead. Whoever may not invite several people is not
/// told even that (R63).
pub(super) fn open(access: Access, row: Option<JourneyRow>) -> Result<At<Loaded>> {
    access.require(Permission::UsersInviteInBulk)?;
    let Some(journey) = row.filter(|row| row.kind == KIND) else {
        return Ok(At::Elsewhere(Elsewhere::Start));
    };
    if let Some(batch) = journey.batch_id {
        return Ok(At::Elsewhere(Elsewhere::Job(batch)));
    }
    let draft: InviteDraft =
        serde_json::from_value(journey.answers.clone()).map_err(store::StoreError::from)?;
    Ok(At::Here(Loaded {
        access,
        journey,
        draft,
    }))
}

/// The addresses that no answer can change.
fn without_suggestion(list: &EmailList) -> Vec<Invitee> {
    let invitee = |(line, address, name): (u32, &EmailAddress, &Option<String>)| Invitee {
        line,
        address: address.clone(),
        name: name.clone(),
    };
    list.recognised
        .iter()
        .filter(|one| one.suggestion.is_none())
        .map(|one| invitee((one.line, &one.address, &one.name)))
        .collect()
}

/// Answers for addresses that look mistyped: they were looked at before.
fn kept_as_they_are(emails: &str, access: &Access) -> Vec<ProblemFix> {
    let rules = access.organisation.policy.email_domains.rules();
    problem_lines(&EmailList::parse_with(emails, rules))
        .into_iter()
        .map(|line| ProblemFix {
            number: line.number,
            choice: FixChoice::Keep,
            text: line.text,
        })
        .collect()
}

/// Takes the journey out of [`At::Here`], or returns what is elsewhere.
macro_rules! here {
    ($at:expr) => {
        match $at {
            $crate::invitations::At::Here(here) => here,
            $crate::invitations::At::Elsewhere(elsewhere) => {
                return Ok($crate::invitations::At::Elsewhere(elsewhere));
            }
        }
    };
}
pub(super) use here;
