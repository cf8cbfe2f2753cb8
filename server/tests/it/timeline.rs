//! What the timeline says about changes, and the way back from there, without JavaScript (ux 6.5, 6.32).

use domain::policy::{Field, FieldRule, FieldUse};
use service::{Actor, testing::Harness};
use store::AreaRow;

use crate::{browser::Browser, harness::Lanyard};

/// Hollybrook Hospital with two wards, Sam who administers it and has a browser, and Jane who reads there.
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
        let jane = tools.member("rx1", "jane.carlton@nhs.net", "viewer").await;
        let mut tx = lanyard.services.store().write().await.unwrap();
        let area = |n, name: &str| AreaRow {
            id: domain::AreaId::from_uuid(uuid::Uuid::from_u128(n)),
            organisation_id: organisation,
            parent_id: None,
            name: name.to_owned(),
            kind: "ward".to_owned(),
            position: 0,
            closed_at: None,
        };
        tx.insert_areas(&[area(3, "Ward 3"), area(5, "Ward 5")])
            .await
            .unwrap();
        let mut policy = tx.organisation(organisation).await.unwrap().unwrap().policy;
        let rule = policy
            .fields
            .entry(Field::JobTitle)
            .or_insert(FieldRule::HIDDEN);
        rule.usage = FieldUse::Optional;
        tx.update_policy(organisation, &policy).await.unwrap();
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

    /// Sam gives Jane another role, in both wards.
    async fn change_role(&mut self, key: &str) {
        let role = self.role(key).await;
        let page = self.browser.open(&self.person()).await;
        let way = page.link("Change role");
        let page = self.browser.open(&way).await;
        let mut form = page
            .form("memberships/save-role")
            .choose("role", &role)
            .clear("areas[]", "all");
        for n in [3, 5] {
            let id = domain::AreaId::from_uuid(uuid::Uuid::from_u128(n)).to_string();
            form = form.choose("areas[]", &id);
        }
        self.browser.submit(&form, "Save changes").await;
        self.tools.clock.advance(chrono::TimeDelta::minutes(1));
    }
}

/// ux 6.32, J1, E10: the timeline says what was changed, from what to what, where and why, by the names of
/// the time; the file says the same (R99).
#[tokio::test]
async fn the_timeline_says_what_was_changed() {
    let mut ward = Ward::new().await;
    let person = ward.person();
    ward.change_role("contributor").await;
    let browser = &mut ward.browser;
    let page = browser.open(&format!("{person}/details")).await;
    let form = page.form("memberships/check-details");
    let page = browser
        .submit(&form.fill("job_title", "Matron"), "Continue")
        .await;
    let form = page.form("memberships/change-details");
    browser.submit(&form, "Save changes").await;
    browser.open(&format!("{person}/deactivate")).await;
    let form = browser.current().form("memberships/deactivate");
    let form = form.choose("confirm", "yes").choose("reason", "on_leave");
    browser.submit(&form, "Save and continue").await;
    for address in ["/o/rx1/activity".to_owned(), format!("{person}/activity")] {
        let page = browser.open(&address).await;
        page.says("Role changed from Viewer to Contributor for Jane Carlton")
            .says("Ward 3, Ward 5.")
            .says("Job title added: Matron for Jane Carlton")
            .says("Jane Carlton was deactivated")
            .says("Reason: On leave")
            .says("by Sam Okoro");
    }
    // Names of the time: what roles and areas are called later is another matter.
    let page = browser.open("/o/rx1/activity.csv").await;
    let line = page
        .html
        .lines()
        .find(|line| line.contains("role_changed"))
        .unwrap();
    assert!(
        line.contains("Role changed from Viewer to Contributor for Jane Carlton,Sam Okoro,Jane Carlton,role_changed,\"Ward 3; Ward 5\",,"),
        "{line}"
    );
    assert!(
        page.html
            .contains("Job title added: Matron for Jane Carlton")
    );
    assert!(page.html.contains("membership_deactivated,,On leave,"));
}

/// ux C2: home has what was done last to one person too, and the way to bulk work before there was any.
#[tokio::test]
async fn home_tells_what_was_done_last() {
    let mut ward = Ward::new().await;
    ward.change_role("contributor").await;
    let page = ward.browser.open("/o/rx1").await;
    page.says("Role changed from Viewer to Contributor for Jane Carlton");
    assert_eq!(page.link("See all bulk work"), "/o/rx1/jobs");
    // Not for whoever may do none.
    let mut jane = ward.lanyard.browser();
    jane.set_cookie("session", &ward.tools.session(&ward.jane).await);
    jane.open("/o/rx1").await.hides("bulk work");
}
