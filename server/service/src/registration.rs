//! Registration: an invited person accepts an invitation, from the link in the email to Active
//! (B12 to B16, A13, A14). Opening the link changes nothing (R18); accepting exchanges the token
//! for a cookie (R29) on which the answers hang; the last step uses the invitation up, in one
//! transaction with everything that it gives (R17, R22, R30). Somebody who has an account signs
//! in and joins instead: nothing here ever sets a password on an account that exists (R23).

use chrono::TimeDelta;
use domain::{
    OrganisationCode, SecondFactorKind,
    id::InvitationId,
    registration::{RegistrationRules, RegistrationStep, RegistrationView},
};
use store::{RegistrationRow, Tx};

use crate::{
    Conflict, Error, Result, Services,
    secrets::{Token, TokenPurpose},
};

mod answers;
mod codes;
mod details;
mod finish;
mod join;
mod landing;
mod offer;
#[cfg(test)]
mod tests;

use answers::Answers;
pub use finish::Finished;
pub use join::Joining;
pub(crate) use offer::{Offer, Standing};

/// How long the answers are kept after the last step that was made (R29).
pub const LIFETIME: TimeDelta = TimeDelta::minutes(30);

/// A journey that has just begun.
pub struct Begun {
    /// The value of the cookie that the journey hangs on.
    pub flow: String,
    /// Names the journey in addresses, where the token must not stay.
    pub invitation: InvitationId,
    /// Whether the person has an account already, and signs in to join.
    pub has_user: bool,
}

/// A journey with everything it needs, as loaded for one step.
struct Journey {
    row: RegistrationRow,
    answers: Answers,
    offer: Offer,
}

impl Journey {
    /// The second factors that the person may choose from, in the order of the page. Empty when
    /// codes are off for them, and for those who have an account.
    fn methods(&self) -> Vec<SecondFactorKind> {
        let privileged = self.offer.is_privileged();
        let policy = &self.offer.organisation.policy;
        if self.answers.joining || !policy.second_factor_required(privileged) {
            return Vec::new();
        }
        let allowed = policy.second_factor_choices(privileged);
        SecondFactorKind::CHOICES
            .iter()
            .copied()
            .filter(|kind| allowed.contains(kind))
            .collect()
    }

    /// The first step that is not done.
    fn step(&self) -> RegistrationStep {
        self.answers.step(!self.methods().is_empty())
    }

    /// Refuses a step whose turn has not come (R30).
    fn require(&self, step: RegistrationStep) -> Result<()> {
        if order(self.step()) < order(step) {
            return Err(Error::Conflict(Conflict::StepMissing));
        }
        if self.answers.done {
            return Err(Error::Conflict(Conflict::AlreadyUsed));
        }
        if self.answers.joining && step != RegistrationStep::Terms {
            // Nothing here is asked of, or changed for, somebody who has an account (R23).
            return Err(Error::Conflict(Conflict::AccountExists));
        }
        Ok(())
    }

    fn rules(&self) -> Result<RegistrationRules> {
        let organisation = &self.offer.organisation;
        let fault = |what: &str| Error::Fault(format!("stored {what} is none"));
        Ok(RegistrationRules::new(
            &organisation.policy,
            self.offer.is_privileged(),
            self.offer.email().map_err(|()| fault("address"))?,
            &organisation.name,
            &OrganisationCode::parse(&organisation.code).map_err(|_| fault("code"))?,
        ))
    }
}

fn order(step: RegistrationStep) -> usize {
    RegistrationStep::ALL
        .iter()
        .position(|other| *other == step)
        .unwrap_or_default()
}

impl Services {
    /// What the pages of a journey show.
    ///
    /// # Errors
    /// [`Error::Expired`] (`registration`) when the cookie's journey is over or belongs to another
    /// invitation; what its standing says when the invitation cannot be accepted any more.
    pub async fn registration(&self, flow: &str, page: InvitationId) -> Result<RegistrationView> {
        let mut tx = self.store.read().await?;
        let journey = self.journey(&mut tx, flow, Some(page)).await?;
        let answers = &journey.answers;
        let given = |typed: &str, stored: &str| {
            let text = if answers.has_details() { typed } else { stored };
            text.to_owned()
        };
        let organisation = &journey.offer.organisation;
        Ok(RegistrationView {
            step: journey.step(),
            rules: journey.rules()?,
            organisation_slug: organisation.slug.clone(),
            first_name: given(&answers.first_name, &journey.offer.user.first_name),
            last_name: given(&answers.last_name, &journey.offer.user.last_name),
            mobile: answers.mobile_typed.clone(),
            codes_methods: journey.methods(),
            codes_method: answers.method,
            mobile_known: answers.mobile.is_some(),
            privileged: journey.offer.is_privileged(),
            joining: answers.joining,
        })
    }

    /// The page of a journey: where a refused form goes back to.
    ///
    /// # Errors
    /// [`Error::Expired`] (`registration`) when the cookie's journey is over.
    pub async fn registration_page(&self, flow: &str) -> Result<InvitationId> {
        let digest = flow_digest(flow)?;
        let mut tx = self.store.read().await?;
        let row = tx.registration(&digest, self.now()).await?;
        row.map(|row| row.invitation_id).ok_or_else(over)
    }

    async fn journey(
        &self,
        tx: &mut Tx,
        flow: &str,
        page: Option<InvitationId>,
    ) -> Result<Journey> {
        let row = tx.registration(&flow_digest(flow)?, self.now()).await?;
        self.loaded(tx, row, page).await
    }

    /// The journey, locked for a step.
    async fn journey_to_change(&self, tx: &mut Tx, flow: &str) -> Result<Journey> {
        let row = tx
            .lock_registration(&flow_digest(flow)?, self.now())
            .await?;
        self.loaded(tx, row, None).await
    }

    /// The journey, locked for its last step, and the organisation before it: who invited may do so
    /// until this is written, and nobody who would no longer count lets somebody in (R22, R56).
    async fn journey_to_finish(&self, tx: &mut Tx, flow: &str) -> Result<Journey> {
        let row = tx.registration(&flow_digest(flow)?, self.now()).await?;
        tx.lock_organisation(row.ok_or_else(over)?.organisation_id)
            .await?;
        self.journey_to_change(tx, flow).await
    }

    async fn loaded(
        &self,
        tx: &mut Tx,
        row: Option<RegistrationRow>,
        page: Option<InvitationId>,
    ) -> Result<Journey> {
        let row = row
            .filter(|row| page.is_none_or(|page| page == row.invitation_id))
            .ok_or_else(over)?;
        let answers: Answers =
            serde_json::from_value(row.answers.clone()).map_err(store::StoreError::from)?;
        let invitation = tx
            .invitation(row.organisation_id, row.invitation_id)
            .await?
            .ok_or_else(over)?;
        let offer = self.offer(tx, invitation).await?;
        if !answers.done {
            offer.standing(self.now()).refuse()?;
            if !answers.joining && offer.has_user() {
                // Registered meanwhile, through another invitation (R23).
                return Err(Error::Conflict(Conflict::AccountExists));
            }
        }
        Ok(Journey {
            row,
            answers,
            offer,
        })
    }

    /// Writes the answers of a step; the journey lives on for another 30 minutes.
    async fn save(&self, tx: &mut Tx, journey: &mut Journey) -> Result<()> {
        journey.row.answers =
            serde_json::to_value(&journey.answers).map_err(store::StoreError::from)?;
        journey.row.expires_at = self.now() + LIFETIME;
        tx.update_registration(&journey.row).await?;
        Ok(())
    }
}

fn flow_digest(flow: &str) -> Result<[u8; 32]> {
    Token::digest_of(flow, TokenPurpose::Cookie).ok_or_else(over)
}

fn over() -> Error {
    Error::Expired("registration")
}
