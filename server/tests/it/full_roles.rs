//! Limited roles, with forms and without JavaScript: what is said before the choice, and to whoever finds no
//! place left (requirements, section 3).

use service::{Actor, presets::Preset, testing::Harness};

use crate::{
    browser::{Browser, Page},
    harness::Lanyard,
    html,
};

/// The names of super users, the first of whom is at the browser.
const SUPERS: [&str; 7] = ["sam", "al", "bo", "cy", "di", "ed", "flo"];
/// As the refusal names six of them and Gus, who came in between.
const HELD: &str = "All 7 Super user places are held by Al Ash, Bo Ash, Cy Ash, Di Ash, Ed Ash, Gus Ash and Sam Ash.";

/// Elm Trust, where a person has one role and at most 7 are super users; Jane Lee, a team manager; Sam's
/// browser.
struct Trust {
    lanyard: Lanyard,
    tools: Harness,
    supers: Vec<Actor>,
    jane: Actor,
    browser: Browser,
}

impl Trust {
    /// With so many super users.
    async fn new(count: usize) -> Self {
        let lanyard = Lanyard::new().await;
        let tools = Harness {
            services: lanyard.services.clone(),
            clock: lanyard.clock.clone(),
        };
        tools
            .organisation_of(Preset::NhsJobs, "NJ1", "Elm Trust")
            .await;
        let mut supers = Vec::new();
        for name in &SUPERS[..count] {
            let email = format!("{name}.ash@nhs.net");
            supers.push(tools.member("nj1", &email, "super-user").await);
        }
        let jane = tools.member("nj1", "jane.lee@nhs.net", "team-manager");
        let jane = jane.await;
        let mut browser = lanyard.browser();
        browser.set_cookie("session", &tools.session(&supers[0]).await);
        Self {
            lanyard,
            tools,
            supers,
            jane,
            browser,
        }
    }

    /// Somebody else takes a place.
    async fn gus_comes(&self) {
        self.tools
            .member("nj1", "gus.ash@nhs.net", "super-user")
            .await;
    }

    async fn role(&self, key: &str) -> String {
        let mut tx = self.lanyard.services.store().read().await.unwrap();
        let place = tx.organisation_by_slug("nj1").await.unwrap().unwrap();
        let roles = tx.roles(place.id).await.unwrap();
        let role = roles.iter().find(|role| role.key == key).unwrap();
        role.id.to_string()
    }

    /// The page on which Jane's role is changed.
    async fn change_jane(&mut self) -> Page {
        let person = format!("/o/nj1/users/{}", self.jane.user());
        self.browser.open(&person).await;
        let page = self.browser.follow("Change role").await;
        page.is("Change what Jane Lee can do").clone()
    }

    /// Flo is deactivated, on the page that says so.
    async fn deactivate_flo(&mut self) -> Page {
        let flo = format!("/o/nj1/users/{}", self.supers[6].user());
        let page = self.browser.open(&format!("{flo}/deactivate")).await;
        let form = page
            .form("memberships/deactivate")
            .choose("confirm", "yes")
            .choose("reason", "on_leave");
        let page = self.browser.submit(&form, "Save and continue").await;
        page.is("Account deactivated").clone()
    }
}

/// The page names who holds the places, leads to them, and every line of its error summary leads somewhere.
#[track_caller]
fn names_who_holds_the_places(page: &Page) {
    page.says(HELD);
    let way = page.link("See who has the role Super user");
    assert_eq!(way, "/o/nj1/users?role=super-user");
    for (tag, words) in html::elements(&page.html, |tag| tag.name == "a") {
        let Some(id) = tag
            .attribute("href")
            .and_then(|href| href.strip_prefix('#'))
        else {
            continue;
        };
        let there = html::elements(&page.html, |tag| tag.attribute("id") == Some(id));
        assert!(
            !there.is_empty(),
            "{words} leads to {id}, which is not there"
        );
    }
}

const FULL: [&str; 1] = ["Select a different role. All 7 Super user roles are in use"];

/// J26, J27, ux F1: the limit and what is left stand before the choice; for several people in the words of what
/// is done to them.
#[tokio::test]
async fn the_limit_is_told_before_the_choice() {
    let mut trust = Trust::new(3).await;
    let page = trust.change_jane().await;
    page.says("You can only have 7 super users. 4 of 7 places left");
    let mut people = vec![trust.jane.clone()];
    for n in 0..5 {
        let email = format!("kim.adler{n}@nhs.net");
        people.push(trust.tools.member("nj1", &email, "team-manager").await);
    }
    let page = trust.browser.open("/o/nj1/users").await;
    let mut form = page.form("bulk/start");
    for person in &people {
        form = form.choose("select[]", &person.user().to_string());
    }
    let page = trust.browser.submit(&form, "Change role").await;
    page.is("Change several users What role will they have?")
        .says("You can only have 7 super users. 4 of 7 places left. You are changing 6 people, so up to 2 of them will not get this role")
        .hides("inviting");
}

/// J25, J39, E4: the last place is taken between the question and the page that asks why, and between that
/// page and its button.
#[tokio::test]
async fn whoever_gives_a_full_role_reads_who_holds_the_places() {
    let mut trust = Trust::new(6).await;
    let super_user = trust.role("super-user").await;
    let page = trust.change_jane().await;
    let question = page
        .form("memberships/save-role")
        .choose("role", &super_user);
    let page = trust.browser.submit(&question, "Save changes").await;
    page.is("Check and give Jane Lee the role Super user");
    let check = page
        .form("memberships/save-role")
        .fill("reason", "Covers for Flo");
    trust.gus_comes().await;
    let page = trust.browser.submit(&check, "Give this role").await;
    assert_eq!(page.errors(), FULL);
    names_who_holds_the_places(&page);
    trust.change_jane().await;
    let page = trust.browser.submit(&question, "Save changes").await;
    page.is("Change what Jane Lee can do")
        .says("You can only have 7 super users. No places left. See who has this role");
    assert_eq!(page.errors(), FULL);
    names_who_holds_the_places(&page);
}

/// A09: one more role, for somebody who has none.
#[tokio::test]
async fn whoever_adds_a_full_role_reads_who_holds_the_places() {
    let mut trust = Trust::new(6).await;
    let super_user = trust.role("super-user").await;
    let person = format!("/o/nj1/users/{}", trust.jane.user());
    trust.browser.open(&person).await;
    let page = trust.browser.follow("Remove role").await;
    let form = page.form("memberships/remove-role");
    trust.browser.submit(&form, "Remove role").await;
    let page = trust.browser.open(&format!("{person}/roles/add")).await;
    let form = page
        .form("memberships/save-role")
        .choose("role", &super_user);
    trust.gus_comes().await;
    let page = trust.browser.submit(&form, "Continue").await;
    assert_eq!(page.errors(), FULL);
    names_who_holds_the_places(&page);
}

/// J51, ux E6: a full role is marked, who holds the places is said, and another role is still offered: before
/// the question and when the place is taken meanwhile.
#[tokio::test]
async fn whoever_brings_somebody_back_reads_who_holds_the_places() {
    let mut trust = Trust::new(7).await;
    let flo = format!("/o/nj1/users/{}", trust.supers[6].user());
    trust.deactivate_flo().await;
    let page = trust.browser.open(&format!("{flo}/reactivate")).await;
    let same = page
        .form("memberships/reactivate")
        .choose("confirm", "yes")
        .choose("access", "same");
    let page = trust
        .browser
        .open(&format!("{flo}/reactivate?access=new"))
        .await;
    let super_user = trust.role("super-user").await;
    let other = page
        .form("memberships/reactivate-as")
        .choose("role", &super_user)
        .fill("reason", "Comes back");
    trust.gus_comes().await;
    let page = trust.browser.submit(&other, "Reactivate Flo Ash").await;
    assert_eq!(page.errors(), FULL);
    names_who_holds_the_places(&page);
    trust.browser.open(&format!("{flo}/reactivate")).await;
    let page = trust.browser.submit(&same, "Save and continue").await;
    assert_eq!(page.errors(), FULL);
    page.says("No longer available: no places left")
        .says("Choose another role, or make a place by changing someone else’s role.");
    names_who_holds_the_places(&page);
    let way = page.link("Reactivate as another role");
    assert_eq!(way, format!("{flo}/reactivate?access=new"));
}

/// ux 6.5: what cannot be taken back for want of a place says so, and about no field.
#[tokio::test]
async fn whoever_undoes_without_a_place_reads_who_holds_them() {
    let mut trust = Trust::new(7).await;
    let page = trust.deactivate_flo().await;
    let undo = page.form("memberships/undo");
    trust.gus_comes().await;
    let page = trust.browser.submit(&undo, "").await;
    page.says("This cannot be undone. All 7 Super user roles are in use");
    names_who_holds_the_places(&page);
}

/// J25: adding one person, up to the page of answers.
#[tokio::test]
async fn whoever_adds_a_person_reads_who_holds_the_places() {
    let mut trust = Trust::new(6).await;
    let super_user = trust.role("super-user").await;
    let browser = &mut trust.browser;
    let page = browser.open("/o/nj1/users/add").await;
    let form = page.form("invitations/start").choose("how", "one");
    let page = browser.submit(&form, "Continue").await;
    let form = page
        .form("one-person/answer-email")
        .fill("email", "new.starter@nhs.net");
    let page = browser.submit(&form, "Continue").await;
    let form = page
        .form("one-person/answer-details")
        .fill("first_name", "New")
        .fill("last_name", "Starter")
        .fill("job_title", "Clerk");
    let page = browser.submit(&form, "Continue").await;
    page.says("You can only have 7 super users. 1 of 7 places left");
    let form = page
        .form("one-person/answer-role")
        .choose("role", &super_user);
    let page = browser.submit(&form, "Continue").await;
    let form = page.form("one-person/add");
    trust.gus_comes().await;
    let page = trust.browser.submit(&form, "Send invitation").await;
    assert_eq!(page.errors(), FULL);
    names_who_holds_the_places(&page);
}

/// F1: of three for whom there is one place two are left out, and the page says who holds the others.
#[tokio::test]
async fn whoever_changes_many_reads_who_holds_the_places() {
    let mut trust = Trust::new(6).await;
    let super_user = trust.role("super-user").await;
    let mut people = vec![trust.jane.clone()];
    for n in 0..2 {
        let email = format!("kim.adler{n}@nhs.net");
        people.push(trust.tools.member("nj1", &email, "team-manager").await);
    }
    let page = trust.browser.open("/o/nj1/users").await;
    let mut form = page.form("bulk/start");
    for person in &people {
        form = form.choose("select[]", &person.user().to_string());
    }
    let page = trust.browser.submit(&form, "Change role").await;
    let form = page.form("bulk/answer-role").choose("role", &super_user);
    let page = trust.browser.submit(&form, "Continue").await;
    let reason = page
        .form("bulk/answer-role-reason")
        .fill("reason", "A new team");
    let page = trust.browser.submit(&reason, "Continue").await;
    page.says("2 of the 3 cannot be given this role because there are no places left in the role")
        .says("6 of 7 places for Super user are held by Al Ash, Bo Ash, Cy Ash, Di Ash, Ed Ash and Sam Ash.");
    assert_eq!(
        page.link("See who has the role Super user"),
        "/o/nj1/users?role=super-user"
    );
    let confirm = page.form("bulk/confirm");
    let page = trust.browser.submit(&confirm, "").await;
    page.says("2 users were left out")
        .says("All 7 Super user places are held by");
    let undo = page.form("bulk/undo");
    trust.browser.submit(&undo, "").await.is("1 change undone");
    // Now the question itself is late.
    let page = trust.browser.open("/o/nj1/users").await;
    let again = page
        .form("bulk/start")
        .choose("select[]", &people[0].user().to_string());
    let page = trust.browser.submit(&again, "Change role").await;
    let form = page.form("bulk/answer-role").choose("role", &super_user);
    trust.gus_comes().await;
    let page = trust.browser.submit(&form, "Continue").await;
    assert_eq!(page.errors(), FULL);
    names_who_holds_the_places(&page);
}
