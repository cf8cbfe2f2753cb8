//! What the frame of every page shows.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::{
    MembershipStatus, Permission,
    frame::{Frame, FrameOrganisation, Notice, Viewer},
};

use crate::{
    Access, Actor, Error, Result, Services, authorisation::Reach, request::Authentication,
    sessions::session_time,
};

/// A notice in a cookie is short; anything longer is not ours.
const MOST_NOTICE: usize = 2_000;

/// A message for the next page, as the text of a cookie.
pub fn encode_notice(notice: &Notice) -> String {
    URL_SAFE_NO_PAD.encode(serde_json::to_vec(notice).unwrap_or_default())
}

/// The message of a cookie; nothing when it is not one.
pub fn decode_notice(text: &str) -> Option<Notice> {
    if text.len() > MOST_NOTICE {
        return None;
    }
    let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
    serde_json::from_slice(&bytes).ok()
}

impl Services {
    /// The frame for somebody at a page of `organisation` (a slug; empty outside of organisations).
    /// Opening an organisation is remembered: it is where the person comes back to.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn frame(&self, who: &Authentication, organisation: &str) -> Result<Frame> {
        let mut frame = Frame {
            service_name: self.settings.service_name.clone(),
            ..Frame::default()
        };
        let Authentication::Complete(actor) = who else {
            return Ok(frame);
        };
        let mut tx = self.store.read().await?;
        let places = tx.organisations_of(actor.user()).await?;
        let active = places.iter().filter(|(organisation, membership)| {
            membership.status == MembershipStatus::Active && organisation.closed_at.is_none()
        });
        let session = tx.session(actor.session()).await?;
        frame.viewer = Some(Viewer {
            name: actor.name().to_owned(),
            organisations: u32::try_from(active.count()).unwrap_or(u32::MAX),
            session: session
                .as_ref()
                .map(|session| session_time(session, &places, self.now()))
                .unwrap_or_default(),
        });
        if organisation.is_empty() {
            return Ok(frame);
        }
        let access = match self.access(&mut tx, actor, organisation).await {
            Ok(access) => access,
            // The page itself says that there is nothing here for this person.
            Err(Error::NotFound | Error::NotAllowed) => return Ok(frame),
            Err(error) => return Err(error),
        };
        let whom_to_ask = match access.require(Permission::RolesAssign) {
            Ok(Reach::Whole) => Vec::new(),
            _ => self.whom_to_ask(&mut tx, &access).await?,
        };
        drop(tx);
        let slug = &access.organisation.slug;
        if session.is_some_and(|session| session.last_organisation.as_ref() != Some(slug)) {
            self.remember_organisation(actor, &access).await?;
        }
        frame.organisation = Some(FrameOrganisation {
            name: access.organisation.name.clone(),
            code: access.organisation.code.clone(),
            slug: slug.clone(),
            permissions: access
                .permissions()
                .iter()
                .map(|permission| permission.as_str().to_owned())
                .collect(),
            whom_to_ask,
        });
        Ok(frame)
    }

    /// This organisation is open now.
    pub(crate) async fn remember_organisation(&self, actor: &Actor, access: &Access) -> Result<()> {
        let mut tx = self.store.write().await?;
        tx.set_session_organisation(actor.session(), &access.organisation.slug)
            .await?;
        tx.set_last_signed_in(access.organisation.id, actor.user(), self.now())
            .await?;
        tx.commit().await?;
        Ok(())
    }

    /// Gives a fault its incident id and logs it, once; other errors pass as they are.
    pub fn log(&self, error: crate::Error) -> crate::Error {
        use crate::Error;
        match error {
            Error::Store(_) | Error::Fault(_) => {
                let incident = domain::id::IncidentId::from_uuid(self.random.uuid(self.now()));
                tracing::error!(%incident, error = %error, "unexpected error");
                Error::Unexpected { incident }
            }
            Error::Unavailable(ref why) => {
                tracing::warn!(why, "unavailable");
                error
            }
            other => other,
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::frame::Notice;

    use super::{decode_notice, encode_notice};

    #[test]
    fn a_notice_survives_its_cookie() {
        let notice = Notice {
            code: "recovery.left".to_owned(),
            params: vec!["7".to_owned(), "Zoë; Path=/".to_owned()],
            ..Notice::default()
        };
        let text = encode_notice(&notice);
        assert!(
            text.bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
        );
        assert_eq!(decode_notice(&text), Some(notice));
        for other in ["", "x", "e30", &"A".repeat(9_000)] {
            assert_eq!(decode_notice(other), None, "{other}");
        }
    }
}
