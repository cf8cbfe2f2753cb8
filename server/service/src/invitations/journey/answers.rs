//! What is answered on the pages of questions. An answer that breaks a rule changes nothing; the
//! page keeps what was typed by itself.

use std::collections::{BTreeMap, BTreeSet};

use domain::{
    Permission, Violations,
    area::{AreaSelection, AreasForm},
    id::DraftId,
    invitation::{
        FixChoice, InviteEmailsForm, InviteStep, MembersChoice, Mended, MessageForm, PendingChoice,
        ProblemFix, ProblemsForm,
    },
    role::RoleForm,
};
use store::Tx;

use super::{At, Loaded, here};
use crate::{
    Access, Actor, Error, Result, Services,
    invitations::{area_ids, area_tree, storable},
};

impl Services {
    /// Answers the page of the list.
    ///
    /// # Errors
    /// `emails.*`.
    pub async fn answer_emails(
        &self,
        actor: &Actor,
        slug: &str,
        id: DraftId,
        emails: &str,
    ) -> Result<At<InviteStep>> {
        let mut tx = self.store.write().await?;
        let mut loaded = here!(self.load_invite(&mut tx, actor, slug, id).await?);
        let form = InviteEmailsForm {
            emails: storable(emails),
        };
        form.validate(loaded.limit(), loaded.rules())?;
        loaded.draft.set_emails(form.emails);
        self.go_on_inviting(tx, loaded).await
    }

    /// Answers the page of problems.
    ///
    /// # Errors
    /// `email_line.*` for the lines that were asked about; `emails.all_skipped` when nobody is left.
    pub async fn answer_problems(
        &self,
        actor: &Actor,
        slug: &str,
        id: DraftId,
        answers: BTreeMap<String, String>,
    ) -> Result<At<InviteStep>> {
        let mut tx = self.store.write().await?;
        let mut loaded = here!(self.load_invite(&mut tx, actor, slug, id).await?);
        let before = self.invite_standing(&mut tx, &loaded).await?;
        let form = ProblemsForm {
            answers: answers
                .into_iter()
                .map(|(name, text)| (name, storable(&text)))
                .collect(),
        };
        let asked: BTreeSet<u32> = form.asked(&before.lines).into_iter().collect();
        let mut fixes: BTreeMap<u32, ProblemFix> = loaded
            .draft
            .fixes
            .iter()
            .filter(|fix| !asked.contains(&fix.number))
            .map(|fix| (fix.number, fix.clone()))
            .collect();
        for fix in form.fixes(&before.lines) {
            if asked.contains(&fix.number) {
                fixes.insert(fix.number, fix);
            }
        }
        if form.skips_the_rest() {
            for line in before
                .lines
                .iter()
                .filter(|line| !asked.contains(&line.number))
            {
                fixes.entry(line.number).or_insert_with(|| ProblemFix {
                    number: line.number,
                    choice: FixChoice::Skip,
                    text: line.text.clone(),
                });
            }
        }
        loaded.draft.fixes = fixes.into_values().collect();
        if let Some(choice) = form.answers.get("members") {
            loaded.draft.members = MembersChoice::parse(choice).unwrap_or(MembersChoice::Leave);
        }
        if !loaded.access.has(Permission::RolesAssign) {
            loaded.draft.members = MembersChoice::Leave;
        }
        if let Some(choice) = form.answers.get("pending") {
            loaded.draft.pending = PendingChoice::parse(choice).unwrap_or(PendingChoice::Leave);
        }
        let mended = Mended::new(&before.list, &loaded.draft.fixes);
        loaded.draft.mended = mended.is_ok();
        if let Err(violations) = mended {
            only_about(violations, &asked)?;
        } else if self
            .invite_standing(&mut tx, &loaded)
            .await?
            .to_send(&loaded.draft)
            == 0
        {
            return Err(Error::violation("problems", "emails.all_skipped"));
        }
        self.go_on_inviting(tx, loaded).await
    }

    /// Answers the page of the role. Areas that were chosen stay chosen while the new role may be held there:
    /// nothing is asked twice.
    ///
    /// # Errors
    /// `role.empty`, `role.full`.
    pub async fn answer_role(
        &self,
        actor: &Actor,
        slug: &str,
        id: DraftId,
        role: &str,
    ) -> Result<At<InviteStep>> {
        let mut tx = self.store.write().await?;
        let mut loaded = here!(self.load_invite(&mut tx, actor, slug, id).await?);
        let offered = self.grantable_roles(&mut tx, &loaded.access).await?;
        let form = RoleForm {
            role: role.to_owned(),
        };
        let role = form.validate(&offered)?.id;
        loaded.draft.role = Some(role);
        let row = self.chosen_role(&mut tx, &loaded).await?;
        let asks_areas = loaded.asks_areas(row.as_ref());
        let access = &loaded.access;
        loaded.draft.areas = loaded.draft.areas.take().filter(|areas| {
            let may_grant = |role| access.may_grant(role, areas.areas()).is_ok();
            asks_areas && row.as_ref().is_some_and(may_grant)
        });
        self.go_on_inviting(tx, loaded).await
    }

    /// Answers the page of the areas.
    ///
    /// # Errors
    /// `areas.*`; [`Error::NotAllowed`] for areas that the actor was not offered (R67).
    pub async fn answer_areas(
        &self,
        actor: &Actor,
        slug: &str,
        id: DraftId,
        areas: Vec<String>,
    ) -> Result<At<InviteStep>> {
        let mut tx = self.store.write().await?;
        let mut loaded = here!(self.load_invite(&mut tx, actor, slug, id).await?);
        let Some(role) = self.chosen_role(&mut tx, &loaded).await? else {
            return Ok(At::Here(InviteStep::Role));
        };
        let selection = chosen_areas(&loaded.access, areas)?;
        loaded.access.may_grant(&role, selection.areas())?;
        loaded.draft.areas = Some(selection);
        self.go_on_inviting(tx, loaded).await
    }

    /// Answers the page of the message.
    ///
    /// # Errors
    /// `message.too_long`, `message.url`.
    pub async fn answer_message(
        &self,
        actor: &Actor,
        slug: &str,
        id: DraftId,
        message: &str,
    ) -> Result<At<InviteStep>> {
        let mut tx = self.store.write().await?;
        let mut loaded = here!(self.load_invite(&mut tx, actor, slug, id).await?);
        let form = MessageForm {
            message: storable(message),
        };
        loaded.draft.message = form.validate()?;
        loaded.draft.message_answered = true;
        self.go_on_inviting(tx, loaded).await
    }

    /// Keeps the answers and says which page comes next.
    async fn go_on_inviting(&self, mut tx: Tx, mut loaded: Loaded) -> Result<At<InviteStep>> {
        let standing = self.invite_standing(&mut tx, &loaded).await?;
        let next = self.next_invite_step(&mut tx, &loaded, &standing).await?;
        self.keep_invite(&mut tx, &mut loaded).await?;
        tx.commit().await?;
        Ok(At::Here(next))
    }
}

/// Whether the chosen areas are still open and still the actor's to give. What was wrong is told
/// as an answer to the page of areas.
pub(in crate::invitations) fn still_grantable(
    loaded: &Loaded,
    role: &store::RoleRow,
) -> Result<()> {
    let areas = area_ids(loaded.draft.areas.as_ref());
    let values = if areas.is_empty() {
        vec![AreaSelection::ALL.to_owned()]
    } else {
        areas.iter().map(ToString::to_string).collect()
    };
    chosen_areas(&loaded.access, values)?;
    loaded.access.may_grant(role, &areas)
}

/// The open areas that a form names, or why they cannot be those.
pub(in crate::invitations) fn chosen_areas(
    access: &Access,
    areas: Vec<String>,
) -> Result<AreaSelection> {
    let tree = area_tree(&access.areas);
    AreasForm { areas }
        .validate(&tree)
        .map_err(|mut violations| {
            for violation in &mut violations.0 {
                if violation.code == "areas.all_and_some" {
                    violation.params = vec![access.organisation.name.clone()];
                }
            }
            Error::Invalid(violations)
        })
}

/// Fails with the violations of the lines that were asked about; others come on the next page.
fn only_about(violations: Violations, asked: &BTreeSet<u32>) -> Result<(), Violations> {
    let about = |field: &str| {
        let number = field.rsplit_once('_').and_then(|(_, n)| n.parse().ok());
        number.is_some_and(|number: u32| asked.contains(&number))
    };
    let mut kept = violations;
    kept.0.retain(|violation| about(&violation.field));
    kept.into_result(())
}
