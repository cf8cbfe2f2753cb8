//! An organisation's home (C2): what needs attention there, what was done last, and for those who manage
//! nobody what they can do and whom to ask.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::account::AccountRole;
use crate::audit::AuditEventKind;
use crate::bulk::ListedJob;
use crate::keyed::keyed_enum;
use crate::listing::{AccessEnds, Codes, Direction, LastSignIn, UsersQuery, UsersSort};
use crate::status::ShownStatus;

/// `/o/{org}`. What the person may not see is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HomeView {
    pub organisation_name: String,
    /// In addresses.
    pub slug: String,
    /// What needs attention; nothing for those who cannot see users.
    pub attention: Option<Vec<AttentionCount>>,
    /// The first things to do, for whoever can; nothing once people were invited.
    pub first_run: Option<FirstRun>,
    /// The person's other organisations, and how much needs attention there (J08).
    pub elsewhere: Vec<OtherPlace>,
    /// Only one person can give roles, and whoever is looking could invite a second.
    pub lone_administrator: bool,
    pub can_add_users: bool,
    /// The newest bulk work, invitations and changes; nothing for those who cannot do any.
    pub jobs: Option<Vec<ListedJob>>,
    /// What happened last, newest first; nothing for those who cannot see it.
    pub activity: Option<Vec<ActivityItem>>,
    /// What the person can do here; nothing for administrators, who can look it up and change it.
    pub access: Option<OwnAccess>,
}

/// What is done already of what an organisation does first (ux C2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FirstRun {
    pub second_administrator: bool,
}

/// Another organisation of the person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OtherPlace {
    pub name: String,
    pub code: String,
    pub slug: String,
    /// How many things need attention there; nothing for those who cannot see users.
    pub attention: Option<u32>,
}

keyed_enum! {
    /// Why somebody has to look.
    pub enum Attention {
        /// Invitations whose link still works, but not for long.
        Ending = "ending",
        Expired = "expired",
        EmailFailed = "email-failed",
        /// Active people whose roles ended or were never given: they can sign in and do nothing.
        WithoutRole = "without-role",
        /// Active people who have not signed in for 60 days or more.
        Dormant = "dormant",
        /// Active people who sign in with a password alone, where that can be.
        CodesOff = "codes-off",
        /// Active people one of whose roles ends this week.
        AccessEnding = "access-ending",
    }
}

impl Attention {
    /// The list of users that a count leads to (J11).
    pub fn query(self) -> UsersQuery {
        let mut query = UsersQuery::default();
        match self {
            Self::Ending => {
                query.status.push(ShownStatus::Pending);
                query.sort = UsersSort::Invited;
                // Who was invited first runs out first.
                query.dir = Direction::Ascending;
            }
            Self::Expired => query.status.push(ShownStatus::Expired),
            Self::EmailFailed => query.status.push(ShownStatus::EmailFailed),
            Self::WithoutRole => {
                query.status.push(ShownStatus::Active);
                query.role.push(UsersQuery::NO_ROLE.to_owned());
            }
            Self::Dormant => {
                query.status.push(ShownStatus::Active);
                query.last_sign_in.push(LastSignIn::Days60);
            }
            Self::CodesOff => {
                query.status.push(ShownStatus::Active);
                query.codes.push(Codes::Off);
            }
            Self::AccessEnding => {
                query.status.push(ShownStatus::Active);
                query.access_ends.push(AccessEnds::Week);
            }
        }
        query
    }
}

/// How many there are of one thing that needs attention; never 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AttentionCount {
    pub what: Attention,
    pub count: u32,
    /// There are more than `count`: in a large organisation some are only counted so far.
    pub more: bool,
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActivityItem {
    pub kind: AuditEventKind,
    /// What happened, in one sentence.
    pub title: String,
    /// Who did it, by their name at the time; empty when it happened by itself.
    pub actor: String,
    /// Whom it is about, by their name at the time; empty when it is about nobody.
    pub subject: String,
    /// The page that has more about it; empty for none.
    pub href: String,
    #[serde(with = "chrono::serde::ts_microseconds")]
    pub at: DateTime<Utc>,
}

/// What a person can do in the organisation, and who can change that.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnAccess {
    /// The roles that hold now, and where.
    pub roles: Vec<AccountRole>,
    /// What these roles let the person do, all together, in the order of the service.
    pub can: Vec<String>,
    pub cannot: Vec<String>,
    /// Names of people to ask, by name.
    pub administrators: Vec<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// J11: each count is a link to the list that it counts.
    #[test]
    fn every_count_leads_to_its_list() {
        let links: Vec<String> = Attention::ALL
            .iter()
            .map(|what| what.query().to_query_string())
            .collect();
        assert_eq!(
            links,
            [
                "?status=pending&sort=invited&dir=asc",
                "?status=expired",
                "?status=email-failed",
                "?status=active&role=none",
                "?status=active&last-sign-in=60",
                "?status=active&codes=off",
                "?status=active&access-ends=week",
            ]
        );
        for what in Attention::ALL {
            let link = what.query().to_query_string();
            assert_eq!(UsersQuery::parse(&link), what.query());
        }
    }
}
