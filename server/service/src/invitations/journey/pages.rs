//! What the pages of questions show.

use domain::{
    Permission,
    area::AreasQuestion,
    id::DraftId,
    invitation::{
        First, InviteEmails, InviteMessage, InviteProblems, InviteRole, InviteStep, Invitee,
        KnownPerson, ProblemLine,
    },
    wording,
};
use store::{AddressRow, OrganisationRow, Tx};

use super::{At, Loaded, Standing, here};
use crate::{
    Access, Actor, Result, Services,
    invitations::Elsewhere,
    roles::{ForMany, say_for_many},
};

/// As many lines as one page asks about; the others come on the next.
const LINES: usize = 50;
/// As many people as a page lists.
pub(super) const PEOPLE: usize = 100;

impl Services {
    /// The page of the list.
    ///
    /// # Errors
    /// [`crate::Error::NotAllowed`] without the right to invite.
    pub async fn invite_emails(
        &self,
        actor: &Actor,
        slug: &str,
        id: DraftId,
    ) -> Result<At<InviteEmails>> {
        let mut tx = self.store.read().await?;
        let loaded = here!(self.load_invite(&mut tx, actor, slug, id).await?);
        let standing = self.invite_standing(&mut tx, &loaded).await?;
        let next = self.next_invite_step(&mut tx, &loaded, &standing).await?;
        Ok(At::Here(InviteEmails {
            limit: loaded.limit(),
            domains: loaded.rules().to_vec(),
            from_check: next == InviteStep::Check,
            emails: loaded.draft.emails,
        }))
    }

    /// The page of problems.
    ///
    /// # Errors
    /// [`crate::Error::NotAllowed`] without the right to invite.
    pub async fn invite_problems(
        &self,
        actor: &Actor,
        slug: &str,
        id: DraftId,
    ) -> Result<At<InviteProblems>> {
        let mut tx = self.store.read().await?;
        let loaded = here!(self.load_invite(&mut tx, actor, slug, id).await?);
        let standing = self.invite_standing(&mut tx, &loaded).await?;
        if loaded.draft.emails.is_empty() {
            return Ok(At::Elsewhere(Elsewhere::Step(InviteStep::Emails)));
        }
        let organisation = &loaded.access.organisation;
        let sorted = &standing.sorted;
        let (lines, fixes) = asked_now(&loaded, &standing);
        Ok(At::Here(InviteProblems {
            ready: First::of(sorted.ready.iter().cloned(), PEOPLE),
            lines,
            fixes,
            already_members: self
                .known_people(&mut tx, organisation, &sorted.members)
                .await?,
            members: loaded.draft.members,
            can_give_role: loaded.access.has(Permission::RolesAssign),
            already_pending: self
                .known_people(&mut tx, organisation, &sorted.pending)
                .await?,
            pending: loaded.draft.pending,
            deactivated: self
                .known_people(&mut tx, organisation, &sorted.inactive)
                .await?,
            not_allowed: First::of(
                sorted
                    .not_allowed
                    .iter()
                    .map(|invitee| invitee.address.as_str().to_owned()),
                PEOPLE,
            ),
            domains: loaded.rules().to_vec(),
            repeated: wording::count(standing.list.repeated.len()),
        }))
    }

    /// The page of the role: those that the actor may give (R67).
    ///
    /// # Errors
    /// [`crate::Error::NotAllowed`] without the right to invite.
    pub async fn invite_role(
        &self,
        actor: &Actor,
        slug: &str,
        id: DraftId,
    ) -> Result<At<InviteRole>> {
        let mut tx = self.store.read().await?;
        let loaded = here!(self.load_invite(&mut tx, actor, slug, id).await?);
        let standing = here!(
            self.reach_invite_step(&mut tx, &loaded, InviteStep::Role)
                .await?
        );
        let chosen = self.chosen_role(&mut tx, &loaded).await?;
        let people = wording::count(standing.to_send(&loaded.draft));
        let mut roles = self.grantable_roles(&mut tx, &loaded.access).await?;
        say_for_many(&mut roles, people, ForMany::Invited);
        Ok(At::Here(InviteRole {
            roles,
            chosen: chosen.map(|role| role.id),
            people,
            back: loaded
                .draft
                .step_before(InviteStep::Role, standing.has_problems(), true),
        }))
    }

    /// The page of the areas.
    ///
    /// # Errors
    /// [`crate::Error::NotAllowed`] without the right to invite.
    pub async fn invite_areas(
        &self,
        actor: &Actor,
        slug: &str,
        id: DraftId,
    ) -> Result<At<AreasQuestion>> {
        let mut tx = self.store.read().await?;
        let loaded = here!(self.load_invite(&mut tx, actor, slug, id).await?);
        here!(
            self.reach_invite_step(&mut tx, &loaded, InviteStep::Areas)
                .await?
        );
        let role = self.chosen_role(&mut tx, &loaded).await?;
        let Some(role) = role.filter(|role| loaded.asks_areas(Some(role))) else {
            return Ok(At::Elsewhere(Elsewhere::Step(InviteStep::Role)));
        };
        let question = loaded.access.where_to_give(&role, loaded.draft.areas);
        Ok(At::Here(question))
    }

    /// The page of the message.
    ///
    /// # Errors
    /// [`crate::Error::NotAllowed`] without the right to invite.
    pub async fn invite_message(
        &self,
        actor: &Actor,
        slug: &str,
        id: DraftId,
    ) -> Result<At<InviteMessage>> {
        let mut tx = self.store.read().await?;
        let loaded = here!(self.load_invite(&mut tx, actor, slug, id).await?);
        let standing = here!(
            self.reach_invite_step(&mut tx, &loaded, InviteStep::Message)
                .await?
        );
        let role = self.chosen_role(&mut tx, &loaded).await?;
        let asks_areas = loaded.asks_areas(role.as_ref());
        Ok(At::Here(InviteMessage {
            people: wording::count(standing.to_send(&loaded.draft)),
            back: loaded.draft.step_before(
                InviteStep::Message,
                standing.has_problems(),
                asks_areas,
            ),
            message: loaded.draft.message,
        }))
    }

    /// Whether everything before `step` is answered; otherwise the first page that is not.
    pub(in crate::invitations) async fn reach_invite_step(
        &self,
        tx: &mut Tx,
        loaded: &Loaded,
        step: InviteStep,
    ) -> Result<At<Standing>> {
        let standing = self.invite_standing(tx, loaded).await?;
        let next = self.next_invite_step(tx, loaded, &standing).await?;
        Ok(if next < step {
            At::Elsewhere(Elsewhere::Step(next))
        } else {
            At::Here(standing)
        })
    }

    /// The roles that the actor may give.
    pub(in crate::invitations) async fn grantable_roles(
        &self,
        tx: &mut Tx,
        access: &Access,
    ) -> Result<Vec<domain::RoleSummary>> {
        let organisation = access.organisation_id();
        let rows = tx.roles(organisation).await?;
        let allowed: Vec<_> = access.grantable(&rows).map(|row| row.id).collect();
        let mut roles = self.role_summaries(tx, organisation).await?;
        roles.retain(|role| allowed.contains(&role.id));
        Ok(roles)
    }

    /// People who are known here, with their roles; as many as a page lists.
    pub(super) async fn known_people(
        &self,
        tx: &mut Tx,
        organisation: &OrganisationRow,
        people: &[(Invitee, AddressRow)],
    ) -> Result<First<KnownPerson>> {
        let listed: Vec<_> = people
            .iter()
            .take(PEOPLE)
            .filter_map(|(_, row)| row.membership_id)
            .collect();
        let roles = self.role_names_of(tx, organisation, &listed).await?;
        let person = |(_, row): &(Invitee, AddressRow)| KnownPerson {
            user: row.user_id,
            email: row.email.clone(),
            name: format!("{} {}", row.first_name, row.last_name)
                .trim()
                .to_owned(),
            roles: row
                .membership_id
                .and_then(|membership| roles.get(&membership).cloned())
                .unwrap_or_default(),
            invited_at: row.invited_at,
        };
        Ok(First::of(people.iter().map(person), PEOPLE))
    }
}

/// The lines that the page asks about: those without an answer first; once all are answered, all,
/// with their answers.
fn asked_now(
    loaded: &Loaded,
    standing: &Standing,
) -> (First<ProblemLine>, Vec<domain::invitation::ProblemFix>) {
    let fixes = &loaded.draft.fixes;
    let open = |line: &&ProblemLine| fixes.iter().all(|fix| fix.number != line.number);
    let lines = if standing.mended.is_some() {
        First::of(standing.lines.iter().cloned(), LINES)
    } else {
        First::of(standing.lines.iter().filter(open).cloned(), LINES)
    };
    let shown = |number| lines.shown.iter().any(|line| line.number == number);
    let fixes = fixes
        .iter()
        .filter(|fix| shown(fix.number))
        .cloned()
        .collect();
    (lines, fixes)
}
