//! What was typed in a form that was refused: kept for 30 minutes, shown only to who typed it. What was
//! typed before a session ended is kept for a day, for the person whose session it was.

use chrono::TimeDelta;
use domain::id::{DraftId, UserId};
use serde_json::Value;

use crate::{
    Result, Services,
    secrets::{Digest32, Token, TokenPurpose},
};

/// How long a refused form is kept.
const LIFETIME: TimeDelta = TimeDelta::minutes(30);
/// How long the answers of somebody whose session ended are kept.
const LIFETIME_TIMED_OUT: TimeDelta = TimeDelta::hours(24);

/// A session that is over, and what was typed in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimedOut {
    /// Where the form is kept.
    pub draft: DraftId,
    /// How long this session could rest.
    pub idle_minutes: i64,
}

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
        let mut tx = self.store.write().await?;
        tx.delete_expired_form_drafts(now).await?;
        tx.insert_form_draft(id, &self.visitor_owner(visitor), state, now + LIFETIME)
            .await?;
        tx.commit().await?;
        Ok(id)
    }

    /// Keeps a form for the person whose session has run out, or runs out now, and ends that session.
    /// Nothing is kept, and `None` returned, where the cookie `session` is not that of a complete sign-in:
    /// nobody could be told from anybody else later.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn keep_timed_out_form(
        &self,
        session: Option<&str>,
        state: Value,
    ) -> Result<Option<TimedOut>> {
        let now = self.now();
        let mut tx = self.store.write().await?;
        let Some((session, idle_minutes)) = self.whole_session(&mut tx, session).await? else {
            return Ok(None);
        };
        tx.end_session(session.id, now).await?;
        let draft = DraftId::from_uuid(self.random.uuid(now));
        let owner = self.user_owner(session.user_id);
        tx.insert_form_draft(draft, &owner, state, now + LIFETIME_TIMED_OUT)
            .await?;
        tx.commit().await?;
        Ok(Some(TimedOut {
            draft,
            idle_minutes,
        }))
    }

    /// The form kept under `draft`, when it is the visitor's or the user's and its time has not run out.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn form_draft(
        &self,
        visitor: Option<&str>,
        user: Option<UserId>,
        draft: &str,
    ) -> Result<Option<Value>> {
        let Ok(id) = draft.parse::<DraftId>() else {
            return Ok(None);
        };
        let owners = [
            visitor.map(|visitor| self.visitor_owner(visitor)),
            user.map(|user| self.user_owner(user)),
        ];
        let mut tx = self.store.read().await?;
        for owner in owners.iter().flatten() {
            if let Some(state) = tx.form_draft(id, owner, self.now()).await? {
                return Ok(Some(state));
            }
        }
        Ok(None)
    }

    fn visitor_owner(&self, visitor: &str) -> Digest32 {
        self.keys.digest("visitor", visitor.as_bytes())
    }

    fn user_owner(&self, user: UserId) -> Digest32 {
        self.keys.digest("form-owner", user.uuid().as_bytes())
    }
}
