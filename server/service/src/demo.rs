//! The demo: an organisation of each preset with people in every status, some of whom belong to
//! several, to look at and to try things on. Everything is invented; addresses end in `.example`, mobile numbers are of the range kept for drama.

use domain::password::Password;
use store::UserRow;

use crate::{By, Error, RequestInfo, Result, Services, presets::PresetRole};

mod cast;
mod facts;
mod place;
#[cfg(test)]
mod tests;

use cast::{CASTS, Cast, Person, Status};

/// With which every Active person of the demo signs in, and a code from their (pretended) mailbox.
const PASSWORD: &str = "three quiet herons";

/// What the demo made, to be printed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Demo {
    /// Whether it was made now; false when the database had organisations before.
    pub is_new: bool,
    /// The password of everybody who is Active.
    pub password: &'static str,
    /// Whom to sign in as.
    pub people: Vec<DemoPerson>,
}

/// Somebody to sign in as.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DemoPerson {
    /// Address to sign in with; codes go there.
    pub email: String,
    /// "Administrator, Hollybrook Hospital (RX1)".
    pub what: String,
}

impl Services {
    /// Makes the demo in an empty database; in any other it changes nothing. The same seed and
    /// time make the same demo.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn seed_demo(&self, request: &RequestInfo) -> Result<Demo> {
        let by = By::system(request);
        let casts = CASTS
            .iter()
            .map(|cast| cast.people().map(|people| (cast, people)))
            .collect::<Result<Vec<_>>>()?;
        let password = Password::parse(PASSWORD);
        let password = password.ok_or_else(|| Error::Fault("demo password".to_owned()))?;
        let hash = self.hashing.hash(password, &self.random).await?;
        let mut tx = self.store.write().await?;
        let is_new = tx.count_organisations().await? == 0;
        if is_new {
            let mut known: Vec<UserRow> = Vec::new();
            for (cast, people) in &casts {
                let mut place = self.demo_place(&mut tx, &by, cast).await?;
                for person in people {
                    let same = known.iter().find(|user| person.is(user)).cloned();
                    let user = if let Some(user) = same {
                        user
                    } else {
                        let number = known.len();
                        let user = self.demo_user(&mut tx, person, number, &hash).await?;
                        known.push(user.clone());
                        user
                    };
                    self.demo_member(&mut place, &user, person);
                }
                self.write_place(&mut tx, &by, place).await?;
            }
            tx.commit().await?;
        }
        Ok(Demo {
            is_new,
            password: PASSWORD,
            people: whom_to_sign_in_as(&casts),
        })
    }
}

/// How many roles of an organisation somebody is named for.
const NAMED_ROLES: usize = 3;

/// Somebody for each role of each organisation, whoever manages it first, then those who belong to
/// several and manage one of them.
fn whom_to_sign_in_as(casts: &[(&Cast, Vec<Person>)]) -> Vec<DemoPerson> {
    let mut people: Vec<DemoPerson> = Vec::new();
    let active = |person: &&Person| person.status == Status::Active;
    let visitors: Vec<&Person> = several(casts);
    for (cast, members) in casts {
        let mut roles: Vec<&PresetRole> = cast.preset.service().roles.iter().collect();
        roles.sort_by_key(|role| !role.manages_everything());
        for role in roles.into_iter().take(NAMED_ROLES) {
            let mut here = members.iter().filter(active).filter(|person| {
                person.role == role.key && !visitors.iter().any(|other| other.email == person.email)
            });
            people.extend(here.next().map(|person| DemoPerson {
                email: person.email.clone(),
                what: what(cast, person),
            }));
        }
    }
    let manages = |person: &&&Person| {
        let same = casts.iter().flat_map(|(cast, members)| {
            let mut roles = cast.preset.service().roles.iter();
            let managing = roles.find(|role| role.manages_everything());
            let same = members.iter().filter(|other| other.email == person.email);
            same.map(move |other| managing.is_some_and(|role| role.key == other.role))
        });
        same.into_iter().any(|manages| manages)
    };
    for person in visitors.iter().filter(manages) {
        let places: Vec<String> = casts
            .iter()
            .filter_map(|(cast, members)| {
                let mut same = members.iter().filter(active);
                let same = same.find(|other| other.email == person.email)?;
                Some(what(cast, same))
            })
            .collect();
        people.push(DemoPerson {
            email: person.email.clone(),
            what: places.join("; "),
        });
    }
    people
}

/// "Administrator, Hollybrook Hospital (RX1)"
fn what(cast: &Cast, person: &Person) -> String {
    let roles = &cast.preset.service().roles;
    let role = roles.iter().find(|role| role.key == person.role);
    let role = role.map(|role| role.name).unwrap_or_default();
    format!("{role}, {} ({})", cast.name, cast.code)
}

/// Those who are Active in more than one organisation.
fn several<'a>(casts: &'a [(&Cast, Vec<Person>)]) -> Vec<&'a Person> {
    let mut everybody: Vec<&Person> = casts
        .iter()
        .flat_map(|(_, people)| people)
        .filter(|person| person.status == Status::Active)
        .collect();
    everybody.sort_by(|one, two| one.email.cmp(&two.email));
    everybody
        .chunk_by(|one, two| one.email == two.email)
        .filter_map(|same| same.get(1).copied())
        .collect()
}
