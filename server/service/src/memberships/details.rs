//! Names, job title, clinician status and notes (J36 to J41, V23). The name is the person's everywhere, so whoever changes it is told how
//! many other organisations see it, and the person is told by whom it was changed.

use domain::{
    MembershipStatus, Permission,
    audit::AuditEventKind,
    id::UserId,
    membership::{Changed, ChangedThing, Details, DetailsForm, DetailsRules},
    policy::{FieldUse, JobTitleScope, SharedNameEdit},
    search::{index_words, sort_name},
};
use serde_json::json;
use store::{MembershipRow, Tx};

use super::{Made, Member, same_version};
use crate::{
    Access, Actor, By, Conflict, Error, Result, Services,
    activity::words::{CLINICIAN, JOB_TITLE, REGISTRATION},
    outbox::{MessageContent, MessageKind},
};

/// What is kept of a member.
pub(super) fn details_of(member: &Member) -> Details {
    let kept = &member.membership.details;
    Details {
        first_name: member.user.first_name.clone(),
        last_name: member.user.last_name.clone(),
        job_title: member.membership.job_title.clone(),
        clinician: kept.clinician,
        registration_number: kept.registration_number.clone(),
        notes: kept.notes.clone(),
    }
}

/// What is different, in lines. Notes are for administrators, and never in a message or an event.
pub(super) fn lines(details: &Details, other: &Details) -> Vec<String> {
    let shown = |text: &str| if text.is_empty() { "none" } else { text }.to_owned();
    let clinician = |details: &Details| match details.clinician {
        Some(true) => "yes",
        Some(false) => "no",
        None => "",
    };
    [
        ("First name", &*details.first_name, &*other.first_name),
        ("Last name", &details.last_name, &other.last_name),
        (JOB_TITLE, &details.job_title, &other.job_title),
        (CLINICIAN, clinician(details), clinician(other)),
        (
            REGISTRATION,
            &details.registration_number,
            &other.registration_number,
        ),
    ]
    .into_iter()
    .filter(|(_, mine, theirs)| mine != theirs)
    .map(|(label, mine, _)| format!("{label}: {}", shown(mine)))
    .collect()
}

/// What the actor may change of somebody's details.
pub(super) fn changeable(access: &Access) -> DetailsRules {
    let policy = &access.organisation.policy;
    let mut rules = DetailsRules::for_changing(policy);
    if policy.shared_name_edit != SharedNameEdit::Allow {
        // A new name is the person's to say (C6).
        rules = rules.without_names();
    }
    if access.has(Permission::NotesView) {
        rules
    } else {
        rules.without_notes()
    }
}

/// What was typed, with what was not asked for as it is.
fn with_the_rest(typed: Details, now: &Details, rules: &DetailsRules) -> Details {
    let hidden = |usage: FieldUse| usage == FieldUse::Hidden;
    let mut wanted = typed;
    if hidden(rules.names) {
        wanted.first_name.clone_from(&now.first_name);
        wanted.last_name.clone_from(&now.last_name);
    }
    if hidden(rules.job_title) {
        wanted.job_title.clone_from(&now.job_title);
    }
    if hidden(rules.clinician) {
        wanted.clinician = now.clinician;
    }
    if hidden(rules.registration_number) && wanted.clinician == now.clinician {
        let number = &now.registration_number;
        wanted.registration_number.clone_from(number);
    }
    if hidden(rules.notes) {
        wanted.notes.clone_from(&now.notes);
    }
    wanted
}

impl Services {
    /// Whether what was typed keeps to the rules, before it is shown beside what it was (J40).
    ///
    /// # Errors
    /// `first_name.*`, `last_name.*`, `job_title.*`; otherwise as [`Services::change_details`].
    pub async fn check_details(
        &self,
        actor: &Actor,
        slug: &str,
        user: UserId,
        form: &DetailsForm,
    ) -> Result<()> {
        let mut tx = self.store.read().await?;
        let access = self.access(&mut tx, actor, slug).await?;
        let (member, _) = self
            .member(&mut tx, &access, user, Permission::UsersChange)
            .await?;
        self.may_change_details(actor.user(), &access, &member)?;
        form.validate(&changeable(&access))?;
        Ok(())
    }

    /// Changes details; `version` is that of the page on which old and new were seen.
    /// An unchanged save changes nothing and sends nothing (J37).
    ///
    /// # Errors
    /// `first_name.*`, `last_name.*`, `job_title.*`; [`Conflict::Stale`] when somebody else was
    /// faster; [`Conflict::OwnAccess`], [`Conflict::NotActive`]; [`Error::NotAllowed`];
    /// [`Error::NotFound`].
    pub async fn change_details(
        &self,
        actor: &Actor,
        slug: &str,
        user: UserId,
        version: i64,
        form: &DetailsForm,
    ) -> Result<Changed> {
        let mut tx = self.store.write().await?;
        let access = self.access_to_change(&mut tx, actor, slug).await?;
        let (member, _) = self
            .member(&mut tx, &access, user, Permission::UsersChange)
            .await?;
        self.may_change_details(actor.user(), &access, &member)?;
        let rules = changeable(&access);
        let before = details_of(&member);
        let wanted = with_the_rest(form.validate(&rules)?, &before, &rules);
        same_version(&member, version)?;
        if before == wanted {
            return Ok(Changed {
                change: None,
                user,
                name: member.user.name(),
                back: String::new(),
            });
        }
        self.set_details(&mut tx, &access, &member, &wanted).await?;
        let by = By::actor(actor);
        let (old, new) = (lines(&before, &wanted), lines(&wanted, &before));
        // Notes are no business of theirs.
        let tells = !old.is_empty();
        let made = Made {
            access: &access,
            by: &by,
            member: &member,
            thing: ChangedThing::Details,
            before: json!(before),
            reason: String::new(),
            kind: AuditEventKind::DetailsChanged,
            details: json!({
                "before": old,
                "after": new,
                "notes": before.notes != wanted.notes,
            }),
            mail: tells.then(|| {
                let content = MessageContent {
                    before: old.clone(),
                    after: new.clone(),
                    path: "/account".to_owned(),
                    ..self.change_content(&access, &by, &member)
                };
                (MessageKind::DetailsChanged, content)
            }),
        };
        let changed = self.record(&mut tx, made).await?;
        tx.commit().await?;
        Ok(Changed {
            name: format!("{} {}", wanted.first_name, wanted.last_name),
            ..changed
        })
    }

    /// Whether the actor may change this person's details: only of who has registered, since names are
    /// given at registration.
    pub(super) fn may_change_details(
        &self,
        actor: UserId,
        access: &Access,
        member: &Member,
    ) -> Result<()> {
        self.may_change(actor, access, member)?;
        let status = member.membership.status;
        if !matches!(
            status,
            MembershipStatus::Active | MembershipStatus::Inactive
        ) {
            return Err(Error::Conflict(Conflict::NotActive));
        }
        Ok(())
    }

    /// Writes details: names everywhere, where people are found by them too.
    pub(super) async fn set_details(
        &self,
        tx: &mut Tx,
        access: &Access,
        member: &Member,
        wanted: &Details,
    ) -> Result<()> {
        let renamed = wanted.first_name != member.user.first_name
            || wanted.last_name != member.user.last_name;
        if renamed && access.organisation.policy.shared_name_edit != SharedNameEdit::Allow {
            // The person has to confirm a new name (C6): nobody else makes it.
            return Err(Error::NotAllowed);
        }
        let email = &member.user.email;
        let sorted = sort_name(&wanted.first_name, &wanted.last_name, email);
        let words = index_words(&wanted.first_name, &wanted.last_name, email);
        let retitled = wanted.job_title != member.membership.job_title;
        let mut here = member.membership.clone();
        here.job_title.clone_from(&wanted.job_title);
        here.details.clinician = wanted.clinician;
        let (number, notes) = (&wanted.registration_number, &wanted.notes);
        here.details.registration_number.clone_from(number);
        here.details.notes.clone_from(notes);
        let mut rows = vec![here];
        let shared = access.organisation.policy.job_title_scope == JobTitleScope::Shared;
        if renamed || retitled && shared {
            for (other_shares, mut row) in self.other_memberships(tx, member).await? {
                if retitled && shared && other_shares {
                    row.job_title.clone_from(&wanted.job_title);
                }
                rows.push(row);
            }
        }
        for mut row in rows {
            row.sort_name.clone_from(&sorted);
            tx.update_membership(&row).await?;
            if renamed {
                tx.replace_words(row.organisation_id, row.id, &words)
                    .await?;
            }
        }
        if renamed {
            let mut user = member.user.clone();
            user.first_name.clone_from(&wanted.first_name);
            user.last_name.clone_from(&wanted.last_name);
            tx.update_user(&user).await?;
        }
        Ok(())
    }

    /// The person's memberships in other organisations, and whether job titles are shared there.
    pub(super) async fn other_memberships(
        &self,
        tx: &mut Tx,
        member: &Member,
    ) -> Result<Vec<(bool, MembershipRow)>> {
        let here = member.membership.organisation_id;
        Ok(tx
            .organisations_of(member.user.id)
            .await?
            .into_iter()
            .filter(|(organisation, row)| {
                organisation.id != here
                    && organisation.closed_at.is_none()
                    && row.status != MembershipStatus::Cancelled
            })
            .map(|(organisation, row)| {
                let shared = organisation.policy.job_title_scope == JobTitleScope::Shared;
                (shared, row)
            })
            .collect())
    }
}
