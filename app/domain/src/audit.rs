//! The kinds of audit event. A key, once written, is never changed and never reused: events are kept for years.

use crate::activity::ActivityType;
use crate::keyed::keyed_enum;

keyed_enum! {
    /// What happened.
    pub enum AuditEventKind {
        // Signing in.
        SignedIn = "signed_in",
        SignInFailed = "sign_in_failed",
        SignedOut = "signed_out",
        SessionEnded = "session_ended",
        CodeSent = "code_sent",
        CodeFailed = "code_failed",
        RecoveryCodeUsed = "recovery_code_used",
        PasswordSet = "password_set",
        PasswordChanged = "password_changed",
        PasswordCheckFailed = "password_check_failed",
        NameChanged = "name_changed",
        MobileChanged = "mobile_changed",
        EmailChanged = "email_changed",
        PasswordResetRequested = "password_reset_requested",
        PasswordReset = "password_reset",
        SecondFactorAdded = "second_factor_added",
        SecondFactorRemoved = "second_factor_removed",
        RecoveryCodesMade = "recovery_codes_made",
        /// An administrator took away how somebody gets codes.
        CodesReset = "codes_reset",
        /// An administrator cleared the wait after wrong guesses.
        WaitCleared = "wait_cleared",
        // Invitations and registration.
        InvitationSent = "invitation_sent",
        InvitationResent = "invitation_resent",
        InvitationCancelled = "invitation_cancelled",
        InvitationOpened = "invitation_opened",
        InvitationAccepted = "invitation_accepted",
        InvitationDeclined = "invitation_declined",
        InvitationEmailFailed = "invitation_email_failed",
        NewInvitationRequested = "new_invitation_requested",
        /// Somebody of another organisation was recognised by their address (J23).
        PersonLookedUp = "person_looked_up",
        BatchStarted = "batch_started",
        BatchStopped = "batch_stopped",
        BatchFinished = "batch_finished",
        UserRegistered = "user_registered",
        TermsAccepted = "terms_accepted",
        MembershipActivated = "membership_activated",
        RoleAssigned = "role_assigned",
        RoleNotGiven = "role_not_given",
        RoleChanged = "role_changed",
        RoleRemoved = "role_removed",
        // Members.
        DetailsChanged = "details_changed",
        MembershipDeactivated = "membership_deactivated",
        MembershipReactivated = "membership_reactivated",
        ChangeUndone = "change_undone",
        BulkStarted = "bulk_started",
        BulkStopped = "bulk_stopped",
        BulkFinished = "bulk_finished",
        // The organisation.
        OrganisationCreated = "organisation_created",
        AdministratorInvited = "administrator_invited",
        AreaAdded = "area_added",
        PolicyChanged = "policy_changed",
        TermsPublished = "terms_published",
        // Lists that left Lanyard.
        UsersExported = "users_exported",
        ActivityExported = "activity_exported",
        // What was refused.
        Throttled = "throttled",
        NotAllowed = "not_allowed",
    }
}

impl AuditEventKind {
    /// What the event is about, where activity is filtered.
    pub const fn about(self) -> ActivityType {
        match self {
            Self::SignedIn
            | Self::SignedOut
            | Self::SessionEnded
            | Self::CodeSent
            | Self::RecoveryCodeUsed
            | Self::PasswordSet
            | Self::PasswordChanged
            | Self::PasswordResetRequested
            | Self::PasswordReset
            | Self::SecondFactorAdded
            | Self::SecondFactorRemoved
            | Self::RecoveryCodesMade => ActivityType::SignIn,
            Self::InvitationSent
            | Self::InvitationResent
            | Self::InvitationCancelled
            | Self::InvitationOpened
            | Self::InvitationAccepted
            | Self::InvitationDeclined
            | Self::InvitationEmailFailed
            | Self::NewInvitationRequested
            | Self::PersonLookedUp
            | Self::BatchStarted
            | Self::BatchStopped
            | Self::BatchFinished
            | Self::AdministratorInvited => ActivityType::Invitations,
            Self::UserRegistered | Self::TermsAccepted | Self::MembershipActivated => {
                ActivityType::Registration
            }
            Self::RoleAssigned | Self::RoleNotGiven | Self::RoleChanged | Self::RoleRemoved => {
                ActivityType::Access
            }
            Self::NameChanged
            | Self::MobileChanged
            | Self::EmailChanged
            | Self::DetailsChanged
            | Self::CodesReset
            | Self::WaitCleared
            | Self::MembershipDeactivated
            | Self::MembershipReactivated
            | Self::ChangeUndone
            | Self::BulkStarted
            | Self::BulkStopped
            | Self::BulkFinished => ActivityType::People,
            Self::UsersExported | Self::ActivityExported => ActivityType::Exports,
            Self::OrganisationCreated
            | Self::AreaAdded
            | Self::PolicyChanged
            | Self::TermsPublished => ActivityType::Organisation,
            Self::SignInFailed
            | Self::PasswordCheckFailed
            | Self::CodeFailed
            | Self::Throttled
            | Self::NotAllowed => ActivityType::Refusals,
        }
    }

    /// The kinds of event about one of these.
    pub fn about_any(types: &[ActivityType]) -> Vec<&'static str> {
        Self::ALL
            .iter()
            .filter(|kind| types.contains(&kind.about()))
            .map(|kind| kind.as_str())
            .collect()
    }

    /// Whether the event says that something was refused, and so must not be lost among the others (R104).
    pub const fn is_refusal(self) -> bool {
        matches!(
            self,
            Self::SignInFailed
                | Self::PasswordCheckFailed
                | Self::CodeFailed
                | Self::Throttled
                | Self::NotAllowed
        )
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// R101: every kind has a key of its own that reads back.
    #[test]
    fn keys_are_stable_and_different() {
        let keys: BTreeSet<_> = AuditEventKind::ALL
            .iter()
            .map(|kind| kind.as_str())
            .collect();
        assert_eq!(keys.len(), AuditEventKind::ALL.len());
        for kind in AuditEventKind::ALL {
            assert_eq!(AuditEventKind::parse(kind.as_str()), Some(*kind));
            assert!(
                kind.as_str()
                    .bytes()
                    .all(|byte| byte.is_ascii_lowercase() || byte == b'_')
            );
        }
    }
}
