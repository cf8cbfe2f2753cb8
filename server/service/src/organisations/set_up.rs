//! The first organisation of an empty installation: a link that the server prints when it starts,
//! and the page behind it (R10).

use domain::registration::{SetUp, SetUpLanding};
use store::{AccountLinkRow, LinkPurpose, Tx};

use super::{PrintedLink, administrator::PRINTED_LINK};
use crate::{
    By, Conflict, Error, RequestInfo, Result, Services,
    presets::Preset,
    registration::Begun,
    secrets::{Token, TokenPurpose},
};

impl Services {
    /// A new set-up link, good for 1 hour, while there is no organisation; the one before it stops
    /// working. Nothing when the installation has been set up.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn set_up_link(&self) -> Result<Option<PrintedLink>> {
        let now = self.now();
        let mut tx = self.store.write().await?;
        if tx.count_organisations().await? > 0 {
            return Ok(None);
        }
        tx.revoke_account_links(LinkPurpose::SetUp, None, now)
            .await?;
        let token = Token::generate(TokenPurpose::SetUp, &self.random);
        let link = AccountLinkRow {
            id: self.random.uuid(now),
            purpose: LinkPurpose::SetUp,
            user_id: None,
            token_digest: token.digest().to_vec(),
            security_epoch: 0,
            created_at: now,
            expires_at: now + PRINTED_LINK,
            consumed_at: None,
            revoked_at: None,
        };
        tx.insert_account_link(&link).await?;
        tx.commit().await?;
        Ok(Some(PrintedLink {
            url: self.link(&format!("/set-up/{}", token.expose())),
            expires_at: link.expires_at,
        }))
    }

    /// What a set-up link leads to. Reads only (R18).
    ///
    /// # Errors
    /// [`Error::NotFound`] for what is no such link (R20).
    pub async fn set_up_landing(&self, token: &str, request: &RequestInfo) -> Result<SetUpLanding> {
        let mut tx = self.store.read().await?;
        let Some((landing, _)) = self.standing_of_set_up(&mut tx, token).await? else {
            drop(tx);
            return Err(self.unknown_link(request).await);
        };
        Ok(landing)
    }

    /// Makes the first organisation, from the preset self-registration, and begins the
    /// registration of its administrator. The link is used up by it.
    ///
    /// # Errors
    /// [`Error::NotFound`] for what is no such link, [`Error::Expired`] (`set_up`) for an old one,
    /// [`Conflict::AlreadySetUp`] when somebody else was first.
    pub async fn set_up(&self, token: &str, form: &SetUp, request: &RequestInfo) -> Result<Begun> {
        let mut tx = self.store.write().await?;
        let Some((landing, link)) = self.standing_of_set_up(&mut tx, token).await? else {
            drop(tx);
            return Err(self.unknown_link(request).await);
        };
        match landing {
            SetUpLanding::Open => {}
            SetUpLanding::Expired | SetUpLanding::Replaced => return Err(Error::Expired("set_up")),
            SetUpLanding::Done => return Err(Error::Conflict(Conflict::AlreadySetUp)),
        }
        if !tx.consume_account_link(link.id, self.now()).await? {
            return Err(Error::Conflict(Conflict::AlreadySetUp));
        }
        let by = By::system(request);
        let preset = Preset::SelfRegistration;
        let organisation = self
            .create_organisation_in(&mut tx, &by, preset, &form.code, &form.name)
            .await?;
        let (invitation, _) = self
            .invite_administrator(&mut tx, &by, &organisation, &form.email)
            .await?;
        let offer = self.offer(&mut tx, invitation).await?;
        let begun = self.begin(&mut tx, &offer, request).await?;
        tx.commit().await?;
        Ok(begun)
    }

    async fn standing_of_set_up(
        &self,
        tx: &mut Tx,
        token: &str,
    ) -> Result<Option<(SetUpLanding, AccountLinkRow)>> {
        let Some(digest) = Token::digest_of(token, TokenPurpose::SetUp) else {
            return Ok(None);
        };
        let Some(link) = tx.account_link(LinkPurpose::SetUp, &digest).await? else {
            return Ok(None);
        };
        let landing = if tx.count_organisations().await? > 0 || link.consumed_at.is_some() {
            SetUpLanding::Done
        } else if link.revoked_at.is_some() {
            SetUpLanding::Replaced
        } else if link.expires_at <= self.now() {
            SetUpLanding::Expired
        } else {
            SetUpLanding::Open
        };
        Ok(Some((landing, link)))
    }
}
