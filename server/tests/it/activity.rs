//! Activity and the files of lists, with forms and links and without JavaScript.

use axum::http::{StatusCode, header};
use service::testing::Harness;

use crate::{
    browser::{Browser, Page},
    harness::Lanyard,
};

/// Two hospitals, and in the first an administrator, a manager and a viewer.
struct Hall {
    lanyard: Lanyard,
    tools: Harness,
}

impl Hall {
    async fn new() -> Self {
        let lanyard = Lanyard::new().await;
        let tools = Harness {
            services: lanyard.services.clone(),
            clock: lanyard.clock.clone(),
        };
        tools.organisation("RX1", "Hollybrook Hospital").await;
        tools.organisation("RX2", "Rosebush Hospital").await;
        Self { lanyard, tools }
    }

    async fn browser(&self, slug: &str, email: &str, role: &str) -> (Browser, String) {
        let actor = self.tools.member(slug, email, role).await;
        let mut browser = self.lanyard.browser();
        browser.set_cookie("session", &self.tools.session(&actor).await);
        (browser, actor.user().to_string())
    }
}

fn is_file(page: &Page, name: &str) {
    assert_eq!(page.status, StatusCode::OK, "{}", page.html);
    let value = |name| page.headers.get(name).unwrap().to_str().unwrap();
    assert_eq!(value(header::CONTENT_TYPE), "text/csv; charset=utf-8");
    assert_eq!(
        value(header::CONTENT_DISPOSITION),
        format!("attachment; filename=\"{name}\"")
    );
    assert_eq!(value(header::CACHE_CONTROL), "no-store");
}

/// J1, E10: the menu leads to what happened; filters are in the address; the file has the same.
#[tokio::test]
async fn activity_is_read_filtered_and_exported() {
    let hall = Hall::new().await;
    let (mut sam, _) = hall
        .browser("rx1", "sam.okoro@nhs.net", "administrator")
        .await;
    let (_, jane) = hall.browser("rx1", "jane.carlton@nhs.net", "viewer").await;
    sam.open("/o/rx1").await;
    let page = sam.follow("Activity").await;
    assert_eq!(page.address, "/o/rx1/activity");
    assert_eq!(page.title(), "Activity – Hollybrook Hospital – Lanyard");
    page.is("Activity")
        .says("Organisation set up")
        .says("21 November 2026");
    let form = page.form("/o/rx1/activity").fill("person", "carlton");
    let page = sam.submit(&form, "Apply filters").await;
    assert!(page.address.contains("person=carlton"), "{}", page.address);
    page.says("No activity matches these filters.");
    let form = page
        .form("/o/rx1/activity")
        .fill("from-day", "31")
        .fill("from-month", "2")
        .fill("from-year", "2026");
    let page = sam.submit(&form, "Apply filters").await;
    assert_eq!(page.errors(), ["Start date must be a real date"]);
    assert_eq!(page.link("Start date must be"), "#from-day");
    let page = sam.follow("Clear filters").await;
    page.says("Organisation set up");
    let page = sam.follow("Export all activity as CSV").await;
    is_file(&page, "activity-rx1.csv");
    assert!(page.html.contains("Organisation set up"), "{}", page.html);

    // One person's.
    let address = format!("/o/rx1/users/{jane}");
    sam.open(&address).await.says("There is no activity yet.");
    let page = sam.open(&format!("{address}/activity")).await;
    page.is("Jane Carlton Activity")
        .says("There is no activity yet.");
    assert_eq!(page.link("Jane Carlton"), address);
    let page = sam
        .open(&format!("/o/rx1/activity.csv?user={jane}&type=access"))
        .await;
    is_file(&page, "activity-rx1.csv");
    let page = sam.open("/o/rx1/activity?type=exports").await;
    page.says("Activity exported as CSV").says("by Sam Okoro");
}

/// D1, R99, R101: the list that is seen is the list that is exported.
#[tokio::test]
async fn the_users_list_is_exported_as_it_is_seen() {
    let hall = Hall::new().await;
    let (mut sam, _) = hall
        .browser("rx1", "sam.okoro@nhs.net", "administrator")
        .await;
    hall.browser("rx1", "jane.carlton@nhs.net", "viewer").await;
    hall.browser("rx2", "eve.stone@nhs.net", "viewer").await;
    sam.open("/o/rx1/users").await.says("Export 2 users as CSV");
    let page = sam.open("/o/rx1/users?q=carlton").await;
    page.says("Export 1 user as CSV");
    let page = sam.follow("Export 1 user as CSV").await;
    is_file(&page, "users-rx1.csv");
    assert_eq!(page.html.lines().count(), 2, "{}", page.html);
    assert!(
        page.html
            .contains("Jane Carlton,jane.carlton@nhs.net,Active,Viewer")
    );
    let page = sam.open("/o/rx1/activity").await;
    page.says("Users exported as CSV: 1 user");
}

/// R63, R65: without the right, 403; outside of the organisation and for people who are not in it, 404;
/// without signing in, the way to it. Nothing of it is recorded as done.
#[tokio::test]
async fn activity_and_files_are_not_for_everybody() {
    let hall = Hall::new().await;
    let (mut sam, _) = hall
        .browser("rx1", "sam.okoro@nhs.net", "administrator")
        .await;
    let (mut manager, _) = hall.browser("rx1", "mia.jones@nhs.net", "manager").await;
    let (mut viewer, viewers_id) = hall.browser("rx1", "jane.carlton@nhs.net", "viewer").await;
    let (mut other, others_id) = hall
        .browser("rx2", "eve.stone@nhs.net", "administrator")
        .await;
    let addresses = |user: &str| {
        [
            "/o/rx1/activity".to_owned(),
            format!("/o/rx1/users/{user}/activity"),
            "/o/rx1/activity.csv".to_owned(),
            format!("/o/rx1/activity.csv?user={user}"),
            "/o/rx1/users.csv".to_owned(),
        ]
    };
    for address in addresses(&viewers_id) {
        for browser in [&mut viewer, &mut manager] {
            let page = browser.open(&address).await;
            assert_eq!(page.status, StatusCode::FORBIDDEN, "{address}");
        }
        let page = other.open(&address).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "{address}");
        let page = hall.lanyard.browser().open(&address).await;
        assert!(page.address.starts_with("/sign-in"), "{address}");
    }
    manager
        .open("/o/rx1/users")
        .await
        .hides("as CSV")
        .hides("Activity");
    for person in [others_id.as_str(), "usr_1", "x"] {
        for address in [
            format!("/o/rx1/users/{person}/activity"),
            format!("/o/rx1/activity.csv?user={person}"),
        ] {
            let page = sam.open(&address).await;
            assert_eq!(page.status, StatusCode::NOT_FOUND, "{address}");
            page.hides("Eve Stone");
        }
    }
    // Neither a name nor an address of another organisation is found by a filter.
    for filter in [
        "person=eve",
        "by=eve.stone%40nhs.net",
        "person=eve.stone%40nhs.net",
    ] {
        let page = sam.open(&format!("/o/rx1/activity?{filter}")).await;
        page.says("No activity matches these filters.");
    }
    sam.open("/o/rx1/activity?type=exports")
        .await
        .hides("exported");
}
