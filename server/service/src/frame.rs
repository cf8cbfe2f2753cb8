//! What the frame of every page shows.

use domain::frame::Frame;

use crate::{Result, Services, request::Authentication};

impl Services {
    /// The frame for somebody at a page of `organisation` (a slug; empty outside of organisations).
    ///
    /// # Errors
    /// When the database is away.
    pub async fn frame(&self, who: &Authentication, organisation: &str) -> Result<Frame> {
        let _ = (who, organisation);
        Ok(Frame {
            service_name: self.settings.service_name.clone(),
            ..Frame::default()
        })
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
