//! The devices on which a person is signed in, as they see and end them themselves (R58).

use domain::{account::SignedInDevice, audit::AuditEventKind, device::device, id::SessionId};
use serde_json::json;

use crate::{Actor, By, Error, Result, Services, audit::Event};

impl Services {
    /// Where the person is signed in, this device first. Sessions have names that open nothing.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn signed_in_devices(&self, actor: &Actor) -> Result<Vec<SignedInDevice>> {
        let now = self.now();
        let mut tx = self.store.read().await?;
        let user = tx.user(actor.user()).await?.ok_or(Error::SignInRequired)?;
        let places = tx.organisations_of(user.id).await?;
        let mut devices: Vec<SignedInDevice> = tx
            .sessions_of(user.id, now)
            .await?
            .into_iter()
            .filter(|session| session.security_epoch == user.security_epoch)
            .filter(|session| crate::sessions::is_living(session, &places, now))
            .map(|session| SignedInDevice {
                id: session.id,
                device: device(&session.user_agent).unwrap_or_default(),
                signed_in_at: session.created_at,
                last_used_at: session.last_seen_at,
                is_this: session.id == actor.session(),
            })
            .collect();
        devices.sort_by_key(|device| !device.is_this);
        Ok(devices)
    }

    /// Ends one session of the person's own. One that is over already is no mistake. Returns
    /// whether it was the one that asked.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn end_own_session(&self, actor: &Actor, session: SessionId) -> Result<bool> {
        let mut tx = self.store.write().await?;
        if tx.delete_own_session(actor.user(), session).await? {
            self.audit_session_end(&mut tx, actor, 1).await?;
            tx.commit().await?;
        }
        Ok(session == actor.session())
    }

    /// Ends every session of the person's own, with this one or without it; sign-ins that wait
    /// for their second step end too.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn end_own_sessions(&self, actor: &Actor, this_too: bool) -> Result<()> {
        let mut tx = self.store.write().await?;
        let ended = if this_too {
            tx.delete_sessions_of(actor.user()).await?
        } else {
            tx.delete_other_sessions(actor.user(), actor.session())
                .await?
        };
        if ended > 0 {
            self.audit_session_end(&mut tx, actor, ended).await?;
            tx.commit().await?;
        }
        Ok(())
    }

    async fn audit_session_end(&self, tx: &mut store::Tx, actor: &Actor, count: u64) -> Result<()> {
        let event = Event {
            organisation: None,
            kind: AuditEventKind::SessionEnded,
            subject: Some((actor.user(), actor.name().to_owned())),
            details: json!({ "count": count }),
        };
        self.audit(tx, &By::actor(actor), event).await
    }
}
