//! The demo: two hospitals with people in every status, to look at and to try things on. Everything
//! is invented; addresses end in `.example`, mobile numbers are of the range kept for drama.

use domain::password::Password;
use store::UserRow;

use crate::{By, Error, RequestInfo, Result, Services, presets::Preset};

mod cast;
mod place;
#[cfg(test)]
mod tests;

use cast::{HOSPITALS, Hospital, Person, Status};

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
        let casts = HOSPITALS
            .iter()
            .map(|hospital| hospital.people().map(|people| (hospital, people)))
            .collect::<Result<Vec<_>>>()?;
        let password = Password::parse(PASSWORD);
        let password = password.ok_or_else(|| Error::Fault("demo password".to_owned()))?;
        let hash = self.hashing.hash(password, &self.random).await?;
        let mut tx = self.store.write().await?;
        let is_new = tx.count_organisations().await? == 0;
        if is_new {
            let mut known: Vec<UserRow> = Vec::new();
            for (hospital, people) in &casts {
                let mut place = self.demo_place(&mut tx, &by, hospital).await?;
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

/// One person for each role of each hospital, and somebody who belongs to both.
fn whom_to_sign_in_as(casts: &[(&Hospital, Vec<Person>)]) -> Vec<DemoPerson> {
    let mut people = Vec::new();
    let roles = Preset::SelfRegistration.service().roles;
    for (hospital, cast) in casts {
        for role in roles.iter().take(3) {
            let mut active = cast.iter().filter(|person| person.status == Status::Active);
            if let Some(person) = active.find(|person| person.role == role.key) {
                people.push(DemoPerson {
                    email: person.email.clone(),
                    what: format!("{}, {} ({})", role.name, hospital.name, hospital.code),
                });
            }
        }
    }
    if let [(_, one), (_, two)] = casts
        && let Some(both) = two.iter().find(|person| {
            person.status == Status::Active && one.iter().any(|other| other.email == person.email)
        })
    {
        people.push(DemoPerson {
            email: both.email.clone(),
            what: "Administrator of both hospitals".to_owned(),
        });
    }
    people
}
