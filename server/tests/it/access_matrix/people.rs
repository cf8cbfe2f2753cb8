//! Who asks, and about whom.

use domain::{AreaId, MembershipStatus};
use service::{Actor, invitations::At};
use store::AssignmentRow;

use super::Matrix;

/// Who asks.
pub const ACTORS: [&str; 9] = [
    "administrator",
    "administrator of Nursing",
    "manager",
    "manager of Nursing",
    "contributor",
    "viewer",
    DEACTIVATED,
    "administrator elsewhere",
    "nobody",
];

/// Somebody with an open session, and access to another organisation, who was deactivated in this one.
pub const DEACTIVATED: &str = "deactivated administrator";

/// About whom.
pub struct Target {
    pub name: &'static str,
    role: &'static str,
    place: Place,
    /// Whether they can be put to rest between two questions, so that there is somebody to come back: not
    /// who is only invited, is elsewhere, or asks.
    pub can_rest: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Everywhere,
    Nursing,
    /// Inside Nursing.
    North,
    /// Beside Nursing.
    Surgery,
    /// In the whole organisation, and as a viewer in Nursing besides.
    EverywhereAndNursing,
    Elsewhere,
}

const fn somebody(name: &'static str, role: &'static str, place: Place) -> Target {
    Target {
        name,
        role,
        place,
        can_rest: true,
    }
}

/// Everybody about whom it is asked.
pub const TARGETS: [Target; 11] = [
    somebody("somebody in Nursing", "viewer", Place::Nursing),
    somebody("somebody in an area inside Nursing", "viewer", Place::North),
    somebody("somebody in Surgery", "viewer", Place::Surgery),
    somebody("somebody everywhere", "viewer", Place::Everywhere),
    somebody("an administrator", "administrator", Place::Everywhere),
    somebody(
        "an administrator who is in Nursing too",
        "administrator",
        Place::EverywhereAndNursing,
    ),
    somebody(
        "an administrator of Nursing",
        "administrator",
        Place::Nursing,
    ),
    somebody(RESTING, "viewer", Place::Nursing),
    Target {
        can_rest: false,
        ..somebody(INVITED, "viewer", Place::Nursing)
    },
    Target {
        can_rest: false,
        ..somebody(THEMSELVES, "viewer", Place::Everywhere)
    },
    Target {
        can_rest: false,
        ..somebody(
            "somebody of another organisation",
            "viewer",
            Place::Elsewhere,
        )
    },
];

const RESTING: &str = "somebody deactivated in Nursing";
const INVITED: &str = "somebody invited to Nursing";
const THEMSELVES: &str = "themselves";

impl Matrix {
    /// Lets somebody hold what they have in an area only.
    async fn limit(&self, person: &Actor, area: AreaId) {
        self.assign(person, |rows| rows[0].area_id = Some(area))
            .await;
    }

    async fn assign(&self, person: &Actor, change: impl FnOnce(&mut Vec<AssignmentRow>)) {
        let mut tx = self.lanyard.services.store().write().await.unwrap();
        let member = tx.membership_of(self.organisation, person.user()).await;
        let member = member.unwrap().unwrap();
        let rows = tx.assignments_of(self.organisation, member.id).await;
        let mut rows = rows.unwrap();
        change(&mut rows);
        tx.replace_assignments(self.organisation, member.id, &rows)
            .await
            .unwrap();
        tx.commit().await.unwrap();
    }

    /// Somebody of a kind. Whoever is to be deactivated is not yet.
    pub async fn actor(&self, kind: &str) -> Option<Actor> {
        let tools = &self.tools;
        let (role, area) = match kind.split_once(" of ") {
            Some((role, _)) => (role, Some(self.nursing)),
            None => (kind, None),
        };
        let actor = match role {
            "nobody" => return None,
            "administrator elsewhere" => tools.administrator("rx2", "ada.actor@nhs.net").await,
            DEACTIVATED => {
                tools.member("rx2", "ada.actor@nhs.net", "viewer").await;
                tools.administrator("rx1", "ada.actor@nhs.net").await
            }
            role => tools.member("rx1", "ada.actor@nhs.net", role).await,
        };
        if let Some(area) = area {
            self.limit(&actor, area).await;
        }
        Some(actor)
    }

    /// As an administrator does it.
    pub async fn deactivate(&self, person: &Actor) {
        let yes = domain::membership::DeactivateForm {
            confirm: "yes".to_owned(),
            reason: "on_leave".to_owned(),
            reason_other: String::new(),
        };
        let services = &self.lanyard.services;
        let done = services.deactivate(&self.last, "rx1", person.user(), &yes);
        done.await.unwrap();
    }

    pub async fn target(&self, kind: &Target, actor: Option<&Actor>) -> Option<Actor> {
        let email = "tom.target@nhs.net";
        match kind.name {
            THEMSELVES => return actor.cloned(),
            INVITED => return Some(self.invited_to_nursing(email, kind.role).await),
            _ => {}
        }
        let organisation = if kind.place == Place::Elsewhere {
            "rx2"
        } else {
            "rx1"
        };
        let target = self.tools.member(organisation, email, kind.role).await;
        match kind.place {
            Place::Nursing => self.limit(&target, self.nursing).await,
            Place::North => self.limit(&target, self.north).await,
            Place::Surgery => self.limit(&target, self.surgery).await,
            Place::EverywhereAndNursing => {
                let viewer = self.role("viewer").await.parse().unwrap();
                self.assign(&target, |rows| {
                    let id = uuid::Uuid::from_u128(77);
                    rows.push(AssignmentRow {
                        id: domain::AssignmentId::from_uuid(id),
                        role_id: viewer,
                        area_id: Some(self.nursing),
                        ..rows[0].clone()
                    });
                })
                .await;
            }
            Place::Everywhere | Place::Elsewhere => {}
        }
        if kind.name == RESTING {
            self.set_status(&target, MembershipStatus::Inactive).await;
        }
        Some(target)
    }

    pub async fn set_status(&self, person: &Actor, status: MembershipStatus) {
        let mut tx = self.lanyard.services.store().write().await.unwrap();
        let member = tx.membership_of(self.organisation, person.user()).await;
        let mut member = member.unwrap().unwrap();
        member.status = status;
        tx.update_membership(&member).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// Invited long enough ago for the invitation to be sent again.
    async fn invited_to_nursing(&self, email: &str, role: &str) -> Actor {
        let services = &self.lanyard.services;
        let role = self.role(role).await;
        let draft = self.list(&self.last, (email, &role)).await;
        let page = services.invite_check(&self.last, "rx1", draft).await;
        let At::Here(page) = page.unwrap() else {
            panic!("to be checked");
        };
        let sent = services.send_invitations(&self.last, "rx1", draft, page.version);
        sent.await.unwrap();
        while services.process_batch_step().await.unwrap() {}
        self.lanyard.clock.advance(chrono::TimeDelta::minutes(11));
        let mut tx = services.store().read().await.unwrap();
        let user = tx.user_by_email_key(email).await.unwrap().unwrap();
        self.tools.actor(user.id, &user.name(), email)
    }
}
