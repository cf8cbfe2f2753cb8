//! The service's errors: vocabulary, never sentences.

use domain::{id::IncidentId, violation::Violations};
use store::StoreError;

/// Result of a use case.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// A state of the world that stands in the way; each has a page or a sentence of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Conflict {
    /// The form or journey is older than what it would change.
    Stale,
    /// The journey was finished already.
    Finished,
    /// All places of the role are taken.
    RoleFull,
    /// The link was used already.
    AlreadyUsed,
    /// The invitation belongs to another address than the one signed in.
    WrongPerson,
    /// A second message so soon after the first is not sent.
    TooSoon,
    /// As many messages as may go to one address in a day were sent.
    TooMany,
    /// As many invitations as an organisation may send in a day were sent.
    OverQuota,
    /// The person is not invited, or not any more.
    NotInvited,
    /// A second code so soon after the first is not sent.
    CodeTooSoon,
    /// The organisation would be left without an administrator.
    LastAdministrator,
    /// The step before this one is not finished (R30).
    StepMissing,
    /// A newer link was sent in its place (R19).
    InvitationReplaced,
    /// The invitation was cancelled or declined.
    InvitationCancelled,
    /// Whoever sent the invitation may no longer give what it offers (R22).
    InviterGone,
    /// The organisation no longer allows the address that was invited (C27).
    EmailNotAllowed,
    /// The same, for whoever would send the invitation again.
    DomainNotAllowed,
    /// The address got an account meanwhile: sign in and join (R23).
    AccountExists,
    /// The role needs an authenticator app, and the person has none (R43).
    StrongerFactor,
    /// The person has access already.
    AlreadyMember,
    /// The organisation is closed.
    OrganisationClosed,
    /// The installation has been set up already.
    AlreadySetUp,
    /// Nobody changes their own roles, areas or status (J36, R72).
    OwnAccess,
    /// The person is not active here any more.
    NotActive,
    /// The person is not deactivated, or not any more.
    NotInactive,
    /// The change cannot be taken back: it was already, too long ago, or another one came after it.
    CannotUndo,
    /// No other way of getting codes is enough for all organisations of the person (R43).
    AppNeeded,
}

impl Conflict {
    /// The code that the message catalogue knows.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Stale => "conflict.stale",
            Self::Finished => "conflict.finished",
            Self::RoleFull => "conflict.role_full",
            Self::AlreadyUsed => "conflict.already_used",
            Self::WrongPerson => "conflict.wrong_person",
            Self::TooSoon => "conflict.too_soon",
            Self::TooMany => "conflict.too_many",
            Self::OverQuota => "conflict.over_quota",
            Self::NotInvited => "conflict.not_invited",
            Self::CodeTooSoon => "conflict.code_too_soon",
            Self::LastAdministrator => "last_admin",
            Self::StepMissing => "conflict.step_missing",
            Self::InvitationReplaced => "conflict.invitation_replaced",
            Self::InvitationCancelled => "conflict.invitation_cancelled",
            Self::InviterGone => "conflict.inviter_gone",
            Self::EmailNotAllowed => "conflict.email_not_allowed",
            Self::DomainNotAllowed => "conflict.domain_not_allowed",
            Self::AccountExists => "conflict.account_exists",
            Self::StrongerFactor => "conflict.stronger_factor",
            Self::AlreadyMember => "conflict.already_member",
            Self::OrganisationClosed => "conflict.organisation_closed",
            Self::AlreadySetUp => "conflict.already_set_up",
            Self::OwnAccess => "conflict.own_access",
            Self::NotActive => "conflict.not_active",
            Self::NotInactive => "conflict.not_inactive",
            Self::CannotUndo => "conflict.cannot_undo",
            Self::AppNeeded => "conflict.app_needed",
        }
    }
}

/// Why a use case did not happen.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// What was typed breaks rules.
    #[error("what was entered breaks a rule")]
    Invalid(Violations),
    /// Nobody is signed in.
    #[error("sign in required")]
    SignInRequired,
    /// The second step is missing.
    #[error("second factor required")]
    SecondFactorRequired,
    /// The password has to be entered again first.
    #[error("password required")]
    StepUpRequired,
    /// The organisation has new terms, which have to be agreed to first.
    #[error("terms not agreed to")]
    TermsDue,
    /// Signed in, but without the right.
    #[error("not allowed")]
    NotAllowed,
    /// It does not exist, or the actor may not know that it does (R65).
    #[error("not found")]
    NotFound,
    /// The state of the world stands in the way.
    #[error("conflict: {}", .0.code())]
    Conflict(Conflict),
    /// A link or draft whose time has run out. The word says which (`invitation`,
    /// `registration`, `reset`, `draft`, `set_up`).
    #[error("expired: {0}")]
    Expired(&'static str),
    /// Too many attempts; try again after so many seconds.
    #[error("throttled")]
    SlowDown {
        /// Seconds until the next attempt is let through.
        retry_after_seconds: u32,
    },
    /// The database or a needed neighbour is away or full; nothing was changed.
    #[error("unavailable: {0}")]
    Unavailable(String),
    /// A fault of the program, logged once under this incident.
    #[error("unexpected, incident {incident}")]
    Unexpected {
        /// What a person can quote to support.
        incident: IncidentId,
    },
    /// A fault on its way to being logged.
    #[error(transparent)]
    Store(StoreError),
    /// A fault that is not the database's.
    #[error("fault: {0}")]
    Fault(String),
}

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Missing => Self::NotFound,
            StoreError::Stale => Self::Conflict(Conflict::Stale),
            StoreError::Unavailable(why) => Self::Unavailable(why),
            other => Self::Store(other),
        }
    }
}

impl From<Violations> for Error {
    fn from(violations: Violations) -> Self {
        Self::Invalid(violations)
    }
}

impl From<crate::secrets::SealBroken> for Error {
    fn from(error: crate::secrets::SealBroken) -> Self {
        Self::Fault(error.to_string())
    }
}

impl Error {
    /// A single violation as an error.
    pub fn violation(field: &str, code: &str) -> Self {
        let mut violations = Violations::new();
        violations.add(field, code);
        Self::Invalid(violations)
    }
}
