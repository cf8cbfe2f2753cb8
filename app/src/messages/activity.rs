//! What events are about. What happened is told by the service, which makes a sentence of what was recorded.

use domain::activity::ActivityType;

/// What events are about, as the filter says it.
pub const fn activity_type(about: ActivityType) -> &'static str {
    match about {
        ActivityType::Invitations => "Invitations",
        ActivityType::Registration => "Registration",
        ActivityType::People => "Accounts and details",
        ActivityType::Access => "Roles and access",
        ActivityType::Exports => "Exports",
        ActivityType::Organisation => "Organisation and settings",
        ActivityType::SignIn => "Signing in",
        ActivityType::Refusals => "Refused attempts",
    }
}
