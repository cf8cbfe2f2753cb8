//! Terms of use: the documents that come with Lanyard, and which of them count for whom (B16).

use chrono::{DateTime, Utc};
use domain::{
    MembershipStatus, Policy,
    audit::AuditEventKind,
    id::{TermsId, UserId},
    policy::TermsChoice,
    terms::{NewTerms, TermsDocument},
};
use serde_json::json;
use store::{OrganisationRow, TermsRow, Tx};

use crate::{Actor, By, Conflict, Error, RequestInfo, Result, Services, audit::Event};

#[cfg(test)]
mod tests;

/// The document that counts where an organisation has none of its own.
pub const PLATFORM: &str = "platform";

/// A document that comes with this version of Lanyard. A changed text is a new version with its
/// own date: what people agreed to is kept word for word.
struct Built {
    key: &'static str,
    version: &'static str,
    title: &'static str,
    approved_by: &'static str,
    published_at: &'static str,
    body: &'static str,
}

static BUILT_IN: [Built; 2] = [
    Built {
        key: PLATFORM,
        version: "1.0",
        title: "Terms of use",
        approved_by: "Head of information governance",
        published_at: "2026-09-01T00:00:00Z",
        body: include_str!("presets/terms/platform.txt"),
    },
    Built {
        key: "eula",
        version: "1.0",
        title: "End user licence agreement",
        approved_by: "Head of information governance",
        published_at: "2026-09-01T00:00:00Z",
        body: include_str!("presets/terms/eula.txt"),
    },
];

/// A version as pages show it.
pub(crate) fn document(row: TermsRow) -> TermsDocument {
    TermsDocument {
        id: row.id,
        title: row.title,
        version: row.version,
        approved_by: row.approved_by,
        approved_on: row.published_at.date_naive(),
        body: row.body,
    }
}

impl Services {
    /// Publishes the documents that come with this version and are not there yet. Called at every
    /// start; two servers that start together publish once.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn ensure_terms(&self, request: &RequestInfo) -> Result<()> {
        let mut tx = self.store.write().await?;
        self.ensure_terms_in(&mut tx, &By::system(request)).await?;
        tx.commit().await?;
        Ok(())
    }

    pub(crate) async fn ensure_terms_in(&self, tx: &mut Tx, by: &By) -> Result<()> {
        for built in &BUILT_IN {
            let published_at: DateTime<Utc> = built
                .published_at
                .parse()
                .map_err(|_| Error::Fault(format!("date of terms {}", built.key)))?;
            let row = TermsRow {
                id: TermsId::from_uuid(self.random.uuid(self.now())),
                key: built.key.to_owned(),
                version: built.version.to_owned(),
                title: built.title.to_owned(),
                body: built.body.to_owned(),
                approved_by: built.approved_by.to_owned(),
                published_at,
            };
            if tx.publish_terms(&row).await? {
                let event = Event {
                    organisation: None,
                    kind: AuditEventKind::TermsPublished,
                    subject: None,
                    details: json!({ "terms": built.key, "version": built.version }),
                };
                self.audit(tx, by, event).await?;
            }
        }
        Ok(())
    }

    /// The newest version of a document, for the terms page and for new organisations.
    pub(crate) async fn newest_terms(&self, tx: &mut Tx, key: &str) -> Result<TermsRow> {
        tx.newest_terms(key, self.now())
            .await?
            .ok_or_else(|| Error::Fault(format!("no terms under {key}")))
    }

    /// The version that somebody has to agree to under this policy; nothing where there are none.
    /// A policy names a document by one of its versions: the newest one counts.
    pub(crate) async fn terms_of(&self, tx: &mut Tx, policy: &Policy) -> Result<Option<TermsRow>> {
        match self.terms_key(tx, policy).await? {
            Some(key) => self.newest_terms(tx, &key).await.map(Some),
            None => Ok(None),
        }
    }

    pub(crate) async fn terms_key(&self, tx: &mut Tx, policy: &Policy) -> Result<Option<String>> {
        Ok(match policy.terms {
            TermsChoice::None => None,
            TermsChoice::Platform => Some(PLATFORM.to_owned()),
            TermsChoice::Document(id) => match tx.terms(id).await? {
                Some(row) => Some(row.key),
                None => Some(PLATFORM.to_owned()),
            },
        })
    }

    /// Refuses whoever has not agreed to the terms of an organisation as they are now (B16, R14).
    pub(crate) async fn require_terms(
        &self,
        tx: &mut Tx,
        user: UserId,
        policy: &Policy,
    ) -> Result<()> {
        if let Some(key) = self.terms_key(tx, policy).await?
            && tx.has_not_agreed(user, &key, self.now()).await?
        {
            return Err(Error::TermsDue);
        }
        Ok(())
    }

    /// The next terms that the person has to agree to, in one of their organisations.
    async fn next_terms(
        &self,
        tx: &mut Tx,
        actor: &Actor,
    ) -> Result<Option<(OrganisationRow, TermsRow)>> {
        for (organisation, membership) in tx.organisations_of(actor.user()).await? {
            if membership.status != MembershipStatus::Active || organisation.closed_at.is_some() {
                continue;
            }
            if let Some(terms) = self
                .terms_due(tx, actor.user(), &organisation.policy)
                .await?
            {
                return Ok(Some((organisation, terms)));
            }
        }
        Ok(None)
    }

    /// The page that asks somebody with an account to agree to new terms (B16); nothing when there are
    /// none.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn new_terms(&self, actor: &Actor) -> Result<Option<NewTerms>> {
        let mut tx = self.store.read().await?;
        let next = self.next_terms(&mut tx, actor).await?;
        Ok(next.map(|(organisation, terms)| NewTerms {
            organisation_name: organisation.name,
            document: document(terms),
        }))
    }

    /// Agrees to the terms that were shown. The version and the time are kept (B16). Returns whether
    /// there are more.
    ///
    /// # Errors
    /// [`Conflict::Stale`] when other terms are due than those that were shown.
    pub async fn agree_to_new_terms(&self, actor: &Actor, shown: &str) -> Result<bool> {
        let mut tx = self.store.write().await?;
        let Some((organisation, terms)) = self.next_terms(&mut tx, actor).await? else {
            // A second post of the same page.
            return Ok(false);
        };
        if terms.id.to_string() != shown {
            return Err(Error::Conflict(Conflict::Stale));
        }
        tx.accept_terms(actor.user(), terms.id, organisation.id, self.now())
            .await?;
        let event = Event {
            organisation: Some(organisation.id),
            kind: AuditEventKind::TermsAccepted,
            subject: Some((actor.user(), actor.name().to_owned())),
            details: json!({ "terms": terms.key, "version": terms.version }),
        };
        self.audit(&mut tx, &By::actor(actor), event).await?;
        let more = self.next_terms(&mut tx, actor).await?.is_some();
        tx.commit().await?;
        Ok(more)
    }

    /// The version that a person still has to agree to under this policy; nothing when they have.
    pub(crate) async fn terms_due(
        &self,
        tx: &mut Tx,
        user: UserId,
        policy: &Policy,
    ) -> Result<Option<TermsRow>> {
        let Some(terms) = self.terms_of(tx, policy).await? else {
            return Ok(None);
        };
        let accepted = tx.terms_acceptance(user, terms.id).await?;
        Ok(accepted.is_none().then_some(terms))
    }

    /// The platform's terms, for the page that everybody can read.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn platform_terms(&self) -> Result<TermsDocument> {
        let mut tx = self.store.read().await?;
        self.newest_terms(&mut tx, PLATFORM).await.map(document)
    }
}
