//! Sessions, and the one gate through which every request passes (R14): it alone says who is
//! there, from the session, the user and the settings as they are now (R56).

use chrono::{DateTime, TimeDelta, Utc};
use domain::{
    MembershipStatus, Policy,
    audit::AuditEventKind,
    frame::SessionTime,
    id::{SessionId, UserId},
};
use serde_json::json;
use store::{MembershipRow, OrganisationRow, SessionRow, Tx, UserRow};

use crate::{
    By, Error, RequestInfo, Result, Services,
    audit::Event,
    request::{Actor, Authentication, SecondStep},
    secrets::{Digest32, Token, TokenPurpose},
};

/// A session is written to at most this often. The page that warns of its end reckons with it.
const TOUCH: TimeDelta = TimeDelta::seconds(10);
/// Sessions of one person at a time (R59).
const MOST: i64 = 10;
/// How long the second step may take, from the password on.
const SECOND_STEP: TimeDelta = TimeDelta::hours(2);
/// `sessions.assurance`: the second step is missing.
const HALF: i64 = 1;
/// `sessions.assurance`: everything was proved.
const WHOLE: i64 = 2;

/// What was proved when a session starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Proof<'a> {
    /// The password; the second step is missing (R39).
    PasswordOnly,
    /// Everything, by these methods: `password+email`.
    Complete(&'a str),
}

/// How long sessions last, from every organisation that the person belongs to: the strictest
/// counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Lifetime {
    idle_minutes: i64,
    hours: i64,
}

impl Lifetime {
    fn of(places: &[(OrganisationRow, MembershipRow)]) -> Self {
        let longest = Policy::default();
        let policies = || open(places).map(|(organisation, _)| &organisation.policy);
        Self {
            idle_minutes: policies()
                .map(|policy| policy.session_idle_minutes)
                .min()
                .unwrap_or(longest.session_idle_minutes)
                .into(),
            hours: policies()
                .map(|policy| policy.session_hours)
                .min()
                .unwrap_or(longest.session_hours)
                .into(),
        }
    }
}

/// The organisations in which a person is active, or invited.
pub(crate) fn open(
    places: &[(OrganisationRow, MembershipRow)],
) -> impl Iterator<Item = &(OrganisationRow, MembershipRow)> {
    places.iter().filter(|(organisation, membership)| {
        organisation.closed_at.is_none()
            && matches!(
                membership.status,
                MembershipStatus::Active | MembershipStatus::Pending
            )
    })
}

/// When a session is over.
struct Limits {
    idle: TimeDelta,
    end: DateTime<Utc>,
}

impl Limits {
    /// The settings as they are now, and those of the sign-in: the stricter ones.
    fn of(session: &SessionRow, places: &[(OrganisationRow, MembershipRow)]) -> Self {
        let lifetime = Lifetime::of(places);
        Self {
            idle: TimeDelta::minutes(session.idle_minutes.min(lifetime.idle_minutes)),
            end: session
                .expires_at
                .min(session.created_at + TimeDelta::hours(lifetime.hours)),
        }
    }

    fn allow(&self, session: &SessionRow, now: DateTime<Utc>) -> bool {
        now < self.end && now < session.last_seen_at + self.idle
    }
}

/// Whether a session neither rested too long nor is past its end.
pub(crate) fn is_living(
    session: &SessionRow,
    places: &[(OrganisationRow, MembershipRow)],
    now: DateTime<Utc>,
) -> bool {
    Limits::of(session, places).allow(session, now)
}

/// How long a page may rest, and its session last, as the page is told. Rather too short by the time in
/// which a request is not written down.
pub(crate) fn session_time(
    session: &SessionRow,
    places: &[(OrganisationRow, MembershipRow)],
    now: DateTime<Utc>,
) -> SessionTime {
    let limits = Limits::of(session, places);
    let seconds = |time: TimeDelta| u32::try_from(time.num_seconds()).unwrap_or_default();
    SessionTime {
        idle_seconds: seconds(limits.idle - TOUCH),
        seconds_left: seconds(limits.end - now),
    }
}

impl Services {
    /// Who is there: the gate. `token` is the session cookie.
    ///
    /// A session that rested too long, is past its end, belongs to another epoch of its user
    /// (R60), or whose user belongs nowhere any more, is nobody's.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn authenticate(
        &self,
        token: Option<&str>,
        info: &RequestInfo,
    ) -> Result<Authentication> {
        self.who_is_there(token, info, true).await
    }

    /// As [`Services::authenticate`], for a request that a page made by itself: the session does not
    /// go on because of it (R55).
    ///
    /// # Errors
    /// When the database is away.
    pub async fn authenticate_quietly(
        &self,
        token: Option<&str>,
        info: &RequestInfo,
    ) -> Result<Authentication> {
        self.who_is_there(token, info, false).await
    }

    async fn who_is_there(
        &self,
        token: Option<&str>,
        info: &RequestInfo,
        touch: bool,
    ) -> Result<Authentication> {
        let digest = token.and_then(|token| Token::digest_of(token, TokenPurpose::Cookie));
        let Some(digest) = digest else {
            return Ok(Authentication::Anonymous);
        };
        let now = self.now();
        let mut tx = self.store.read().await?;
        let Some((session, user)) = self.living_session(&mut tx, &digest).await? else {
            return Ok(Authentication::Anonymous);
        };
        drop(tx);
        if touch && now - session.last_seen_at >= TOUCH {
            // While nothing can be saved pages can still be read; only the session is not prolonged.
            if let Err(error) = self.touch(session.id, now).await {
                self.log(error);
            }
        }
        let name = user.name();
        Ok(match session.assurance {
            WHOLE => Authentication::Complete(Actor {
                user: user.id,
                session: session.id,
                name,
                email: user.email,
                methods: session.methods,
                request: info.clone(),
            }),
            _ => Authentication::SecondStep(SecondStep {
                user: user.id,
                session: session.id,
                request: info.clone(),
            }),
        })
    }

    async fn touch(&self, session: SessionId, now: DateTime<Utc>) -> Result<()> {
        let mut tx = self.store.write().await?;
        tx.touch_session(session, now).await?;
        Ok(tx.commit().await?)
    }

    /// The session of a complete sign-in, over or not, and how many minutes it may rest; not one that was
    /// ended on purpose, by a new password for instance (R60).
    pub(crate) async fn whole_session(
        &self,
        tx: &mut Tx,
        token: Option<&str>,
    ) -> Result<Option<(SessionRow, i64)>> {
        let digest = token.and_then(|token| Token::digest_of(token, TokenPurpose::Cookie));
        let Some(digest) = digest else {
            return Ok(None);
        };
        let Some(session) = tx.session_by_digest(&digest).await? else {
            return Ok(None);
        };
        let user = tx.user(session.user_id).await?;
        let same = user.is_some_and(|user| user.security_epoch == session.security_epoch);
        if !same || session.assurance != WHOLE {
            return Ok(None);
        }
        let places = tx.organisations_of(session.user_id).await?;
        let idle = Limits::of(&session, &places).idle.num_minutes();
        Ok(Some((session, idle)))
    }

    async fn living_session(
        &self,
        tx: &mut Tx,
        digest: &Digest32,
    ) -> Result<Option<(SessionRow, UserRow)>> {
        let now = self.now();
        let Some(session) = tx.session_by_digest(digest).await? else {
            return Ok(None);
        };
        let Some(user) = tx.user(session.user_id).await? else {
            return Ok(None);
        };
        let places = tx.organisations_of(user.id).await?;
        let living = session.security_epoch == user.security_epoch
            && Limits::of(&session, &places).allow(&session, now)
            && open(&places).next().is_some();
        Ok(living.then_some((session, user)))
    }

    /// Starts a session and returns its cookie. Every step that raises what a session may do
    /// starts a new one, so that a cookie from before is worth nothing more (R53).
    pub(crate) async fn start_session(
        &self,
        tx: &mut Tx,
        user: &UserRow,
        proof: Proof<'_>,
        return_to: &str,
        info: &RequestInfo,
    ) -> Result<(Token, SessionId)> {
        let now = self.now();
        let lifetime = Lifetime::of(&tx.organisations_of(user.id).await?);
        let token = Token::generate(TokenPurpose::Cookie, &self.random);
        let id = SessionId::from_uuid(self.random.uuid(now));
        let whole = now + TimeDelta::hours(lifetime.hours);
        let (assurance, methods, expires_at) = match proof {
            Proof::PasswordOnly => (HALF, "password", whole.min(now + SECOND_STEP)),
            Proof::Complete(methods) => (WHOLE, methods, whole),
        };
        tx.insert_session(&SessionRow {
            id,
            token_digest: token.digest().to_vec(),
            user_id: user.id,
            assurance,
            methods: methods.to_owned(),
            security_epoch: user.security_epoch,
            created_at: now,
            authenticated_at: now,
            last_seen_at: now,
            idle_minutes: lifetime.idle_minutes,
            expires_at,
            return_to: return_to.to_owned(),
            last_organisation: None,
            ip: info.ip.to_string(),
            user_agent: info.user_agent.clone(),
        })
        .await?;
        tx.delete_oldest_sessions(user.id, MOST).await?;
        Ok((token, id))
    }

    /// Ends the session that a request came with, before another takes its place.
    pub(crate) async fn end_session_of(&self, tx: &mut Tx, token: Option<&str>) -> Result<()> {
        let digest = token.and_then(|token| Token::digest_of(token, TokenPurpose::Cookie));
        if let Some(digest) = digest
            && let Some(session) = tx.session_by_digest(&digest).await?
        {
            tx.delete_session(session.id).await?;
        }
        Ok(())
    }

    /// Signs out: the session is gone, and its cookie opens nothing any more (R57).
    ///
    /// # Errors
    /// When the database is away.
    pub async fn sign_out(&self, who: &Authentication) -> Result<()> {
        let (session, user) = match who {
            Authentication::Anonymous => return Ok(()),
            Authentication::SecondStep(step) => (step.session, step.user),
            Authentication::Complete(actor) => (actor.session, actor.user),
        };
        let mut tx = self.store.write().await?;
        tx.delete_challenge(&self.session_binding(session)).await?;
        if tx.delete_session(session).await? {
            let name = self.name_of(&mut tx, user).await?;
            let by = match who {
                Authentication::Complete(actor) => By::actor(actor),
                Authentication::SecondStep(step) => By::step(step, &name),
                Authentication::Anonymous => return Ok(()),
            };
            let event = Event {
                organisation: None,
                kind: AuditEventKind::SignedOut,
                subject: Some((user, name)),
                details: json!({}),
            };
            self.audit(&mut tx, &by, event).await?;
        }
        tx.commit().await?;
        Ok(())
    }

    pub(crate) async fn name_of(&self, tx: &mut Tx, user: UserId) -> Result<String> {
        let row = tx.user(user).await?.ok_or(Error::NotFound)?;
        Ok(row.name())
    }

    /// What a question for a code is bound to (R42).
    pub(crate) fn session_binding(&self, session: SessionId) -> Digest32 {
        self.keys.digest("session", session.uuid().as_bytes())
    }
}
