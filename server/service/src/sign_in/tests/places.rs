//! Where a person starts, and which organisation they act in.

use domain::{MembershipStatus, SecondFactorKind::Email, account::ChooseOrganisationForm};

use super::{EMAIL, Next, Place, violation};
use crate::{Actor, Result, request::Authentication};

async fn choose(place: &Place, actor: &Actor, slug: &str, return_to: &str) -> Result<String> {
    let form = ChooseOrganisationForm {
        organisation: slug.to_owned(),
    };
    place
        .services()
        .choose_organisation(actor, &form, return_to)
        .await
}

/// Jane belongs to two organisations and has signed in.
async fn at_two() -> (Place, Actor) {
    let place = Place::new(&[Email]).await;
    place.h.organisation("RX2", "Rosebush Hospital").await;
    place.h.member("rx2", EMAIL, "manager").await;
    let signed_in = place.sign_in_by_email().await;
    assert_eq!(
        signed_in.next,
        Next::Open("/choose-organisation".to_owned())
    );
    let actor = place.actor(&signed_in).await;
    (place, actor)
}

/// A1: one organisation is opened at once.
#[tokio::test]
async fn the_only_organisation_is_opened() {
    let place = Place::new(&[Email]).await;
    let signed_in = place.sign_in_by_email().await;
    assert_eq!(signed_in.next, Next::Open("/o/rx1".to_owned()));
    let actor = place.actor(&signed_in).await;
    let start = place.services().start(&actor).await.unwrap();
    assert_eq!(start, "/o/rx1");
    assert_eq!(
        place.last_signed_in("rx1").await,
        Some(place.services().now())
    );
}

/// C1: with two there is a choice, and the last one opened is where the person starts next.
#[tokio::test]
async fn of_two_organisations_one_is_chosen() {
    let (place, actor) = at_two().await;
    let services = place.services();
    assert_eq!(
        services.start(&actor).await.unwrap(),
        "/choose-organisation"
    );
    let choices = services.organisation_choices(&actor).await.unwrap();
    assert_eq!(choices.count(), 2);
    assert!(choices.recent.is_none());
    assert_eq!(choices.others[1].name, "Rosebush Hospital");
    assert_eq!(choices.others[1].roles[0].name, "Manager");
    for nothing in ["", "rx3", "../account"] {
        let refused = choose(&place, &actor, nothing, "").await;
        assert_eq!(violation(refused), "organisation.empty");
    }
    let path = choose(&place, &actor, "rx2", "").await.unwrap();
    assert_eq!(path, "/o/rx2");
    assert_eq!(services.start(&actor).await.unwrap(), "/o/rx2");
    let choices = services.organisation_choices(&actor).await.unwrap();
    assert_eq!(choices.recent.unwrap().slug, "rx2");
    // 6.30: the same kind of page, where the person may see it.
    let users = "/o/rx2/users?q=x";
    let path = choose(&place, &actor, "rx2", users).await.unwrap();
    assert_eq!(path, "/o/rx2/users");
    let path = choose(&place, &actor, "rx1", users).await.unwrap();
    assert_eq!(path, "/o/rx1");
    // A role is one organisation's own: everybody may read the table of the other's.
    let role = "/o/rx2/roles/r-00000000000000000000000000000001";
    let path = choose(&place, &actor, "rx1", role).await.unwrap();
    assert_eq!(path, "/o/rx1/roles");
}

/// R56, R65: a membership that ended is no choice any more, at the next request.
#[tokio::test]
async fn an_ended_membership_is_no_choice() {
    let (place, actor) = at_two().await;
    place.set_status("rx2", MembershipStatus::Inactive).await;
    let services = place.services();
    let choices = services.organisation_choices(&actor).await.unwrap();
    assert_eq!(choices.count(), 1);
    assert_eq!(choices.no_longer, ["Rosebush Hospital"]);
    let refused = choose(&place, &actor, "rx2", "").await;
    assert_eq!(violation(refused), "organisation.empty");
    assert_eq!(services.start(&actor).await.unwrap(), "/o/rx1");
}

/// The frame says who is there, where, and what they may do; of another organisation it says
/// nothing (R65).
#[tokio::test]
async fn the_frame_knows_its_viewer() {
    let (place, actor) = at_two().await;
    place.h.organisation("RX3", "Elm House").await;
    let services = place.services();
    let who = Authentication::Complete(actor);
    let frame = services.frame(&who, "rx2").await.unwrap();
    let viewer = frame.viewer.unwrap();
    assert_eq!(
        (viewer.name.as_str(), viewer.organisations),
        ("Jane Carlton", 2)
    );
    let organisation = frame.organisation.unwrap();
    assert_eq!(organisation.code, "RX2");
    assert!(organisation.permissions.contains(&"users.view".to_owned()));
    assert!(
        !organisation
            .permissions
            .contains(&"settings.manage".to_owned())
    );
    for other in ["rx3", "rx4", "", "RX2 "] {
        let frame = services.frame(&who, other).await.unwrap();
        assert!(frame.organisation.is_none(), "{other}");
    }
    let nobody = services.frame(&Authentication::Anonymous, "rx2").await;
    let nobody = nobody.unwrap();
    assert!(nobody.viewer.is_none() && nobody.organisation.is_none());
}

/// K: the account says what is so.
#[tokio::test]
async fn the_account_is_as_it_is() {
    let (place, actor) = at_two().await;
    place.recovery_codes().await;
    let account = place.services().account(&actor).await.unwrap();
    assert_eq!(account.name, "Jane Carlton");
    assert_eq!(account.email, EMAIL);
    assert_eq!(account.mobile_ending, "982");
    assert_eq!(account.second_factors, [Email]);
    assert_eq!(account.recovery_codes_left, 10);
    assert_eq!(account.organisations.len(), 2);
    assert_eq!(account.organisations[0].roles[0].name, "Viewer");
}
