//! One person in one organisation, as an administrator sees them (E1).

use std::collections::{BTreeMap, BTreeSet};

use domain::{
    MembershipStatus, Permission, ShownStatus,
    id::{RoleId, UserId},
    membership::ChangedThing,
    policy::{Field, FieldUse},
    user::{Clinician, UserActions, UserInvitation, UserPage},
};
use store::{AssignmentRow, DetailsRow, RoleRow, Tx};

use crate::{Access, Actor, Result, Services, memberships::Member};

/// As many events as the page lists.
const EVENTS: u32 = 5;

impl Services {
    /// The page of one person, for whoever may view users where the person has a role. Reads only;
    /// the status is worked out from the time of reading (B20).
    ///
    /// # Errors
    /// [`crate::Error::NotFound`] when the person is not in this organisation or out of the actor's
    /// reach: whether they exist is not told (R65). [`crate::Error::NotAllowed`] without the right.
    pub async fn user_page(&self, actor: &Actor, slug: &str, user: UserId) -> Result<UserPage> {
        let now = self.now();
        let mut tx = self.store.read().await?;
        let access = self.access(&mut tx, actor, slug).await?;
        let organisation = access.organisation_id();
        let (member, reach) = self
            .member(&mut tx, &access, user, Permission::UsersView)
            .await?;
        let (person, membership) = (&member.user, &member.membership);
        let visible: Vec<&AssignmentRow> = member
            .assignments
            .iter()
            .filter(|row| reach.covers(row.area_id))
            .collect();
        let roles = self
            .held_roles(&mut tx, &access, actor, &member, &reach)
            .await?;
        let mut names = Names::default();
        let held: BTreeSet<RoleId> = visible.iter().map(|row| row.role_id).collect();
        let (can, cannot) = tasks_of(&mut tx, &access, &held).await?;
        let mut invitations = Vec::new();
        for row in tx.invitations_of(organisation, membership.id).await? {
            invitations.push(UserInvitation {
                status: row.status,
                delivery: row.delivery,
                sent_by: names.of(&mut tx, row.invited_by).await?,
                created_at: row.created_at,
                expires_at: row.expires_at,
                closed_at: row.closed_at,
            });
        }
        let status = ShownStatus::of(
            membership.status,
            membership.invitation_expires_at,
            membership.delivery_failed_at.is_some(),
            now,
        );
        let (mut deactivated_by, mut deactivated_because) = (String::new(), String::new());
        if membership.status == MembershipStatus::Inactive
            && let Some(change) = tx
                .newest_change(organisation, membership.id, ChangedThing::Status)
                .await?
        {
            deactivated_by = names.of(&mut tx, change.changed_by).await?;
            deactivated_because = change.reason;
        }
        let factors = tx.second_factors(user).await?;
        let sees_activity = access.require(Permission::ActivityView).is_ok_and(|reach| {
            reach.covers(None) || visible.iter().any(|row| reach.covers(row.area_id))
        });
        let sees_notes = access.organisation.policy.field(Field::Notes).usage != FieldUse::Hidden
            && access.require(Permission::NotesView).is_ok_and(|reach| {
                reach.covers(None) || visible.iter().any(|row| reach.covers(row.area_id))
            });
        let activity = if sees_activity {
            Some(self.newest_about(&mut tx, &access, user, EVENTS).await?)
        } else {
            None
        };
        Ok(UserPage {
            id: user,
            name: person.name(),
            email: person.email.clone(),
            mobile_ending: ending(person.mobile.as_deref()),
            job_title: membership.job_title.clone(),
            has_job_title: access.organisation.policy.field(Field::JobTitle).usage
                != FieldUse::Hidden,
            clinician: clinician(&access, &membership.details),
            notes: sees_notes.then(|| membership.details.notes.clone()),
            organisation: access.organisation.name.clone(),
            slug: access.organisation.slug.clone(),
            status,
            status_label: access.organisation.policy.status_label(status).to_owned(),
            last_signed_in_at: membership.last_signed_in_at,
            deactivated_at: membership.deactivated_at,
            deactivated_by,
            deactivated_because,
            roles,
            can,
            cannot,
            second_factors: factors.into_iter().map(|factor| factor.kind).collect(),
            invitations,
            activity,
            may_invite: status.is_invited()
                && visible
                    .iter()
                    .all(|row| may_offer(&access, row, &member.roles)),
            may: self.user_actions(&mut tx, actor, &access, &member).await?,
            version: member.version(),
            now,
        })
    }

    /// What the actor may do about somebody, so that nothing is offered that would be refused.
    async fn user_actions(
        &self,
        tx: &mut Tx,
        actor: &Actor,
        access: &Access,
        member: &Member,
    ) -> Result<UserActions> {
        let status = member.membership.status;
        let theirs = self.may_change(actor.user(), access, member).is_ok();
        let active = status == MembershipStatus::Active;
        let inactive = status == MembershipStatus::Inactive;
        let room = theirs && active && self.has_room(tx, access, member).await?;
        Ok(UserActions {
            own: member.user.id == actor.user(),
            change_details: theirs && (active || inactive) && access.has(Permission::UsersChange),
            add_role: room && access.has(Permission::RolesAssign),
            deactivate: theirs && active && access.has(Permission::UsersDeactivate),
            reactivate: theirs && inactive && access.has(Permission::UsersDeactivate),
            secure: theirs && active && access.has(Permission::UsersChange),
        })
    }
}

/// Whether somebody is a registered clinician, where the organisation asks (V04, V05).
fn clinician(access: &Access, details: &DetailsRow) -> Option<Clinician> {
    let rule = access.organisation.policy.field(Field::ClinicianStatus);
    (rule.usage != FieldUse::Hidden).then(|| Clinician {
        registered: details.clinician,
        registration_number: details.registration_number.clone(),
        label: rule.label.clone().unwrap_or_default(),
    })
}

/// What the roles let somebody do, and what not.
pub(crate) async fn tasks_of(
    tx: &mut Tx,
    access: &Access,
    held: &BTreeSet<RoleId>,
) -> Result<(Vec<String>, Vec<String>)> {
    let organisation = access.organisation_id();
    let allowed: BTreeSet<_> = tx
        .role_tasks(organisation)
        .await?
        .into_iter()
        .filter(|(role, _)| held.contains(role))
        .map(|(_, task)| task)
        .collect();
    let (can, cannot): (Vec<_>, Vec<_>) = tx
        .tasks(organisation)
        .await?
        .into_iter()
        .partition(|task| allowed.contains(&task.id));
    let names = |tasks: Vec<store::TaskRow>| tasks.into_iter().map(|task| task.name).collect();
    Ok((names(can), names(cannot)))
}

/// Whether the actor may offer what this assignment offers (R67).
fn may_offer(access: &Access, row: &AssignmentRow, roles: &[RoleRow]) -> bool {
    let areas: Vec<_> = row.area_id.into_iter().collect();
    roles
        .iter()
        .find(|role| role.id == row.role_id)
        .is_some_and(|role| access.may_grant(role, &areas).is_ok())
}

fn ending(mobile: Option<&str>) -> String {
    let digits = mobile.unwrap_or_default();
    digits
        .get(digits.len().saturating_sub(3)..)
        .unwrap_or_default()
        .to_owned()
}

/// Names of people, looked up once each.
#[derive(Default)]
pub(crate) struct Names(BTreeMap<UserId, String>);

impl Names {
    pub(crate) async fn of(&mut self, tx: &mut Tx, user: Option<UserId>) -> Result<String> {
        let Some(id) = user else {
            return Ok(String::new());
        };
        if let Some(name) = self.0.get(&id) {
            return Ok(name.clone());
        }
        let name = tx
            .user(id)
            .await?
            .map(|user| user.name())
            .unwrap_or_default();
        self.0.insert(id, name.clone());
        Ok(name)
    }
}

#[cfg(test)]
mod tests {
    use domain::ShownStatus;

    use crate::{Error, testing::Harness};

    /// J34, J46: the page tells who somebody is, their status, their roles and what those let them do.
    #[tokio::test]
    async fn the_page_tells_what_somebody_is_and_can_do() {
        let h = Harness::new().await;
        h.organisation("RX1", "Hollybrook Hospital").await;
        let sam = h.administrator("rx1", "sam.okoro@nhs.net").await;
        let jane = h.member("rx1", "jane.carlton@nhs.net", "viewer").await;
        let page = h
            .services
            .user_page(&sam, "rx1", jane.user())
            .await
            .unwrap();
        assert_eq!(page.name, "Jane Carlton");
        assert_eq!(page.status, ShownStatus::Active);
        assert_eq!(page.mobile_ending, "982");
        assert_eq!(page.roles.len(), 1);
        assert!(page.roles[0].areas.is_empty());
        assert!(!page.can.is_empty() && !page.cannot.is_empty());
        assert!(!page.may_invite, "an active person is not invited again");
    }

    /// R65: nobody sees a person of another organisation, and without the right nobody sees one at all.
    #[tokio::test]
    async fn people_of_other_organisations_are_not_found() {
        let h = Harness::new().await;
        h.organisation("RX1", "Hollybrook Hospital").await;
        h.organisation("RX2", "Rosebush Hospital").await;
        let sam = h.administrator("rx1", "sam.okoro@nhs.net").await;
        let other = h.member("rx2", "jane.carlton@nhs.net", "viewer").await;
        for slug in ["rx1", "rx2"] {
            assert!(matches!(
                h.services.user_page(&sam, slug, other.user()).await,
                Err(Error::NotFound)
            ));
        }
        let viewer = h.member("rx1", "lee.ward@nhs.net", "viewer").await;
        assert!(matches!(
            h.services.user_page(&viewer, "rx1", sam.user()).await,
            Err(Error::NotAllowed)
        ));
    }
}
