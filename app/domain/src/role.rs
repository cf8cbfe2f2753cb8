//! Roles: named sets of tasks and permissions, as pages show them.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::id::{RoleId, UserId};
use crate::permission::Permission;
use crate::status::ShownStatus;
use crate::task::ServiceTasks;
use crate::violation::Violations;

/// A role as a person chooses it: what it is, what it can and cannot do, how many places are left.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoleSummary {
    pub id: RoleId,
    /// Stable, in kebab case; the value of the filter in URLs.
    pub key: String,
    pub name: String,
    /// One line.
    pub summary: String,
    pub permissions: Vec<Permission>,
    /// Nothing when there is no limit (J25, C8).
    pub seat_limit: Option<u32>,
    pub seats_used: u32,
    /// What a choice says of them (J26, J27): "You can only have 7 super users. 4 of 7 places left". Empty
    /// without a limit.
    pub places: String,
    pub privileged: bool,
    /// Whether it can be limited to areas (A10).
    pub scope_allowed: bool,
    /// Tasks, in the same order for every role.
    pub can: Vec<String>,
    pub cannot: Vec<String>,
}

impl RoleSummary {
    /// How many more people can have the role; nothing when there is no limit (J27).
    pub fn places_left(&self) -> Option<u32> {
        self.seat_limit
            .map(|limit| limit.saturating_sub(self.seats_used))
    }

    /// Whether nobody else can have the role.
    pub fn is_full(&self) -> bool {
        self.places_left() == Some(0)
    }
}

/// The roles of an organisation beside each other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoleMatrix {
    pub roles: Vec<RoleSummary>,
    /// The tasks, service by service.
    pub services: Vec<ServiceTasks>,
}

/// `/o/{org}/roles` (J04).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RolesView {
    pub matrix: RoleMatrix,
    /// In addresses.
    pub slug: String,
    /// When the page was true; printed.
    pub at: DateTime<Utc>,
}

/// `/o/{org}/roles/{role}` (G).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RolePage {
    pub role: RoleSummary,
    /// The name of the service that it is a role of.
    pub service: String,
    /// How many roles of that service one person can have; nothing when there is no limit (C7).
    pub roles_per_member: Option<u32>,
    /// In addresses.
    pub slug: String,
    pub organisation: String,
    /// What the organisation calls several areas.
    pub areas: String,
    /// How many Active people have it now.
    pub active: u32,
    /// How many are invited to it.
    pub invited: u32,
    /// Some of them, for those who may see users; nothing for everybody else.
    pub holders: Option<RoleHolders>,
    /// When the page was true; printed.
    #[serde(with = "chrono::serde::ts_microseconds")]
    pub at: DateTime<Utc>,
}

/// Who has a role, as far as whoever is looking may see them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoleHolders {
    /// By name.
    pub people: Vec<RoleHolder>,
    /// Whether there are more than those.
    pub more: bool,
    /// Whether whoever is looking sees the people of some areas only.
    pub some_areas: bool,
}

/// Somebody who has a role, or is invited to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoleHolder {
    pub id: UserId,
    /// The address while there is no name.
    pub name: String,
    pub status: ShownStatus,
    /// The organisation's word for the status.
    pub status_label: String,
    /// Names of the areas; empty: the whole organisation.
    pub areas: Vec<String>,
    /// Until when an invitation keeps its place.
    #[serde(with = "chrono::serde::ts_microseconds_option")]
    pub until: Option<DateTime<Utc>>,
}

/// A link in the words of the server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Way {
    pub words: String,
    pub href: String,
}

/// Who holds the places of a limited role, for whoever finds none left.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeldPlaces {
    /// "All 7 Super user places are held by Al Ash, Bo Ash and 5 more."
    pub words: String,
    /// To the people, or to the role for those who may not see them.
    pub way: Way,
}

/// The choice of a role.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoleForm {
    /// The id of the role; empty when none was selected.
    pub role: String,
}

impl RoleForm {
    /// The chosen role, out of those that are offered. A role that is full since the page was shown gives
    /// [`role_full`]; one that is not offered counts as not selected.
    pub fn validate<'a>(&self, offered: &'a [RoleSummary]) -> Result<&'a RoleSummary, Violations> {
        let chosen = self
            .role
            .trim()
            .parse()
            .ok()
            .and_then(|id: RoleId| offered.iter().find(|role| role.id == id));
        match chosen {
            None => Err(Violations::one("role", "role.empty")),
            Some(role) if role.is_full() => {
                let limit = role.seat_limit.unwrap_or_default();
                Err(role_full(role.id, &role.name, limit.into()))
            }
            Some(role) => Ok(role),
        }
    }
}

/// `role.full`: its limit, its name, and which role it is, so that the doorway can say who holds the places.
pub fn role_full(role: RoleId, name: &str, limit: u64) -> Violations {
    let mut violations = Violations::new();
    let params = vec![
        crate::wording::number(limit),
        name.to_owned(),
        role.to_string(),
    ];
    violations.add_with("role", "role.full", params);
    violations
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn role(n: u128, seat_limit: Option<u32>, seats_used: u32) -> RoleSummary {
        RoleSummary {
            id: RoleId::from_uuid(Uuid::from_u128(n)),
            key: "super-user".into(),
            name: "Super user".into(),
            summary: String::new(),
            permissions: vec![Permission::UsersView],
            seat_limit,
            seats_used,
            places: String::new(),
            privileged: true,
            scope_allowed: false,
            can: vec![],
            cannot: vec![],
        }
    }

    /// J27.
    #[test]
    fn places_left_count_down_to_none() {
        assert_eq!(role(1, Some(7), 3).places_left(), Some(4));
        assert_eq!(role(1, Some(7), 9).places_left(), Some(0));
        assert!(role(1, Some(7), 7).is_full());
        assert_eq!(role(1, None, 900).places_left(), None);
        assert!(!role(1, None, 900).is_full());
    }

    /// ux 7.6.
    #[test]
    fn a_role_is_chosen_out_of_those_offered() {
        let offered = [role(1, None, 0), role(2, Some(7), 7)];
        let choose = |text: String| {
            RoleForm { role: text }
                .validate(&offered)
                .map(|role| role.id)
        };
        assert_eq!(choose(offered[0].id.to_string()), Ok(offered[0].id));
        for text in [
            String::new(),
            "recorder".into(),
            RoleId::from_uuid(Uuid::from_u128(3)).to_string(),
        ] {
            assert_eq!(choose(text), Err(Violations::one("role", "role.empty")));
        }
        let violations = choose(offered[1].id.to_string()).unwrap_err();
        assert_eq!(violations.0[0].code, "role.full");
        let id = offered[1].id.to_string();
        assert_eq!(violations.0[0].params, ["7", "Super user", &id]);
    }
}
