//! Changing members with forms and without JavaScript, and the doors that stay shut.

use axum::http::StatusCode;
use service::{Actor, testing::Harness};
use store::AreaRow;

use crate::{browser::Browser, harness::Lanyard};

/// The heading of Jane's page.
const JANE: &str = "User at Hollybrook Hospital Jane Carlton";

/// Hollybrook Hospital with two areas, Sam and Alex who administer it, Jane who reads there, and Sam's
/// browser.
struct Ward {
    lanyard: Lanyard,
    tools: Harness,
    jane: Actor,
    browser: Browser,
}

impl Ward {
    async fn new() -> Self {
        let lanyard = Lanyard::new().await;
        let tools = Harness {
            services: lanyard.services.clone(),
            clock: lanyard.clock.clone(),
        };
        let organisation = tools.organisation("RX1", "Hollybrook Hospital").await;
        let sam = tools.administrator("rx1", "sam.okoro@nhs.net").await;
        tools.administrator("rx1", "alex.reed@nhs.net").await;
        let jane = tools.member("rx1", "jane.carlton@nhs.net", "viewer").await;
        let mut tx = lanyard.services.store().write().await.unwrap();
        let id = |n| domain::AreaId::from_uuid(uuid::Uuid::from_u128(n));
        let area = |n, name: &str| AreaRow {
            id: id(n),
            organisation_id: organisation,
            parent_id: None,
            name: name.to_owned(),
            kind: "service area".to_owned(),
            position: 0,
            closed_at: None,
        };
        tx.insert_areas(&[area(1, "Ward 3"), area(2, "Ward 4")])
            .await
            .unwrap();
        tx.commit().await.unwrap();
        let mut browser = lanyard.browser();
        browser.set_cookie("session", &tools.session(&sam).await);
        Self {
            lanyard,
            tools,
            jane,
            browser,
        }
    }

    fn person(&self) -> String {
        format!("/o/rx1/users/{}", self.jane.user())
    }

    async fn role(&self, key: &str) -> String {
        let mut tx = self.lanyard.services.store().read().await.unwrap();
        let organisation = tx.organisation_by_slug("rx1").await.unwrap().unwrap();
        let roles = tx.roles(organisation.id).await.unwrap();
        let role = roles.iter().find(|role| role.key == key).unwrap();
        role.id.to_string()
    }

    async fn browser_of(&self, person: &Actor) -> Browser {
        let mut browser = self.lanyard.browser();
        browser.set_cookie("session", &self.tools.session(person).await);
        browser
    }
}

/// J42 to J50: from the person's page to Deactivated and back, with what is wrong said on the way.
#[tokio::test]
async fn somebody_is_deactivated_and_reactivated() {
    let mut ward = Ward::new().await;
    let person = ward.person();
    let browser = &mut ward.browser;
    let page = browser.open(&person).await.is(JANE).clone();
    let way = page.link("Deactivate Jane Carlton");
    browser
        .open(&way)
        .await
        .is("Are you sure you want to deactivate Jane Carlton’s account?");
    let form = browser.current().form("memberships/deactivate");
    let page = browser.submit(&form, "Save and continue").await;
    assert_eq!(
        page.errors(),
        ["Select yes if you want to deactivate this account"]
    );
    let form = page.form("memberships/deactivate");
    let other = form
        .choose("confirm", "yes")
        .choose("reason", "other")
        .fill("reason_other", "");
    let page = browser.submit(&other, "Save and continue").await;
    assert_eq!(
        page.errors(),
        ["Enter why you are deactivating this account"]
    );
    // What was chosen is still chosen.
    let form = page.form("memberships/deactivate");
    let form = form.fill("reason_other", "Moved to <b>theatre</b>");
    browser
        .submit(&form, "Save and continue")
        .await
        .is("Account deactivated");
    let page = browser.open(&person).await;
    assert!(
        page.text()
            .contains("Deactivated by Sam Okoro on 21 November 2026: moved to <b>theatre</b>."),
        "{}",
        page.text()
    );
    let way = page.link("Reactivate");
    browser
        .open(&way)
        .await
        .is("Are you sure you want to reactivate Jane Carlton’s account?");
    let form = browser.current().form("memberships/reactivate");
    let form = form.choose("confirm", "yes").choose("access", "same");
    browser
        .submit(&form, "Save and continue")
        .await
        .is("Account reactivated");
    // J43: No leads back and changes nothing.
    browser.open(&format!("{person}/deactivate")).await;
    let form = browser.current().form("memberships/deactivate");
    let form = form.choose("confirm", "no");
    browser.submit(&form, "Save and continue").await.is(JANE);
    assert!(browser.current().text().contains("Active"));
}

/// J45: what nobody else has any more leads to giving it to somebody, before and after.
#[tokio::test]
async fn what_somebody_leaves_behind_is_given_to_somebody_else() {
    let mut ward = Ward::new().await;
    let person = ward.person();
    let browser = &mut ward.browser;
    let question = browser.open(&format!("{person}/deactivate")).await;
    let form = question.form("memberships/deactivate");
    let form = form.choose("confirm", "yes").choose("reason", "on_leave");
    let done = browser.submit(&form, "Save and continue").await;
    done.is("Account deactivated");
    for page in [question, done] {
        page.says("Nobody else has the role Viewer.");
        let list = page.link("Give it to someone in the list of users");
        let add = page.link("Add a user for it");
        assert_eq!(
            (list.as_str(), add.as_str()),
            ("/o/rx1/users", "/o/rx1/users/add")
        );
    }
}

/// ux 6.5: the page that says what was done takes it back, once; pressed again it says that this is done.
#[tokio::test]
async fn a_change_is_undone_from_its_page() {
    let mut ward = Ward::new().await;
    let person = ward.person();
    let browser = &mut ward.browser;
    browser.open(&format!("{person}/deactivate")).await;
    let form = browser.current().form("memberships/deactivate");
    let form = form.choose("confirm", "yes").choose("reason", "on_leave");
    let page = browser.submit(&form, "Save and continue").await;
    let undo = page.form("memberships/undo");
    let page = browser.submit(&undo, "").await.is(JANE).clone();
    assert!(page.text().contains("You undid the change to Jane Carlton"));
    let page = browser.submit(&undo, "").await;
    page.is(JANE)
        .says("The change to Jane Carlton has been undone already");
    // Nobody is told of it more than once.
    browser.open(&person).await.hides("undone already");
}

/// A10, A12, J39, E4: another role in two areas until a day; what was typed is kept when it is refused; a role
/// is taken away, and back again.
#[tokio::test]
async fn a_role_is_changed_and_removed() {
    let mut ward = Ward::new().await;
    let (person, contributor) = (ward.person(), ward.role("contributor").await);
    let ward3 = domain::AreaId::from_uuid(uuid::Uuid::from_u128(1)).to_string();
    let browser = &mut ward.browser;
    let page = browser.open(&person).await;
    let way = page.link("Change role Viewer");
    let page = browser.open(&way).await;
    let form = page
        .form("memberships/save-role")
        .choose("role", &contributor)
        .choose("areas[]", &ward3)
        .fill("end_day", "31")
        .fill("end_month", "2")
        .fill("end_year", "2027");
    let page = browser.submit(&form, "Save changes").await;
    assert_eq!(
        page.errors(),
        [
            "Select areas, or select ‘All of Hollybrook Hospital’",
            "End date must be a real date"
        ]
    );
    let form = page
        .form("memberships/save-role")
        .clear("areas[]", "all")
        .fill("end_day", "28");
    let page = browser.submit(&form, "Save changes").await.is(JANE).clone();
    assert!(page.text().contains("You changed Jane Carlton’s role"));
    page.says("Undo (change Jane Carlton back to Viewer)");
    assert!(page.text().contains("Until 28 February 2027"));
    ward.lanyard.clock.advance(chrono::TimeDelta::minutes(1));
    let way = page.link("Remove role Contributor");
    let page = browser.open(&way).await;
    assert!(page.text().contains("This is their last role"));
    let form = page.form("memberships/remove-role");
    let page = browser.submit(&form, "Remove role").await;
    assert!(page.text().contains("No role yet."));
    let undo = page.form("memberships/undo");
    let page = browser.submit(&undo, "").await;
    assert!(page.text().contains("Until 28 February 2027"));
}

/// J37, J38, J40, J41: new beside old, changed only after that; the second of two hears of the first.
#[tokio::test]
async fn details_are_checked_before_they_are_changed() {
    let mut ward = Ward::new().await;
    let person = ward.person();
    let browser = &mut ward.browser;
    browser.open(&format!("{person}/details")).await;
    let form = browser.current().form("memberships/check-details");
    let page = browser
        .submit(&form.fill("last_name", ""), "Continue")
        .await;
    assert_eq!(page.errors(), ["Enter a last name"]);
    let form = page.form("memberships/check-details");
    let page = browser
        .submit(&form.fill("last_name", "Brook-Ellis"), "Continue")
        .await
        .is("Check the changes to Jane Carlton’s details")
        .clone();
    assert!(page.text().contains("Brook-Ellis") && page.text().contains("Carlton"));
    let mut other = browser.clone();
    let form = page.form("memberships/change-details");
    let done = browser.submit(&form, "Save changes").await;
    assert!(
        done.is("User at Hollybrook Hospital Jane Brook-Ellis")
            .text()
            .contains("You have changed Jane Brook-Ellis’s details")
    );
    let page = other.submit(&form.fill("last_name", "Charlton"), "").await;
    assert_eq!(page.status, StatusCode::OK);
    // Both are there to choose from.
    page.is("Someone else has changed Jane Brook-Ellis’s details")
        .says("Their change")
        .says("Your change")
        .says("Brook-Ellis")
        .says("Charlton")
        .says("Use their change");
    let form = page.form("memberships/change-details");
    other
        .submit(&form, "Save my change")
        .await
        .is("User at Hollybrook Hospital Jane Charlton");
}

/// Requirements 3: of two administrators who change one role, the second sees what it is now, on a page that
/// is there, and nothing of theirs is saved unseen.
#[tokio::test]
async fn a_role_that_somebody_else_changed_is_shown() {
    let mut ward = Ward::new().await;
    let person = ward.person();
    let (contributor, viewer) = (ward.role("contributor").await, ward.role("viewer").await);
    let browser = &mut ward.browser;
    browser.open(&person).await;
    let page = browser.follow("Change role").await;
    let mut other = browser.clone();
    let form = page.form("memberships/save-role");
    let mine = form.clone().choose("role", &contributor);
    browser
        .submit(&mine, "Save changes")
        .await
        .says("Contributor");
    let late = other
        .submit(&form.choose("role", &viewer), "Save changes")
        .await;
    late.is("User at Hollybrook Hospital Jane Carlton")
        .says("Someone else has changed this")
        .says("Contributor");
    // Another change of the same person leaves the role where it is.
    let page = browser.follow("Change role").await;
    let form = page.form("memberships/save-role");
    other.open(&format!("{person}/details")).await;
    let details = other.current().form("memberships/check-details");
    let page = other.submit(&details.fill("notes", "Bank nurse"), "").await;
    let details = page.form("memberships/change-details");
    other.submit(&details, "Save changes").await;
    let late = browser
        .submit(&form.choose("role", &viewer), "Save changes")
        .await;
    late.is("Change what Jane Carlton can do")
        .says("Jane Carlton has now: Contributor, In the whole organisation.");
    let form = late.form("memberships/save-role");
    assert_eq!(form.value("role"), Some(viewer.as_str()));
}

/// J05, J36, R64, R65, R72: the pages and the doors of change, for those whom they are not for.
#[tokio::test]
async fn doors_stay_shut() {
    let ward = Ward::new().await;
    ward.tools.organisation("RX2", "Rosebush Hospital").await;
    let bo = ward.tools.administrator("rx2", "bo.ash@nhs.net").await;
    let lee = ward
        .tools
        .member("rx1", "lee.ward@nhs.net", "manager")
        .await;
    let person = ward.person();
    let jane = ward.jane.user().to_string();
    let assignment = {
        let page = ward
            .lanyard
            .services
            .user_page(&lee, "rx1", ward.jane.user());
        page.await.unwrap().roles[0].assignment.to_string()
    };
    let pages = [
        "deactivate",
        "reactivate",
        "details",
        "details/check",
        "roles/add",
        &format!("roles/{assignment}/change"),
        &format!("roles/{assignment}/remove"),
    ];
    for (who, slug, expected) in [
        (&lee, "rx1", StatusCode::FORBIDDEN),
        (&ward.jane, "rx1", StatusCode::FORBIDDEN),
        (&bo, "rx1", StatusCode::NOT_FOUND),
        (&bo, "rx2", StatusCode::NOT_FOUND),
    ] {
        let mut browser = ward.browser_of(who).await;
        for page in pages {
            let path = format!("{person}/{page}").replace("/rx1/", &format!("/{slug}/"));
            let shown = browser.open(&path).await;
            assert_eq!(shown.status, expected, "{path} for {}", who.name());
        }
        for (door, fields) in [
            (
                "deactivate",
                vec![("confirm", "yes"), ("reason", "on_leave")],
            ),
            ("reactivate", vec![("confirm", "yes"), ("access", "same")]),
            ("reactivate-as", vec![("version", "0"), ("role", "x")]),
            ("save-role", vec![("version", "0"), ("role", "x")]),
            ("remove-role", vec![("assignment", assignment.as_str())]),
            (
                "change-details",
                vec![("version", "0"), ("first_name", "A"), ("last_name", "B")],
            ),
            (
                "undo",
                vec![("change", "h-0192f0c1a2b37c4d8e5f60718293a4b5")],
            ),
        ] {
            let mut fields = fields;
            fields.push(("org", slug));
            if door != "undo" {
                fields.push(("user", jane.as_str()));
            }
            let door_name = format!("memberships/{door}");
            let (status, _) = browser.call(&door_name, &fields).await;
            let expected = if door == "undo" {
                StatusCode::NOT_FOUND
            } else {
                expected
            };
            assert_eq!(status, expected, "{door} for {}", who.name());
        }
    }
    let mut browser = ward.browser_of(&lee).await;
    let page = browser.open(&person).await;
    assert!(!page.text().contains("Deactivate") && !page.text().contains("Change"));
}

/// R21, R72: a post with a field that its form does not have, or with one twice, changes nothing.
#[tokio::test]
async fn forged_fields_are_refused() {
    let mut ward = Ward::new().await;
    let jane = ward.jane.user().to_string();
    let contributor = ward.role("contributor").await;
    let assignment = {
        let sam = ward.tools.administrator("rx1", "robin.hill@nhs.net").await;
        let page = ward
            .lanyard
            .services
            .user_page(&sam, "rx1", ward.jane.user());
        page.await.unwrap().roles[0].assignment.to_string()
    };
    let base = [("org", "rx1"), ("user", jane.as_str())];
    for (door, fields) in [
        (
            "deactivate",
            vec![("confirm", "yes"), ("reason", "on_leave")],
        ),
        (
            "save-role",
            vec![
                ("version", "0"),
                ("role", contributor.as_str()),
                ("areas[]", "all"),
            ],
        ),
        ("remove-role", vec![("assignment", assignment.as_str())]),
        (
            "change-details",
            vec![("version", "0"), ("first_name", "A"), ("last_name", "B")],
        ),
    ] {
        for forged in [
            ("status", "active"),
            ("email", "else@nhs.net"),
            ("org", "rx2"),
            ("user[]", "u-1"),
            ("granted_by", "me"),
        ] {
            let mut fields = fields.clone();
            fields.extend(base);
            fields.push(forged);
            let name = format!("memberships/{door}");
            let (status, _) = ward.browser.call(&name, &fields).await;
            assert!(status.is_client_error(), "{door} with {forged:?}: {status}");
        }
    }
    let person = ward.person();
    let page = ward.browser.open(&person).await;
    page.is(JANE).says("Active").says("Viewer");
}
