//! A harness for tests of use cases: the real store in memory, a clock that stands still, seeded
//! randomness.

use std::sync::Arc;

use chrono::{DateTime, TimeZone, Utc};
use domain::{
    OrganisationCode,
    id::{OrganisationId, SessionId, UserId},
    organisation::OrganisationName,
};
use store::Store;

use crate::{
    Actor, By, Keys, Random, RequestInfo, Services, Settings, clock::FixedClock, presets::Preset,
};

/// Saturday 21 November 2026, 9:30 in the morning, in London and in UTC.
pub fn morning() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 11, 21, 9, 30, 0)
        .single()
        .unwrap_or_default()
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
        let (Ok(code), Ok(name)) = (OrganisationCode::parse(code), OrganisationName::parse(name))
        else {
            panic!("{code} or {name} cannot be used");
        };
        let by = By::system(&self.request());
        let made = self
            .services
            .create_organisation(&by, Preset::SelfRegistration, &code, &name)
            .await;
        made.unwrap_or_else(|error| panic!("{error}"))
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
