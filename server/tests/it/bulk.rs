//! Changing many users with forms and without JavaScript, and the doors that stay shut.

use axum::http::StatusCode;
use domain::{MembershipStatus, OrganisationId};
use service::{Actor, testing::Harness};

use crate::{browser::Browser, harness::Lanyard};

/// Hollybrook Hospital with Sam and Alex who administer it, some people who read there, and Sam's browser
/// at the users list.
struct Hall {
    lanyard: Lanyard,
    tools: Harness,
    organisation: OrganisationId,
    people: Vec<Actor>,
    browser: Browser,
}

impl Hall {
    async fn new(people: usize) -> Self {
        let lanyard = Lanyard::new().await;
        let tools = Harness {
            services: lanyard.services.clone(),
            clock: lanyard.clock.clone(),
        };
        let organisation = tools.organisation("RX1", "Hollybrook Hospital").await;
        let sam = tools.administrator("rx1", "sam.okoro@nhs.net").await;
        tools.administrator("rx1", "alex.reed@nhs.net").await;
        let mut all = Vec::new();
        for n in 0..people {
            let email = format!("jane.carlton{n}@nhs.net");
            all.push(tools.member("rx1", &email, "viewer").await);
        }
        let mut browser = lanyard.browser();
        browser.set_cookie("session", &tools.session(&sam).await);
        browser.open("/o/rx1/users").await.is("Users");
        Self {
            lanyard,
            tools,
            organisation,
            people: all,
            browser,
        }
    }

    async fn status(&self, person: &Actor) -> MembershipStatus {
        let mut tx = self.lanyard.services.store().read().await.unwrap();
        let member = tx.membership_of(self.organisation, person.user()).await;
        member.unwrap().unwrap().status
    }

    /// Presses a button of the list with these people selected.
    async fn press(&mut self, button: &str, people: &[Actor]) -> crate::browser::Page {
        let mut form = self.browser.current().form("bulk/start");
        for person in people {
            form = form.choose("select[]", &person.user().to_string());
        }
        self.browser.submit(&form, button).await
    }
}

/// T-USR-06 without JavaScript: nothing selected, three selected, checked, done, undone.
#[tokio::test]
async fn three_users_are_deactivated_and_brought_back() {
    let mut hall = Hall::new(4).await;
    let page = hall.press("Deactivate", &[]).await;
    assert_eq!(page.errors(), ["Select at least 1 user"]);
    assert!(page.title().starts_with("Error: "), "{}", page.title());
    let people = hall.people[..3].to_vec();
    let page = hall.press("Deactivate", &people).await;
    page.is("Change several users Why are you deactivating these accounts?");
    let form = page.form("bulk/answer-reason");
    let page = hall.browser.submit(&form, "Continue").await;
    assert_eq!(
        page.errors(),
        ["Select why you are deactivating this account"]
    );
    let form = page
        .form("bulk/answer-reason")
        .choose("reason", "left_organisation");
    let page = hall.browser.submit(&form, "Continue").await;
    page.is("Change several users Check and deactivate 3 users");
    page.says("Left the organisation").says("Jane Carlton2");
    assert_eq!(hall.status(&people[0]).await, MembershipStatus::Active);
    let form = page.form("bulk/confirm");
    let page = hall.browser.submit(&form, "Deactivate 3 users").await;
    page.is("3 users deactivated");
    assert_eq!(hall.status(&people[0]).await, MembershipStatus::Inactive);
    let address = page.address.clone();
    // R98: the same form once more leads to the same result.
    let page = hall.browser.submit(&form, "Deactivate 3 users").await;
    assert_eq!(page.address, address);
    // ux 6.5: for 24 hours activity says what it was, that it can be undone, and leads there.
    let page = hall.browser.open("/o/rx1/activity").await;
    page.says("You can undo all of it on its page until 22 November 2026 at 9:30am.");
    assert_eq!(page.link("Deactivated 3 users"), address);
    let page = hall.browser.follow("Deactivated 3 users").await;
    let form = page.form("bulk/undo");
    let page = hall.browser.submit(&form, "Undo all 3").await;
    page.is("3 changes undone");
    let page = hall.browser.open("/o/rx1/activity").await;
    page.says("Undone: deactivated 3 users")
        .hides("You can undo all of it");
    assert_eq!(hall.status(&people[0]).await, MembershipStatus::Active);
    let page = hall.browser.open("/o/rx1/jobs").await;
    page.says("Deactivate 3 users")
        .says("Undo: deactivate 3 users");
    let csv = hall.browser.open(&format!("{address}/results.csv")).await;
    assert_eq!(csv.status, StatusCode::OK);
    // ux C2: home leads to both.
    let page = hall.browser.open("/o/rx1").await;
    page.says("Recent bulk work");
    assert_eq!(page.link("Deactivate 3 users"), address);
    assert_ne!(page.link("Undo: deactivate 3 users"), address);
    assert_eq!(page.link("See all bulk work"), "/o/rx1/jobs");
}

/// Everybody who matches, some of whom it does not fit; one is taken out by hand.
#[tokio::test]
async fn everybody_who_matches_is_judged_one_by_one() {
    let mut hall = Hall::new(3).await;
    let form = hall
        .browser
        .current()
        .form("bulk/start")
        .choose("all", "yes");
    let page = hall.browser.submit(&form, "Send invitation again").await;
    page.is("Change several users There is nothing to do");
    page.says("4 of the 5 cannot be sent an invitation because they are already active");
    page.says("1 of the 5 cannot be sent an invitation because nobody can change their own access");
    hall.browser.open("/o/rx1/users?role=viewer").await;
    let form = hall
        .browser
        .current()
        .form("bulk/start")
        .choose("all", "yes");
    let page = hall.browser.submit(&form, "Deactivate").await;
    let form = page.form("bulk/answer-reason").choose("reason", "on_leave");
    let page = hall.browser.submit(&form, "Continue").await;
    page.is("Change several users Check and deactivate 3 users");
    let form = page.form("bulk/leave-out");
    let page = hall.browser.submit(&form, "Remove Jane Carlton1").await;
    page.is("Change several users Check and deactivate 2 users");
    page.says("1 of the 3 will not be changed because you left them out");
    let form = page.form("bulk/confirm");
    hall.browser
        .submit(&form, "Deactivate 2 users")
        .await
        .is("2 users deactivated");
    let left = hall.people[1].clone();
    assert_eq!(hall.status(&left).await, MembershipStatus::Active);
}

/// ux 6.6: deactivating 25 stops for a second look, and its way back leads to the page of answers.
#[tokio::test]
async fn many_are_looked_at_twice() {
    let mut hall = Hall::new(25).await;
    hall.browser.open("/o/rx1/users?role=viewer").await;
    let form = hall
        .browser
        .current()
        .form("bulk/start")
        .choose("all", "yes");
    let page = hall.browser.submit(&form, "Deactivate").await;
    let form = page.form("bulk/answer-reason").choose("reason", "on_leave");
    let page = hall.browser.submit(&form, "Continue").await;
    let form = page.form("bulk/confirm");
    let page = hall.browser.submit(&form, "Deactivate 25 users").await;
    page.is("Are you sure you want to deactivate 25 users?");
    assert!(page.link("Change who is deactivated").ends_with("/check"));
    let form = page.form("bulk/confirm");
    let page = hall.browser.submit(&form, "Deactivate 25 users").await;
    page.is("Deactivating users").says("0 of 25 deactivated");
    while hall.lanyard.services.process_bulk_step().await.unwrap() {}
    let address = page.address.clone();
    let page = hall.browser.open(&address).await;
    page.is("25 users deactivated");
}

/// Export selected: a file of the chosen ones, which nobody else can fetch.
#[tokio::test]
async fn the_selected_users_leave_as_a_file() {
    let mut hall = Hall::new(3).await;
    let people = hall.people[..2].to_vec();
    let file = hall.press("Export selected", &people).await;
    assert_eq!(file.status, StatusCode::OK);
    assert!(file.html.contains("jane.carlton1@nhs.net"));
    assert!(!file.html.contains("jane.carlton2@nhs.net"));
    let mut other = hall.lanyard.browser();
    let reader = hall.people[0].clone();
    other.set_cookie("session", &hall.tools.session(&reader).await);
    let answer = other.open(&file.address).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
}

/// R21, R65, R72: forged arrays and ids of another organisation answer as if they did not exist.
#[tokio::test]
async fn forged_selections_are_turned_away() {
    let mut hall = Hall::new(1).await;
    hall.tools.organisation("RX2", "Rosebush Hospital").await;
    let stranger = hall
        .tools
        .member("rx2", "olga.other@nhs.net", "viewer")
        .await;
    let jane = hall.people[0].user().to_string();
    let foreign = stranger.user().to_string();
    let nobody = "u-0192f0c1a2b37c4d8e5f60718293a4b5";
    let start = [("org", "rx1"), ("action", "deactivate")];
    for (selected, expected) in [
        (vec![foreign.as_str()], StatusCode::NOT_FOUND),
        (vec![nobody], StatusCode::NOT_FOUND),
        (vec![jane.as_str(), foreign.as_str()], StatusCode::NOT_FOUND),
        (vec!["1 OR 1=1"], StatusCode::NOT_FOUND),
        (vec![""], StatusCode::NOT_FOUND),
        (vec![], StatusCode::UNPROCESSABLE_ENTITY),
    ] {
        let mut fields = start.to_vec();
        fields.extend(selected.iter().map(|user| ("select[]", *user)));
        let (status, _) = hall.browser.call("bulk/start", &fields).await;
        assert_eq!(status, expected, "{selected:?}");
    }
    for extra in [
        ("status", "active"),
        ("membership", "m-1"),
        ("action", "role"),
    ] {
        let fields = [start[0], start[1], ("select[]", jane.as_str()), extra];
        let (status, _) = hall.browser.call("bulk/start", &fields).await;
        assert!(status.is_client_error(), "{extra:?}: {status}");
    }
    let unknown = [
        ("org", "rx1"),
        ("action", "delete"),
        ("select[]", jane.as_str()),
    ];
    let (status, _) = hall.browser.call("bulk/start", &unknown).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    let elsewhere = [
        ("org", "rx2"),
        ("action", "deactivate"),
        ("select[]", foreign.as_str()),
    ];
    let (status, _) = hall.browser.call("bulk/start", &elsewhere).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    // The same person twice is one person.
    let twice = [
        start[0],
        start[1],
        ("select[]", jane.as_str()),
        ("select[]", jane.as_str()),
    ];
    let (status, _) = hall.browser.call("bulk/start", &twice).await;
    assert!(status.is_success() || status.is_redirection(), "{status}");
    // Nobody's journey is anybody else's.
    let people = hall.people.clone();
    let page = hall.press("Deactivate", &people).await;
    let mut other = hall.lanyard.browser();
    let reader = hall.people[0].clone();
    other.set_cookie("session", &hall.tools.session(&reader).await);
    let answer = other.open(&page.address).await;
    assert_ne!(answer.heading(), page.heading());
    let job = "/o/rx1/jobs/j-0192f0c1a2b37c4d8e5f60718293a4b5";
    assert_eq!(hall.browser.open(job).await.status, StatusCode::NOT_FOUND);
    for path in ["events", "results.csv"] {
        let answer = hall.browser.open(&format!("{job}/{path}")).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND);
    }
}

/// Whoever may do nothing to many has no checkboxes.
#[tokio::test]
async fn checkboxes_are_for_who_may_act() {
    let mut hall = Hall::new(1).await;
    hall.browser
        .open("/o/rx1/users")
        .await
        .says("Select Jane Carlton0")
        .says("Select all 3 users that match");
    let auditor = hall
        .tools
        .member("rx1", "ann.auditor@nhs.net", "contributor")
        .await;
    let mut other = hall.lanyard.browser();
    other.set_cookie("session", &hall.tools.session(&auditor).await);
    other
        .open("/o/rx1/users")
        .await
        .hides("Select Jane Carlton0");
}

/// ux F3: while invitations are sent again the work is stopped as "Stop sending", any other as "Stop".
#[tokio::test]
async fn the_button_that_stops_says_what_stops() {
    let lanyard = Lanyard::with_demo().await;
    let mut browser = lanyard.signed_in("sam.okoro@hollybrook.example").await;
    for (button, stop) in [
        ("Send invitation again", "Stop sending"),
        ("Cancel invitation", "Stop"),
    ] {
        let page = browser.open("/o/rx1/users").await;
        let form = page.form("bulk/start").choose("all", "yes");
        let page = browser.submit(&form, button).await;
        let form = page.form("bulk/confirm");
        let page = browser.submit(&form, "").await;
        if stop == "Stop" {
            page.hides("Stop sending");
        }
        let form = page.form("bulk/stop");
        browser.submit(&form, stop).await;
    }
}
