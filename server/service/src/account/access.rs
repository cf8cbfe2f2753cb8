//! What people hold in each of their organisations, whom to ask about it, and leaving one (K, C16).

use domain::{
    account::{LeaveForm, LeavePage, OwnPlace},
    audit::AuditEventKind,
    membership::ChangedThing,
};
use serde_json::json;

use super::{active_places, with_roles};
use crate::{Actor, By, Result, Services, memberships::Made};

/// Why somebody is inactive who left, in the words of whoever deactivates.
const LEFT: &str = "Left by themselves";

impl Services {
    /// Every organisation that the person belongs to, with what they hold there and who can change it.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn own_places(&self, actor: &Actor) -> Result<Vec<OwnPlace>> {
        let mut tx = self.store.read().await?;
        let mut places = Vec::new();
        for (organisation, membership) in active_places(&mut tx, actor).await? {
            let access = self.access_of(&mut tx, organisation, membership).await?;
            places.push(OwnPlace {
                organisation: with_roles(&access),
                administrators: self.whom_to_ask(&mut tx, &access).await?,
            });
        }
        Ok(places)
    }

    /// The question before somebody leaves an organisation.
    ///
    /// # Errors
    /// [`crate::Error::NotFound`] for an organisation that they do not belong to.
    pub async fn leave_page(&self, actor: &Actor, slug: &str) -> Result<LeavePage> {
        let mut tx = self.store.read().await?;
        let access = self.access(&mut tx, actor, slug).await?;
        let member = self.own_member(&mut tx, &access).await?;
        let stays = self
            .keeps_an_administrator(&mut tx, &access, &member, &[])
            .await;
        Ok(LeavePage {
            name: access.organisation.name.clone(),
            slug: access.organisation.slug.clone(),
            obstacle: crate::memberships::obstacle(stays)?,
        })
    }

    /// Leaves an organisation; the account and every other organisation stay. Returns its name, or
    /// nothing for No.
    ///
    /// # Errors
    /// `leave.empty`; [`crate::Conflict::LastAdministrator`] (R71); [`crate::Error::NotFound`].
    pub async fn leave(
        &self,
        actor: &Actor,
        slug: &str,
        form: &LeaveForm,
    ) -> Result<Option<String>> {
        let mut tx = self.store.write().await?;
        let access = self.access_to_change(&mut tx, actor, slug).await?;
        let member = self.own_member(&mut tx, &access).await?;
        self.keeps_an_administrator(&mut tx, &access, &member, &[])
            .await?;
        if !form.validate()? {
            return Ok(None);
        }
        self.make_inactive(&mut tx, &[&member]).await?;
        let by = By::actor(actor);
        let made = Made {
            access: &access,
            by: &by,
            member: &member,
            thing: ChangedThing::Status,
            before: json!({ "status": "active" }),
            reason: LEFT.to_owned(),
            kind: AuditEventKind::MembershipDeactivated,
            details: json!({ "reason_given": LEFT, "had": member.access_lines(&access) }),
            // Nobody needs to be told what they have just done.
            mail: None,
        };
        self.record(&mut tx, made).await?;
        tx.commit().await?;
        Ok(Some(access.organisation.name))
    }
}

#[cfg(test)]
mod tests {
    use domain::{ShownStatus, account::LeaveForm};

    use crate::{Conflict, Error, testing::Harness};

    fn form(confirm: &str) -> LeaveForm {
        LeaveForm {
            confirm: confirm.to_owned(),
        }
    }

    /// C16, R71: people leave one organisation and keep the others; the last administrator stays.
    #[tokio::test]
    async fn people_can_leave_unless_nobody_would_manage() {
        let h = Harness::new().await;
        h.organisation("RX1", "Hollybrook Hospital").await;
        h.organisation("RX2", "Rosebush Hospital").await;
        let sam = h.administrator("rx1", "sam.okoro@nhs.net").await;
        h.member("rx1", "jane.carlton@nhs.net", "viewer").await;
        let jane = h.member("rx2", "jane.carlton@nhs.net", "viewer").await;
        let session = h.session(&jane).await;
        let places = h.services.own_places(&jane).await.unwrap();
        assert_eq!(places.len(), 2);
        assert_eq!(places[0].administrators, ["Sam Okoro"]);

        let last = h.services.leave(&sam, "rx1", &form("yes")).await;
        assert!(matches!(
            last,
            Err(Error::Conflict(Conflict::LastAdministrator))
        ));
        let page = h.services.leave_page(&sam, "rx1").await.unwrap();
        assert_eq!(page.obstacle, "last_admin");

        assert!(h.services.leave(&jane, "rx1", &form("")).await.is_err());
        let no = h.services.leave(&jane, "rx1", &form("no")).await.unwrap();
        assert_eq!(no, None);
        let left = h.services.leave(&jane, "rx1", &form("yes")).await.unwrap();
        assert_eq!(left.as_deref(), Some("Hollybrook Hospital"));
        assert!(h.is_signed_in(&session).await, "still of Rosebush Hospital");
        assert_eq!(h.services.own_places(&jane).await.unwrap().len(), 1);
        let page = h
            .services
            .user_page(&sam, "rx1", jane.user())
            .await
            .unwrap();
        assert_eq!(page.status, ShownStatus::Inactive);
        assert_eq!(page.deactivated_because, "Left by themselves");
        assert!(h.outbox().await.is_empty());
        let again = h.services.leave(&jane, "rx1", &form("yes")).await;
        assert!(matches!(again, Err(Error::NotFound)));
    }
}
