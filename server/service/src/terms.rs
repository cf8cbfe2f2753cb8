//! Terms of use: the documents that come with Lanyard, and which of them count for whom (B16).

use chrono::{DateTime, Utc};
use domain::{
    Policy, audit::AuditEventKind, id::TermsId, id::UserId, policy::TermsChoice,
    terms::TermsDocument,
};
use serde_json::json;
use store::{TermsRow, Tx};

use crate::{By, Error, RequestInfo, Result, Services, audit::Event};

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
        let key = match policy.terms {
            TermsChoice::None => return Ok(None),
            TermsChoice::Platform => PLATFORM.to_owned(),
            TermsChoice::Document(id) => match tx.terms(id).await? {
                Some(row) => row.key,
                None => PLATFORM.to_owned(),
            },
        };
        self.newest_terms(tx, &key).await.map(Some)
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
