//! Joining: somebody who has an account accepts an invitation by signing in to it (R23). No
//! password, no name and no second factor is asked again (B1a).

use domain::{id::InvitationId, registration::JoinView};

use super::finish::Finished;
use crate::{Conflict, Error, RequestInfo, Result, Services, request::Authentication};

/// What came of "Join".
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Joining {
    /// The organisation's terms have to be agreed to first.
    Terms(InvitationId),
    /// Done.
    Joined(Finished),
}

impl Services {
    /// The page on which the owner of an account joins.
    ///
    /// # Errors
    /// [`Error::SignInRequired`] before signing in, [`Conflict::WrongPerson`] for another account,
    /// [`Conflict::StepMissing`] for somebody who has none and has to register.
    pub async fn joining(
        &self,
        flow: &str,
        page: InvitationId,
        who: &Authentication,
    ) -> Result<JoinView> {
        let mut tx = self.store.read().await?;
        let journey = self.journey(&mut tx, flow, Some(page)).await?;
        if !journey.answers.joining {
            return Err(Error::Conflict(Conflict::StepMissing));
        }
        journey.require_owner(who)?;
        let offer = &journey.offer;
        let due = self
            .terms_due(&mut tx, offer.user.id, &offer.organisation.policy)
            .await?;
        Ok(JoinView {
            invitation: self.shown_invitation(&mut tx, offer).await?,
            has_terms: due.is_some(),
            needs_app: !journey.answers.done && self.needs_app(&mut tx, &journey).await?,
            done: journey.answers.done,
            organisation_slug: offer.organisation.slug.clone(),
        })
    }

    /// "Join": at once, or after the terms.
    ///
    /// # Errors
    /// As [`Services::joining`] and [`Services::finish_registration`].
    pub async fn join(
        &self,
        flow: &str,
        who: &Authentication,
        request: &RequestInfo,
    ) -> Result<Joining> {
        let page = self.registration_page(flow).await?;
        if self.joining(flow, page, who).await?.has_terms {
            return Ok(Joining::Terms(page));
        }
        let finished = self.finish_registration(flow, "", who, request).await?;
        Ok(Joining::Joined(finished))
    }

    /// "Decline", by somebody who has signed in to join.
    ///
    /// # Errors
    /// As [`Services::joining`].
    pub async fn decline_joining(
        &self,
        flow: &str,
        who: &Authentication,
        request: &RequestInfo,
    ) -> Result<()> {
        let mut tx = self.store.write().await?;
        let journey = self.journey_to_change(&mut tx, flow).await?;
        if !journey.answers.joining {
            return Err(Error::Conflict(Conflict::StepMissing));
        }
        journey.require_owner(who)?;
        self.decline(&mut tx, journey.offer, request).await?;
        tx.commit().await?;
        Ok(())
    }
}
