//! Name and job title (J36 to J41). The name is the person's everywhere, so whoever changes it is told how
//! many other organisations see it, and the person is told by whom it was changed.

use domain::{
    MembershipStatus, Permission,
    audit::AuditEventKind,
    id::UserId,
    membership::{Changed, ChangedThing, Details, DetailsForm},
    policy::{FieldUse, JobTitleScope, SharedNameEdit},
    search::{index_words, sort_name},
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::{MembershipRow, Tx};

use super::{Made, Member, pages::job_title_use, same_version};
use crate::{
    Access, Actor, By, Conflict, Error, Result, Services,
    outbox::{MessageContent, MessageKind},
};

/// Details as a change keeps them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct StoredDetails {
    pub first_name: String,
    pub last_name: String,
    pub job_title: String,
}

impl StoredDetails {
    pub fn of(member: &Member) -> Self {
        Self {
            first_name: member.user.first_name.clone(),
            last_name: member.user.last_name.clone(),
            job_title: member.membership.job_title.clone(),
        }
    }

    /// What is different, in lines.
    pub fn lines(&self, other: &Self) -> Vec<String> {
        let shown = |text: &str| if text.is_empty() { "none" } else { text }.to_owned();
        [
            ("First name", &self.first_name, &other.first_name),
            ("Last name", &self.last_name, &other.last_name),
            ("Job title", &self.job_title, &other.job_title),
        ]
        .into_iter()
        .filter(|(_, mine, theirs)| mine != theirs)
        .map(|(label, mine, _)| format!("{label}: {}", shown(mine)))
        .collect()
    }
}

impl From<Details> for StoredDetails {
    fn from(details: Details) -> Self {
        Self {
            first_name: details.first_name.as_str().to_owned(),
            last_name: details.last_name.as_str().to_owned(),
            job_title: details.job_title,
        }
    }
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
        form.validate(job_title_use(&access.organisation.policy))?;
        Ok(())
    }

    /// Changes name and job title; `version` is that of the page on which old and new were seen.
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
        let job_title = job_title_use(&access.organisation.policy);
        let mut wanted = StoredDetails::from(form.validate(job_title)?);
        if job_title == FieldUse::Hidden {
            wanted.job_title.clone_from(&member.membership.job_title);
        }
        same_version(&member, version)?;
        let name = member.user.name();
        let before = StoredDetails::of(&member);
        if before == wanted {
            return Ok(Changed {
                change: None,
                user,
                name,
            });
        }
        self.set_details(&mut tx, &access, &member, &wanted).await?;
        let by = By::actor(actor);
        let (old, new) = (before.lines(&wanted), wanted.lines(&before));
        let made = Made {
            access: &access,
            by: &by,
            member: &member,
            thing: ChangedThing::Details,
            before: json!(before),
            reason: String::new(),
            kind: AuditEventKind::DetailsChanged,
            details: json!({ "before": old, "after": new }),
            mail: Some((
                MessageKind::DetailsChanged,
                MessageContent {
                    before: old.clone(),
                    after: new.clone(),
                    path: "/account".to_owned(),
                    ..self.change_content(&access, &by, &member)
                },
            )),
        };
        let change = self.record(&mut tx, made).await?;
        tx.commit().await?;
        Ok(Changed {
            change: Some(change),
            user,
            name: format!("{} {}", wanted.first_name, wanted.last_name),
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
        wanted: &StoredDetails,
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
