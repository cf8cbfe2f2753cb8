//! The places of limited roles in words: how many there are and how many are left before the choice (J26,
//! J27), and who holds them where nobody else finds one (requirements, section 3).

use domain::{
    Permission, RoleSummary, Violations,
    id::RoleId,
    listing::encode_query,
    role::{HeldPlaces, Way},
    unicode::uncapitalised,
    wording::{count, number},
};
use store::{RoleRow, Tx};

use crate::{Access, Actor, Error, Result, Services};

/// As many people as a refusal names.
const NAMED: usize = 10;

/// What is done to several people at once; a role may not have a place for all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ForMany {
    /// All of them are new.
    Invited,
    /// Some of them may have the role already.
    Changed,
}

/// "You can only have 7 super users. 4 of 7 places left"; nothing for a role without a limit.
pub(crate) fn places(role: &RoleSummary) -> String {
    let (Some(limit), Some(left)) = (role.seat_limit, role.places_left()) else {
        return String::new();
    };
    let left = match left {
        0 => "No places left".to_owned(),
        left => format!(
            "{} of {} left",
            number(left.into()),
            several(limit, "place", "places")
        ),
    };
    format!(
        "You can only have {}. {left}",
        several(limit, &uncapitalised(&role.name), &plural(&role.name))
    )
}

/// Says of each limited role what it means for so many people.
pub(crate) fn say_for_many(roles: &mut [RoleSummary], people: u32, what: ForMany) {
    for role in roles {
        let left = match role.places_left() {
            Some(left) if left > 0 && people > left => left,
            _ => continue,
        };
        let all = several(people, "person", "people");
        let rest = number((people - left).into());
        let words = match what {
            ForMany::Invited => format!(
                ". You are inviting {all}, so {rest} of them will not be sent an invitation"
            ),
            ForMany::Changed => {
                format!(". You are changing {all}, so up to {rest} of them will not get this role")
            }
        };
        role.places.push_str(&words);
    }
}

impl Services {
    /// Says in a refusal for want of a place who holds the places, as far as the actor may know, and where they
    /// are found: after the limit and the name of the role. Any other error stays as it is.
    pub async fn say_who_holds(&self, actor: &Actor, error: Error) -> Error {
        let Error::Invalid(Violations(mut violations)) = error else {
            return error;
        };
        for violation in &mut violations {
            if !matches!(violation.code.as_str(), "role.full" | "undo.role_full") {
                continue;
            }
            let role = violation.params.get(2).and_then(|id| id.parse().ok());
            violation.params.truncate(2);
            let Some(role) = role else { continue };
            match self.who_holds(actor, role).await {
                Ok(Some(held)) => {
                    let HeldPlaces { words, way } = held;
                    violation.params.extend([words, way.words, way.href]);
                }
                Ok(None) => {}
                // The refusal is true without it.
                Err(error) => tracing::warn!(%error, "who holds the places is not said"),
            }
        }
        Error::Invalid(Violations(violations))
    }

    async fn who_holds(&self, actor: &Actor, role: RoleId) -> Result<Option<HeldPlaces>> {
        let mut tx = self.store.read().await?;
        for (organisation, _) in tx.organisations_of(actor.user()).await? {
            if let Some(row) = tx.role(organisation.id, role).await? {
                let access = self.access(&mut tx, actor, &organisation.slug).await?;
                return Ok(Some(self.held_places(&mut tx, &access, &row).await?));
            }
        }
        Ok(None)
    }

    /// Who holds the places of a limited role at this moment: some names, or how many there are for those who
    /// may not see them.
    pub(crate) async fn held_places(
        &self,
        tx: &mut Tx,
        access: &Access,
        role: &RoleRow,
    ) -> Result<HeldPlaces> {
        let organisation = access.organisation_id();
        let used = tx.seat_holders(organisation, role.id, self.now()).await?;
        let used = count(used.len());
        let limit = u32::try_from(role.seat_limit.unwrap_or_default()).unwrap_or_default();
        let names = match access.require(Permission::UsersView) {
            Ok(reach) => {
                let holders = self.holders(tx, access, role, &reach).await?;
                let names = holders.people.into_iter().take(NAMED);
                names.map(|holder| holder.name).collect()
            }
            Err(_) => Vec::new(),
        };
        let slug = &access.organisation.slug;
        let way = if names.is_empty() {
            Way {
                words: format!("See the role {}", role.name),
                href: format!("/o/{slug}/roles/{}", role.id),
            }
        } else {
            let query = encode_query(&[("role", role.key.clone())]);
            Way {
                words: format!("See who has the role {}", role.name),
                href: format!("/o/{slug}/users{query}"),
            }
        };
        let words = held_by((used, limit), &role.name, names);
        Ok(HeldPlaces { words, way })
    }
}

/// "All 7 Super user places are held by Al Ash, Bo Ash and 5 more."
fn held_by((used, limit): (u32, u32), role: &str, mut names: Vec<String>) -> String {
    let of = match (used, limit) {
        (1, 1) => format!("The only {role} place is"),
        (used, limit) if used == limit => format!("All {} {role} places are", number(limit.into())),
        (used, limit) => {
            let verb = if used == 1 { "is" } else { "are" };
            let places = several(limit, "place", "places");
            format!("{} of {places} for {role} {verb}", number(used.into()))
        }
    };
    if names.is_empty() {
        return format!("{of} used.");
    }
    let more = used.saturating_sub(count(names.len()));
    if more > 0 {
        names.push(format!("{} more", number(more.into())));
    }
    let last = names.pop().unwrap_or_default();
    if names.is_empty() {
        return format!("{of} held by {last}.");
    }
    format!("{of} held by {} and {last}.", names.join(", "))
}

fn several(count: u32, one: &str, many: &str) -> String {
    let word = if count == 1 { one } else { many };
    format!("{} {word}", number(count.into()))
}

/// A role's name for several who have it, inside a sentence: "super users".
fn plural(name: &str) -> String {
    let name = uncapitalised(name);
    let ends = |with: &[&str]| with.iter().any(|end| name.ends_with(end));
    match name.strip_suffix('y') {
        Some(stem) if !ends(&["ay", "ey", "oy", "uy"]) => format!("{stem}ies"),
        _ if ends(&["s", "x", "ch", "sh"]) => format!("{name}es"),
        _ => format!("{name}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn role(name: &str, seat_limit: Option<u32>, seats_used: u32) -> RoleSummary {
        let mut role = RoleSummary {
            id: "r-0198c0de000070008000000000000001".parse().unwrap(),
            key: "super-user".into(),
            name: name.into(),
            summary: String::new(),
            permissions: Vec::new(),
            seat_limit,
            seats_used,
            places: String::new(),
            privileged: true,
            scope_allowed: false,
            can: Vec::new(),
            cannot: Vec::new(),
        };
        role.places = places(&role);
        role
    }

    /// J26, J27: the limit and what is left of it, in the words of the guide.
    #[test]
    fn a_limited_role_says_how_many_there_can_be_and_how_many_places_are_left() {
        for (name, limit, used, words) in [
            (
                "Super user",
                Some(7),
                3,
                "You can only have 7 super users. 4 of 7 places left",
            ),
            (
                "Super user",
                Some(7),
                7,
                "You can only have 7 super users. No places left",
            ),
            (
                "Head of care",
                Some(1),
                0,
                "You can only have 1 head of care. 1 of 1 place left",
            ),
            (
                "Deputy",
                Some(2),
                1,
                "You can only have 2 deputies. 1 of 2 places left",
            ),
            (
                "Head nurse practitioner coach",
                Some(2),
                1,
                "You can only have 2 head nurse practitioner coaches. 1 of 2 places left",
            ),
            ("Super user", None, 900, ""),
        ] {
            assert_eq!(role(name, limit, used).places, words);
        }
    }

    /// Requirements, section 3: who holds the places is said by name, as far as it may be.
    #[test]
    fn those_who_hold_the_places_are_named() {
        let names = |count: usize| {
            let first = ["Al Ash", "Bo Ash", "Cy Ash"];
            first[..count]
                .iter()
                .map(|name| (*name).to_owned())
                .collect()
        };
        for (used, limit, named, words) in [
            (
                3,
                3,
                3,
                "All 3 Super user places are held by Al Ash, Bo Ash and Cy Ash.",
            ),
            (
                7,
                7,
                2,
                "All 7 Super user places are held by Al Ash, Bo Ash and 5 more.",
            ),
            (7, 7, 0, "All 7 Super user places are used."),
            (1, 1, 1, "The only Super user place is held by Al Ash."),
            (
                2,
                7,
                2,
                "2 of 7 places for Super user are held by Al Ash and Bo Ash.",
            ),
            (1, 7, 1, "1 of 7 places for Super user is held by Al Ash."),
            (0, 7, 0, "0 of 7 places for Super user are used."),
        ] {
            assert_eq!(held_by((used, limit), "Super user", names(named)), words);
        }
    }

    /// J27, ux F1: what it means for more people than there are places, in the words of what is done to
    /// them.
    #[test]
    fn more_people_than_places_are_told() {
        let said = |people, what| {
            let mut roles = [role("Super user", Some(7), 3)];
            say_for_many(&mut roles, people, what);
            let [role] = roles;
            role.places
        };
        let start = "You can only have 7 super users. 4 of 7 places left";
        assert_eq!(said(4, ForMany::Changed), start);
        assert_eq!(
            said(12, ForMany::Invited),
            format!(
                "{start}. You are inviting 12 people, so 8 of them will not be sent an invitation"
            )
        );
        assert_eq!(
            said(12, ForMany::Changed),
            format!(
                "{start}. You are changing 12 people, so up to 8 of them will not get this role"
            )
        );
    }
}
