//! Adding one person with forms and without JavaScript (ux D3): what is said of an address that is known, or
//! doubtful.

use service::{presets::Preset, testing::Harness};

use crate::{
    browser::{Browser, Page},
    harness::Lanyard,
};

/// Elm Trust, where Sam adds people; Jane Lee belongs to Oak Trust, where she is a team manager with this job
/// title, which both of them share.
async fn trusts(job_title: &str) -> (Lanyard, Harness, Browser) {
    let lanyard = Lanyard::new().await;
    let tools = Harness {
        services: lanyard.services.clone(),
        clock: lanyard.clock.clone(),
    };
    for (code, name) in [("NJ1", "Elm Trust"), ("NJ2", "Oak Trust")] {
        tools.organisation_of(Preset::NhsJobs, code, name).await;
    }
    let sam = tools.member("nj1", "sam.ash@nhs.net", "super-user").await;
    let jane = tools
        .member("nj2", "jane.lee@nhs.net", "team-manager")
        .await;
    let mut tx = lanyard.services.store().write().await.unwrap();
    let oak = tx.organisation_by_slug("nj2").await.unwrap().unwrap();
    let row = tx.membership_of(oak.id, jane.user()).await.unwrap();
    let mut row = row.unwrap();
    job_title.clone_into(&mut row.job_title);
    tx.update_membership(&row).await.unwrap();
    tx.commit().await.unwrap();
    let mut browser = lanyard.browser();
    browser.set_cookie("session", &tools.session(&sam).await);
    (lanyard, tools, browser)
}

/// The page after that of the address.
async fn address(browser: &mut Browser, email: &str) -> Page {
    let page = browser.open("/o/nj1/users/add").await;
    let form = page.form("invitations/start").choose("how", "one");
    let page = browser.submit(&form, "Continue").await;
    let form = page.form("one-person/answer-email").fill("email", email);
    browser.submit(&form, "Continue").await
}

/// J20 to J22, D3 step 6: somebody known elsewhere is recognised by what is shared, and what was just
/// confirmed is not asked again.
#[tokio::test]
async fn what_was_confirmed_is_not_asked_again() {
    let (lanyard, _, mut browser) = trusts("Ward manager").await;
    let page = address(&mut browser, "jane.lee@nhs.net").await;
    page.is("Add a user Check this is the user you want to add")
        .says("Ward manager")
        .says("You can still add them as a user to your organisation.");
    assert!(
        page.title()
            .starts_with("Check this is the user you want to add"),
        "{}",
        page.title()
    );
    let form = page.form("one-person/confirm");
    let page = browser.submit(&form, "Yes, continue").await;
    page.is("Add a user What role will they have?");
    let mut tx = lanyard.services.store().read().await.unwrap();
    let elm = tx.organisation_by_slug("nj1").await.unwrap().unwrap();
    let roles = tx.roles(elm.id).await.unwrap();
    drop(tx);
    let role = roles.iter().find(|role| role.key == "team-manager");
    let role = role.unwrap().id.to_string();
    let form = page.form("one-person/answer-role").choose("role", &role);
    let page = browser.submit(&form, "Continue").await;
    page.is("Add a user Check and send invitation")
        .says("Ward manager")
        .says("They will be asked to accept when they next sign in.");
    let form = page.form("one-person/add");
    browser
        .submit(&form, "Send invitation")
        .await
        .says("What happens next");
}

/// J20: without a shared job title it is asked for, since the organisation needs one.
#[tokio::test]
async fn what_nobody_knows_is_asked() {
    let (_lanyard, _, mut browser) = trusts("").await;
    let page = address(&mut browser, "jane.lee@nhs.net").await;
    let form = page.form("one-person/confirm");
    let page = browser.submit(&form, "Yes, continue").await;
    page.says("What do you know about them?");
}

/// C7, C22: where a person has one role, whoever has access already gets another one in its place.
#[tokio::test]
async fn the_one_role_of_a_member_is_changed() {
    let (_lanyard, tools, mut browser) = trusts("").await;
    tools
        .member("nj1", "kim.adler@nhs.net", "team-manager")
        .await;
    let page = address(&mut browser, "kim.adler@nhs.net").await;
    page.is("Add a user Kim Adler already has access")
        .hides("Add a role");
    let page = browser.follow("Change role").await;
    page.is("Change what Kim Adler can do");
}

/// D3 step 1, 6.6: the words of the way past an address that looks mistyped.
#[tokio::test]
async fn a_mistyped_address_can_be_meant() {
    let (_lanyard, _, mut browser) = trusts("").await;
    let page = address(&mut browser, "jane@nhs.ent").await;
    page.is("Is jane@nhs.ent correct?");
    let form = page.form("one-person/answer-address");
    let page = browser.submit(&form, "No, jane@nhs.ent is correct").await;
    page.is("Add a user Who are they?");
}
