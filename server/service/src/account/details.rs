//! A person's own name. Role, areas and status are no part of any form here: nobody changes their
//! own (J36, R72).

use domain::{
    account::OwnNameForm,
    audit::AuditEventKind,
    id::OrganisationId,
    search::{index_words, sort_name},
};
use serde_json::json;

use crate::{
    Actor, By, Error, Result, Services,
    audit::Event,
    outbox::{MessageKind, Outgoing},
};

impl Services {
    /// The name as it is.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn own_name(&self, actor: &Actor) -> Result<OwnNameForm> {
        let mut tx = self.store.read().await?;
        let user = tx.user(actor.user()).await?.ok_or(Error::SignInRequired)?;
        Ok(OwnNameForm {
            first_name: user.first_name,
            last_name: user.last_name,
        })
    }

    /// Changes the name, which every organisation shares: each sorts and finds the person by the
    /// new one, and has it in its activity. Returns whether anything changed; nothing is sent when
    /// nothing did.
    ///
    /// # Errors
    /// What is wrong with the form; [`crate::Conflict::Stale`] when somebody else was faster.
    pub async fn change_own_name(&self, actor: &Actor, form: &OwnNameForm) -> Result<bool> {
        let (first, last) = form.validate()?;
        let mut tx = self.store.write().await?;
        let user = tx.user(actor.user()).await?;
        let mut user = user.ok_or(Error::SignInRequired)?;
        if user.first_name == first.as_str() && user.last_name == last.as_str() {
            return Ok(false);
        }
        let before = user.name();
        first.as_str().clone_into(&mut user.first_name);
        last.as_str().clone_into(&mut user.last_name);
        tx.update_user(&user).await?;
        let words = index_words(&user.first_name, &user.last_name, &user.email);
        let sorted = sort_name(&user.first_name, &user.last_name, &user.email);
        let mut places: Vec<Option<OrganisationId>> = vec![None];
        for (organisation, mut member) in tx.organisations_of(user.id).await? {
            member.sort_name.clone_from(&sorted);
            tx.update_membership(&member).await?;
            tx.replace_words(organisation.id, member.id, &words).await?;
            places.push(Some(organisation.id));
        }
        let by = By::actor(actor);
        for organisation in places {
            let event = Event {
                organisation,
                kind: AuditEventKind::NameChanged,
                subject: Some((user.id, user.name())),
                details: json!({ "before": before, "after": user.name() }),
            };
            self.audit(&mut tx, &by, event).await?;
        }
        let notice = self.account_notice(&user, "name", actor);
        self.queue(&mut tx, vec![notice]).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Tells the person that `what` of their account was changed.
    pub(crate) fn account_notice(
        &self,
        user: &store::UserRow,
        what: &str,
        actor: &Actor,
    ) -> Outgoing {
        let mut notice = self.notice_to(user, MessageKind::AccountChanged, actor.request());
        what.clone_into(&mut notice.content.subject);
        notice
    }
}
