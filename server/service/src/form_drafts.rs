//! What was typed in a form that was refused: kept for 30 minutes, shown only to who typed it.

use chrono::TimeDelta;
use domain::id::DraftId;
use serde_json::Value;

use crate::{
    Result, Services,
    secrets::{Token, TokenPurpose},
};

/// How long a refused form is kept.
const LIFETIME: TimeDelta = TimeDelta::minutes(30);

impl Services {
    /// A new value for the cookie that owns form drafts.
    pub fn new_visitor(&self) -> String {
        Token::generate(TokenPurpose::Cookie, &self.random)
            .expose()
            .to_owned()
    }

    /// Keeps a refused form for `visitor` and returns the id under which the page finds it.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn keep_form_draft(&self, visitor: &str, state: Value) -> Result<DraftId> {
        let now = self.now();
        let id = DraftId::from_uuid(self.random.uuid(now));
        let owner = self.keys.digest("visitor", visitor.as_bytes());
        let mut tx = self.store.write().await?;
        tx.delete_expired_form_drafts(now).await?;
        tx.insert_form_draft(id, &owner, state, now + LIFETIME)
            .await?;
        tx.commit().await?;
        Ok(id)
    }

    /// The form kept under `draft`, when it is the visitor's and its time has not run out.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn form_draft(&self, visitor: &str, draft: &str) -> Result<Option<Value>> {
        let Ok(id) = draft.parse::<DraftId>() else {
            return Ok(None);
        };
        let owner = self.keys.digest("visitor", visitor.as_bytes());
        let mut tx = self.store.read().await?;
        Ok(tx.form_draft(id, &owner, self.now()).await?)
    }
}
