//! A harness for tests of use cases: the real store in memory, a clock that stands still, seeded
//! randomness.

use std::sync::Arc;

use chrono::{DateTime, TimeZone, Utc};
use domain::{
    MembershipStatus, OrganisationCode,
    id::{AssignmentId, MembershipId, OrganisationId, SessionId, UserId},
    organisation::OrganisationName,
    search::{index_words, sort_name},
};
use store::{AssignmentRow, DetailsRow, MembershipRow, Store, UserRow};

use crate::{
    Actor, By, Error, Keys, Random, RequestInfo, Result, Services, Settings,
    clock::FixedClock,
    outbox::{MessageContent, seal_owner},
    presets::Preset,
    sessions::Proof,
};

/// Saturday 21 November 2026, 9:30 in the morning, in London and in UTC.
pub fn morning() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 11, 21, 9, 30, 0)
        .single()
        .unwrap_or_default()
}

/// [`crate::outbox::MessageKind::InvitationReminder`] as stored.
const REMINDER: &str = "invitation_reminder";

/// A message that waits to be sent.
#[derive(Clone, Debug)]
pub struct Queued {
    /// `email` or `sms`.
    pub channel: String,
    /// Which template, as stored: `invitation`, `new_access`.
    pub kind: String,
    /// Address or number.
    pub recipient: String,
    /// Values for the template.
    pub content: MessageContent,
    /// Token or code.
    pub secret: Option<String>,
}

/// Use cases over a store of their own.
pub struct Harness {
    /// The use cases.
    pub services: Services,
    /// Their clock.
    pub clock: Arc<FixedClock>,
}

impl Harness {
    /// An empty SQLite database in memory.
    ///
    /// # Panics
    /// When SQLite cannot start.
    pub async fn new() -> Self {
        match Store::in_memory().await {
            Ok(store) => Self::over(store),
            Err(error) => panic!("no database in memory: {error}"),
        }
    }

    /// Over a given database (a file, PostgreSQL), already migrated.
    pub fn over(store: Store) -> Self {
        let clock = Arc::new(FixedClock::at(morning()));
        let services = Services::new(
            store,
            clock.clone(),
            Random::from_seed([7; 32]),
            Keys::derive(&[1; 32]),
            Settings {
                public_origin: "https://lanyard.example".to_owned(),
                service_name: "Lanyard".to_owned(),
            },
        );
        Self { services, clock }
    }

    /// A request from nowhere in particular.
    pub fn request(&self) -> RequestInfo {
        RequestInfo::internal("test")
    }

    /// Makes an organisation from the preset self-registration.
    ///
    /// # Panics
    /// When the code is taken or is no code.
    pub async fn organisation(&self, code: &str, name: &str) -> OrganisationId {
        self.organisation_of(Preset::SelfRegistration, code, name)
            .await
    }

    /// Makes an organisation from a preset.
    ///
    /// # Panics
    /// When the code is taken or is no code.
    pub async fn organisation_of(&self, preset: Preset, code: &str, name: &str) -> OrganisationId {
        let (Ok(code), Ok(name)) = (OrganisationCode::parse(code), OrganisationName::parse(name))
        else {
            panic!("{code} or {name} cannot be used");
        };
        let by = By::system(&self.request());
        let made = self
            .services
            .create_organisation(&by, preset, &code, &name)
            .await;
        made.unwrap_or_else(|error| panic!("{error}"))
    }

    /// A person of an organisation who has registered, with a role in the whole organisation.
    /// The name is made from the address: `sam.okoro@…` is Sam Okoro. They have no password.
    ///
    /// # Panics
    /// When the organisation or the role does not exist, or the person is there already.
    pub async fn member(&self, slug: &str, email: &str, role: &str) -> Actor {
        match self.add_member(slug, email, role).await {
            Ok(actor) => actor,
            Err(error) => panic!("{email} as {role} in {slug}: {error}"),
        }
    }

    /// An administrator of an organisation, signed in.
    ///
    /// # Panics
    /// As [`Harness::member`].
    pub async fn administrator(&self, slug: &str, email: &str) -> Actor {
        self.member(slug, email, "administrator").await
    }

    async fn add_member(&self, slug: &str, email: &str, role: &str) -> Result<Actor> {
        let now = self.services.now();
        let uuid = || self.services.random.uuid(now);
        let mut tx = self.services.store.write().await?;
        let organisation = tx
            .organisation_by_slug(slug)
            .await?
            .ok_or(Error::NotFound)?;
        let roles = tx.roles(organisation.id).await?;
        let role = roles.iter().find(|known| known.key == role);
        let role = role.ok_or(Error::NotFound)?;
        let user = if let Some(user) = tx.user_by_email_key(&email.to_lowercase()).await? {
            user
        } else {
            let local = email.split('@').next().unwrap_or_default();
            let mut names = local.split('.').map(|part| {
                let (first, rest) = part.split_at(part.len().min(1));
                first.to_uppercase() + rest
            });
            let user = UserRow {
                id: UserId::from_uuid(uuid()),
                email: email.to_owned(),
                email_key: email.to_lowercase(),
                first_name: names.next().unwrap_or_default(),
                last_name: names.next().unwrap_or_default(),
                mobile: Some("+447700900982".to_owned()),
                password_hash: None,
                security_epoch: 0,
                registered_at: Some(now),
                created_at: now,
                version: 0,
            };
            tx.insert_user(&user).await?;
            user
        };
        let membership = MembershipRow {
            id: MembershipId::from_uuid(uuid()),
            organisation_id: organisation.id,
            user_id: user.id,
            status: MembershipStatus::Active,
            sort_name: sort_name(&user.first_name, &user.last_name, &user.email),
            job_title: String::new(),
            details: DetailsRow::default(),
            created_at: now,
            activated_at: Some(now),
            deactivated_at: None,
            last_signed_in_at: None,
            invited_at: None,
            invitation_expires_at: None,
            delivery_failed_at: None,
            version: 0,
        };
        tx.insert_memberships(std::slice::from_ref(&membership))
            .await?;
        let words = index_words(&user.first_name, &user.last_name, &user.email);
        tx.replace_words(organisation.id, membership.id, &words)
            .await?;
        let assignment = AssignmentRow {
            id: AssignmentId::from_uuid(uuid()),
            organisation_id: organisation.id,
            membership_id: membership.id,
            role_id: role.id,
            area_id: None,
            starts_at: None,
            ends_at: None,
            granted_by: None,
            granted_at: now,
        };
        tx.insert_assignments(&[assignment]).await?;
        let services = &self.services;
        let key = services.terms_key(&mut tx, &organisation.policy).await?;
        // A store that was filled by hand has none.
        let terms = match key {
            Some(key) => tx.newest_terms(&key, now).await?,
            None => None,
        };
        if let Some(terms) = terms {
            tx.accept_terms(user.id, terms.id, organisation.id, now)
                .await?;
        }
        // J25: whoever has a limited role holds one of its places.
        if role.seat_limit.is_some() {
            let claimed = tx.claim_seat(organisation.id, role.id, membership.id, now);
            if !claimed.await? {
                return Err(Error::Conflict(crate::Conflict::RoleFull));
            }
        }
        tx.commit().await?;
        Ok(self.actor(user.id, &user.name(), &user.email))
    }

    /// Every message that waits to be sent, oldest first, with its secret opened; the reminders of
    /// invitations aside ([`Harness::reminders`]).
    ///
    /// # Panics
    /// When the database is away or a secret cannot be opened.
    pub async fn outbox(&self) -> Vec<Queued> {
        let mut messages = self.everything_waiting().await;
        messages.retain(|message| message.kind != REMINDER);
        messages
    }

    /// The reminders that wait until they are due, oldest first.
    ///
    /// # Panics
    /// As [`Harness::outbox`].
    pub async fn reminders(&self) -> Vec<Queued> {
        let mut messages = self.everything_waiting().await;
        messages.retain(|message| message.kind == REMINDER);
        messages
    }

    async fn everything_waiting(&self) -> Vec<Queued> {
        match self.waiting().await {
            Ok(messages) => messages,
            Err(error) => panic!("outbox: {error}"),
        }
    }

    async fn waiting(&self) -> Result<Vec<Queued>> {
        let mut tx = self.services.store.read().await?;
        let mut messages = Vec::new();
        for row in tx.waiting_messages().await? {
            let secret = match &row.secret {
                Some(sealed) => {
                    let text = self.services.keys.open(&seal_owner(row.id), sealed)?;
                    Some(String::from_utf8_lossy(&text).into_owned())
                }
                None => None,
            };
            messages.push(Queued {
                channel: row.channel,
                kind: row.kind,
                recipient: row.recipient,
                content: serde_json::from_value(row.content).map_err(store::StoreError::from)?,
                secret,
            });
        }
        Ok(messages)
    }

    /// The session cookie of somebody who has signed in completely.
    ///
    /// # Panics
    /// When the person does not exist.
    pub async fn session(&self, actor: &Actor) -> String {
        let whole = Proof::Complete("password+email");
        match self.start_session(actor, whole).await {
            Ok(cookie) => cookie,
            Err(error) => panic!("no session for {}: {error}", actor.name),
        }
    }

    /// The session cookie of somebody who has typed their password and nothing else.
    ///
    /// # Panics
    /// When the person does not exist.
    pub async fn half_session(&self, actor: &Actor) -> String {
        match self.start_session(actor, Proof::PasswordOnly).await {
            Ok(cookie) => cookie,
            Err(error) => panic!("no session for {}: {error}", actor.name),
        }
    }

    /// Who a session cookie stands for, when it still lives.
    ///
    /// # Panics
    /// When the database is away.
    pub async fn signed_in(&self, session: &str) -> Option<Actor> {
        let request = self.request();
        match self.services.authenticate(Some(session), &request).await {
            Ok(crate::request::Authentication::Complete(actor)) => Some(actor),
            Ok(_) => None,
            Err(error) => panic!("{error}"),
        }
    }

    /// Whether a session cookie still lives.
    ///
    /// # Panics
    /// When the database is away.
    pub async fn is_signed_in(&self, session: &str) -> bool {
        self.signed_in(session).await.is_some()
    }

    /// What of I1 to I13 does not hold (`security.md` 3b); nothing, as it must be. The chains of
    /// events are looked through too when that is asked for: it takes longer the longer they are.
    ///
    /// # Panics
    /// When the database is away.
    pub async fn broken_invariants(&self, chains: bool) -> Vec<String> {
        match self.look_at_invariants(chains).await {
            Ok(broken) => broken,
            Err(error) => panic!("{error}"),
        }
    }

    async fn look_at_invariants(&self, chains: bool) -> Result<Vec<String>> {
        let mut tx = self.services.store.read().await?;
        let mut broken = tx.broken_invariants(self.services.now()).await?;
        drop(tx);
        if chains {
            let owners = self.services.chain_owners("").await?;
            let owners = owners.into_iter().map(|owner| Some(owner.id));
            for owner in owners.chain([None]) {
                let report = self.services.verify_chain(owner, None).await?;
                if let Some(fault) = report.fault {
                    broken.push(format!("I6: a chain of events is whole ({fault:?})"));
                }
            }
        }
        Ok(broken)
    }

    async fn start_session(&self, actor: &Actor, proof: Proof<'_>) -> Result<String> {
        let mut tx = self.services.store.write().await?;
        let user = tx.user(actor.user).await?.ok_or(Error::NotFound)?;
        let (token, _) = self
            .services
            .start_session(&mut tx, &user, proof, "", &actor.request)
            .await?;
        tx.commit().await?;
        Ok(token.expose().to_owned())
    }

    /// A person who is signed in, without the ceremony. They must exist for what looks them up.
    pub fn actor(&self, user: UserId, name: &str, email: &str) -> Actor {
        Actor {
            user,
            session: SessionId::from_uuid(self.services.random.uuid(self.services.now())),
            name: name.to_owned(),
            email: email.to_owned(),
            methods: "password+email".to_owned(),
            request: self.request(),
        }
    }
}

impl Services {
    /// Queues messages in a transaction of their own.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn queue_for_test(
        &self,
        messages: Vec<crate::outbox::Outgoing>,
    ) -> crate::Result<()> {
        let mut tx = self.store.write().await?;
        self.queue(&mut tx, messages).await?;
        tx.commit().await?;
        Ok(())
    }
}
