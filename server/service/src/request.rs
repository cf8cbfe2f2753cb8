//! Who asks, and through what.

use std::net::IpAddr;

use domain::id::{SessionId, UserId};

/// Facts of the request that go into the audit and the throttles. Never a secret.
#[derive(Clone, Debug)]
pub struct RequestInfo {
    /// Joins log lines, audit events and error pages.
    pub request_id: String,
    /// The client's address: the peer, or what a trusted proxy says (R35).
    pub ip: IpAddr,
    /// As sent, cut to 200 characters.
    pub user_agent: String,
}

impl RequestInfo {
    /// A request that comes from the program itself (worker, command line).
    pub fn internal(what: &str) -> Self {
        Self {
            request_id: what.to_owned(),
            ip: IpAddr::from([127, 0, 0, 1]),
            user_agent: String::new(),
        }
    }
}

/// A person who has signed in completely. Only the gate in `sessions.rs` makes one (R14), at
/// every request anew, from the session, the user and the policy (R56).
#[derive(Clone, Debug)]
pub struct Actor {
    pub(crate) user: UserId,
    pub(crate) session: SessionId,
    pub(crate) name: String,
    pub(crate) email: String,
    pub(crate) methods: String,
    pub(crate) request: RequestInfo,
}

impl Actor {
    /// The person.
    pub fn user(&self) -> UserId {
        self.user
    }
    /// The session that the request came with.
    pub fn session(&self) -> SessionId {
        self.session
    }
    /// First and last name.
    pub fn name(&self) -> &str {
        &self.name
    }
    /// The address, as displayed.
    pub fn email(&self) -> &str {
        &self.email
    }
    /// How the session was authenticated, for example `password+email`.
    pub fn methods(&self) -> &str {
        &self.methods
    }
    /// The request.
    pub fn request(&self) -> &RequestInfo {
        &self.request
    }
}

/// Somebody whose password was right and whose second step is missing: may reach nothing but that
/// step, setting up a first factor, and signing out (R39).
#[derive(Clone, Debug)]
pub struct SecondStep {
    pub(crate) user: UserId,
    pub(crate) session: SessionId,
    pub(crate) request: RequestInfo,
}

/// Who is there. Decided at every request by the gate in `sessions.rs` (R14).
#[derive(Clone, Debug)]
pub enum Authentication {
    /// Nobody has signed in.
    Anonymous,
    /// The password was right, the second step is missing.
    SecondStep(SecondStep),
    /// Signed in completely.
    Complete(Actor),
}
