//! Inviting many people, with forms and without JavaScript.

use axum::http::StatusCode;
use service::{Actor, testing::Harness};
use store::AreaRow;

use crate::{
    browser::Browser,
    harness::{Lanyard, link},
};

/// Hollybrook Hospital with two areas, Sam Okoro who administers it, and Sam's browser.
struct Hall {
    lanyard: Lanyard,
    tools: Harness,
    sam: Actor,
    browser: Browser,
}

impl Hall {
    async fn new() -> Self {
        let lanyard = Lanyard::new().await;
        let tools = Harness {
            services: lanyard.services.clone(),
            clock: lanyard.clock.clone(),
        };
        let organisation = tools.organisation("RX1", "Hollybrook Hospital").await;
        let sam = tools.administrator("rx1", "sam.okoro@nhs.net").await;
        let mut tx = lanyard.services.store().write().await.unwrap();
        let id = |n| domain::AreaId::from_uuid(uuid::Uuid::from_u128(n));
        let area = |n, parent: Option<u128>, name: &str| AreaRow {
            id: id(n),
            organisation_id: organisation,
            parent_id: parent.map(id),
            name: name.to_owned(),
            kind: "service area".to_owned(),
            position: 0,
            closed_at: None,
        };
        tx.insert_areas(&[
            area(1, None, "Community nursing"),
            area(2, Some(1), "North team"),
        ])
        .await
        .unwrap();
        tx.commit().await.unwrap();
        let mut browser = lanyard.browser();
        browser.set_cookie("session", &tools.session(&sam).await);
        Self {
            lanyard,
            tools,
            sam,
            browser,
        }
    }

    /// From the question before the journey to its first page.
    async fn start(&mut self, how: &str) {
        self.browser
            .open("/o/rx1/users/add")
            .await
            .is("How do you want to add users?");
        let form = self.browser.current().form("invitations/start");
        self.browser.submit(&form.choose("how", how), "").await;
    }

    async fn answer(&mut self, step: &str, name: &str, value: &str) {
        let form = self
            .browser
            .current()
            .form(&format!("invitations/answer-{step}"));
        self.browser
            .submit(&form.fill(name, value), "Continue")
            .await;
    }

    async fn choose(&mut self, step: &str, name: &str, value: &str) {
        let form = self
            .browser
            .current()
            .form(&format!("invitations/answer-{step}"));
        self.browser
            .submit(&form.choose(name, value), "Continue")
            .await;
    }

    async fn role(&self, key: &str) -> String {
        let mut tx = self.lanyard.services.store().read().await.unwrap();
        let organisation = tx.organisation_by_slug("rx1").await.unwrap().unwrap();
        let roles = tx.roles(organisation.id).await.unwrap();
        let role = roles.iter().find(|role| role.key == key).unwrap();
        role.id.to_string()
    }

    /// Invites a list without problems as viewers of everything.
    async fn invite(&mut self, emails: &str) {
        self.start("several").await;
        self.answer("emails", "emails", emails).await;
        let viewer = self.role("viewer").await;
        self.choose("role", "role", &viewer).await;
        self.choose("areas", "areas[]", "all").await;
        self.answer("message", "message", "").await;
        let form = self.browser.current().form("invitations/send");
        self.browser.submit(&form, "Send").await;
    }
}

/// B01 to B12, D4: from the pasted list to the mails, every page with its errors and its words.
#[tokio::test]
async fn many_people_are_invited_without_javascript() {
    let mut hall = Hall::new().await;
    hall.browser.open("/o/rx1/users/add").await;
    let form = hall.browser.current().form("invitations/start");
    let page = hall.browser.submit(&form, "").await;
    assert_eq!(page.errors(), ["Select how you want to add users"]);
    assert!(
        page.title()
            .starts_with("Error: How do you want to add users? – Hollybrook Hospital")
    );

    hall.start("several").await;
    hall.browser
        .current()
        .is("Invite users Who do you want to invite?");
    hall.answer("emails", "emails", " \n ").await;
    let page = hall.browser.current();
    assert_eq!(page.errors(), ["Enter at least 1 email address"]);
    let pasted =
        "jane@nhs.net; Bo <bo@nhs.net>\nnia@nhs.ent\nnobody\nbo@nhs.net\nsam.okoro@nhs.net";
    hall.answer("emails", "emails", pasted).await;
    let page = hall.browser.current();
    page.is("Invite users Check these email addresses")
        .says("2 people ready to invite")
        .says("2 lines need checking")
        .says("“nobody” has no @ sign")
        .says("1 person already has access")
        .says("Sam Okoro (sam.okoro@nhs.net): Administrator")
        .says("1 repeated address: we will use it once.");

    // Every line that is not settled is named, and what was typed stays.
    let form = page.form("invitations/answer-problems");
    let form = form.fill("answers[fix_2]", "nobody@nhs");
    let page = hall.browser.submit(&form, "Continue").await;
    assert_eq!(
        page.errors(),
        [
            "Line 2: Select what to do with this email address",
            "Line 3: Enter an email address in the correct format, like name@nhs.net",
        ]
    );
    assert!(
        page.title()
            .starts_with("Error: Check these email addresses")
    );
    let form = page.form("invitations/answer-problems");
    assert_eq!(form.value("answers[fix_2]"), Some("nobody@nhs"));
    let form = form
        .choose("answers[skip_2]", "on")
        .choose("answers[choice_1]", "suggestion");
    hall.browser.submit(&form, "Continue").await;

    let page = hall.browser.current();
    page.is("Invite users What role will they have?")
        .says("The same role will be given to everyone in this list.")
        .says("Cannot approve records");
    let form = page.form("invitations/answer-role");
    let page = hall.browser.submit(&form, "Continue").await;
    assert_eq!(page.errors(), ["Select a role"]);
    let contributor = hall.role("contributor").await;
    hall.choose("role", "role", &contributor).await;

    let page = hall.browser.current();
    page.is("Invite users Where do they need access?")
        .says("All of Hollybrook Hospital");
    let (nursing, north) = (page_area(1), page_area(2));
    let form = page.form("invitations/answer-areas");
    let page = hall.browser.submit(&form, "Continue").await;
    assert_eq!(page.errors(), ["Select where they need access"]);
    let form = page.form("invitations/answer-areas");
    let form = form.choose("areas[]", "all").choose("areas[]", &north);
    let page = hall.browser.submit(&form, "Continue").await;
    assert_eq!(
        page.errors(),
        ["Select areas, or select ‘All of Hollybrook Hospital’"]
    );
    let form = page
        .form("invitations/answer-areas")
        .clear("areas[]", "all");
    let form = form.choose("areas[]", &nursing);
    hall.browser.submit(&form, "Continue").await;

    hall.browser
        .current()
        .is("Invite users Do you want to add a message? (optional)");
    hall.answer("message", "message", "See https://evil.example")
        .await;
    let page = hall.browser.current();
    assert_eq!(page.errors(), ["Message must not include a web address"]);
    hall.answer("message", "message", "Welcome to the ward.")
        .await;

    let page = hall.browser.current();
    page.is("Invite users Check and send 3 invitations")
        .says("Community nursing")
        .hides("North team")
        .says("Can add and edit records")
        .says("3 lines will be skipped")
        .says("Sam Okoro has invited you to join Hollybrook Hospital on Lanyard.")
        .says("Welcome to the ward.")
        .says("28 November 2026 at 9:30am");
    assert!(
        hall.lanyard.mail().await.is_empty(),
        "nothing is sent before this post"
    );
    let send = page.form("invitations/send");
    hall.browser.submit(&send, "Send 3 invitations").await;

    let page = hall.browser.current().clone();
    page.is("3 invitations sent")
        .says("3 lines were skipped")
        .says("Already a user");
    assert!(page.address.starts_with("/o/rx1/jobs/b-"));
}

fn page_area(n: u128) -> String {
    domain::AreaId::from_uuid(uuid::Uuid::from_u128(n)).to_string()
}

/// B08, B09: the page after sending tells how many, and each one that was not sent; its mails have
/// links that work; a second post finds the same result (R98).
#[tokio::test]
async fn the_result_is_told_and_a_repeat_finds_it() {
    let mut hall = Hall::new().await;
    hall.start("several").await;
    hall.answer("emails", "emails", "jane@nhs.net\nbo@nhs.net\nnobody")
        .await;
    let form = hall.browser.current().form("invitations/answer-problems");
    let form = form.choose("answers[skip_1]", "on");
    hall.browser.submit(&form, "Continue").await;
    let viewer = hall.role("viewer").await;
    hall.choose("role", "role", &viewer).await;
    hall.choose("areas", "areas[]", "all").await;
    hall.answer("message", "message", "").await;
    let check = hall.browser.current().clone();
    let send = check.form("invitations/send");
    let page = hall.browser.submit(&send, "Send 2 invitations").await;
    page.is("2 invitations sent")
        .says("2 emails are waiting to be sent.")
        .says("1 line was skipped")
        .says("nobody")
        .says("Not an email address")
        .says("Send more invites");
    let again = hall.browser.submit(&send, "Send 2 invitations").await;
    assert_eq!(again.address, page.address);
    let mail = hall.lanyard.mail().await;
    assert_eq!(mail.len(), 2);
    let page = hall.browser.open(&page.address).await;
    page.is("2 invitations sent").hides("waiting to be sent");
    assert!(link(&mail[0]).starts_with("/invitations/inv_"));
    // The pages of the journey lead to its result.
    let emails = check.link("Change people");
    let back = hall.browser.open(&emails).await;
    assert_eq!(back.address, page.address);
    // No live link anywhere in the product's own answers (CVE-2026-16072).
    assert!(!page.html.contains("inv_") && !check.html.contains("inv_"));

    // B06: more people, with the same role and areas.
    let form = page.form("invitations/send-more");
    hall.browser.open(&page.address).await;
    hall.browser.submit(&form, "Send more invites").await;
    hall.browser
        .current()
        .is("Invite users Who do you want to invite?");
    hall.answer("emails", "emails", "nia@nhs.net").await;
    hall.browser
        .current()
        .is("Invite users Do you want to add a message? (optional)");
    hall.browser
        .open("/o/rx1/jobs")
        .await
        .says("2 invitations as Viewer")
        .says("Finished");
}

/// Ux 6.25: a large batch has a page with its progress and a link to look again; it can be left
/// and come back to, and stopped.
#[tokio::test]
async fn a_large_batch_can_be_watched_without_javascript() {
    let mut hall = Hall::new().await;
    let list: Vec<String> = (0..250).map(|n| format!("person{n}@nhs.net")).collect();
    hall.invite(&list.join("\n")).await;
    let page = hall.browser.current().clone();
    page.is("Sending invitations")
        .says("0 of 250 sent")
        .says("You can leave this page. We will email you when it is finished.");
    assert!(
        page.title()
            .starts_with("0 of 250 sent – Sending invitations")
    );
    assert!(!page.html.contains("http-equiv=\"refresh\""));
    hall.lanyard.services.process_batch_step().await.unwrap();
    let stop = hall
        .browser
        .follow("Refresh this page")
        .await
        .form("jobs/stop");
    hall.browser.submit(&stop, "Stop sending").await;
    hall.browser
        .current()
        .says("You stopped sending. What was sent before stays sent");
    hall.lanyard.mail().await;
    let page = hall.browser.open(&page.address).await;
    page.is("200 of 250 invitations sent")
        .says("50 email addresses not sent")
        .says("Sending was stopped")
        .says("Try the 50 again");
    hall.lanyard.newest_mail("sam.okoro@nhs.net").await;
    let csv = hall
        .browser
        .fetch_results(&page.link("Download results"))
        .await;
    assert_eq!(csv.lines().count(), 251);
}

impl Browser {
    async fn fetch_results(&mut self, address: &str) -> String {
        let file = self.open(address).await;
        assert_eq!(file.status, StatusCode::OK);
        assert!(
            file.headers["content-disposition"]
                .to_str()
                .unwrap()
                .starts_with("attachment")
        );
        file.html
    }
}

/// A17, B22, E7: an invitation is sent again from its page, and cancelled after a question.
#[tokio::test]
async fn an_invitation_is_sent_again_and_cancelled() {
    let mut hall = Hall::new().await;
    hall.invite("bo@nhs.net").await;
    let first = hall.lanyard.newest_mail("bo@nhs.net").await;
    let mut tx = hall.lanyard.services.store().read().await.unwrap();
    let bo = tx
        .user_by_email_key("bo@nhs.net")
        .await
        .unwrap()
        .unwrap()
        .id;
    drop(tx);
    let address = format!("/o/rx1/users/{bo}/invitation");
    let page = hall.browser.open(&address).await;
    page.is("bo@nhs.net Send invitation again")
        .says("You have just sent this message")
        .hides("The new link works until");
    hall.lanyard.clock.advance(chrono::TimeDelta::minutes(2));
    let page = hall.browser.open(&address).await;
    page.says("The new link works until 28 November 2026 at 9:32am. The old link stops at once.");
    let form = page.form("invitations/resend");
    hall.browser.submit(&form, "Send invitation again").await;
    let second = hall.lanyard.newest_mail("bo@nhs.net").await;
    assert_ne!(link(&first), link(&second));
    let mut stranger = hall.lanyard.browser();
    stranger
        .open(&link(&first))
        .await
        .says("replaced by a newer one");
    stranger
        .open(&link(&second))
        .await
        .says("Hollybrook Hospital");

    let page = hall.browser.open(&address).await;
    page.link("Cancel invitation");
    let page = hall.browser.follow("Cancel invitation").await;
    page.is("Are you sure you want to cancel the invitation to bo@nhs.net?");
    let form = page.form("invitations/cancel");
    hall.browser.submit(&form, "Cancel invitation").await;
    stranger.open(&link(&second)).await.says("cancelled");
    let page = hall.browser.open(&address).await;
    assert_eq!(page.status, StatusCode::NOT_FOUND);
}

/// ux E7, 6.5: cancelling an invitation is taken back from the banner and from activity, with a new link;
/// pressed again Undo says that this is done.
#[tokio::test]
async fn cancelling_is_taken_back() {
    let mut hall = Hall::new().await;
    hall.invite("bo@nhs.net").await;
    let first = hall.lanyard.newest_mail("bo@nhs.net").await;
    let cancel = async |hall: &mut Hall| {
        hall.browser.open("/o/rx1/users?status=pending").await;
        let page = hall.browser.follow("Cancel the invitation of").await;
        let form = page.form("invitations/cancel");
        hall.browser.submit(&form, "Cancel invitation").await
    };
    let page = cancel(&mut hall).await;
    page.says("You cancelled the invitation to bo@nhs.net")
        .says("Undo (invite bo@nhs.net again)");
    let undo = page.form("memberships/undo");
    let page = hall.browser.submit(&undo, "").await;
    page.says("We have sent the invitation to bo@nhs.net again");
    let second = hall.lanyard.newest_mail("bo@nhs.net").await;
    let page = hall.browser.submit(&undo, "").await;
    page.says("The change to bo@nhs.net has been undone already");
    let mut stranger = hall.lanyard.browser();
    stranger.open(&link(&first)).await.says("cancelled");
    stranger
        .open(&link(&second))
        .await
        .says("Hollybrook Hospital");
    hall.lanyard.clock.advance(chrono::TimeDelta::minutes(11));
    cancel(&mut hall).await;
    let page = hall.browser.open("/o/rx1/activity").await;
    page.says("Cancelled invitation sent again to bo@nhs.net");
    let undo = page.form("memberships/undo");
    let page = hall.browser.submit(&undo, "").await;
    page.says("We have sent the invitation to bo@nhs.net again");
    let page = hall.browser.open("/o/rx1/activity").await;
    page.hides("Undo (invite");
}

/// D2, R63: whoever may invite one person is not offered several; whoever may not invite sees a
/// page that says so; nobody sees anything of another organisation (R65).
#[tokio::test]
async fn the_pages_are_for_those_who_may_invite() {
    let mut hall = Hall::new().await;
    hall.invite("bo@nhs.net").await;
    let job = hall.browser.current().address.clone();
    let manager = hall
        .tools
        .member("rx1", "mo.manager@nhs.net", "manager")
        .await;
    let viewer = hall
        .tools
        .member("rx1", "vi.viewer@nhs.net", "viewer")
        .await;
    hall.tools.organisation("RX2", "Rosebush Hospital").await;
    let ros = hall.tools.administrator("rx2", "ros.smith@nhs.net").await;
    let mut browser = hall.lanyard.browser();
    browser.set_cookie("session", &hall.tools.session(&manager).await);
    browser
        .open("/o/rx1/users/add")
        .await
        .says("One person")
        .hides("Several people at once");
    let (status, _) = browser
        .call("invitations/start", &[("org", "rx1"), ("how", "several")])
        .await;
    assert_eq!(status, StatusCode::FORBIDDEN);
    browser.set_cookie("session", &hall.tools.session(&viewer).await);
    let page = browser.open("/o/rx1/users/add").await;
    // J05: and it names who can help.
    page.is("You cannot view this page")
        .says("ask one of these people to change your access: Sam Okoro.");
    assert_eq!(page.status, StatusCode::FORBIDDEN);
    browser.set_cookie("session", &hall.tools.session(&ros).await);
    for address in [
        job.clone(),
        job.replace("rx1", "rx2"),
        "/o/rx1/jobs".to_owned(),
    ] {
        let page = browser.open(&address).await;
        assert_eq!(
            page.status,
            StatusCode::NOT_FOUND,
            "{address}: {}",
            page.text()
        );
    }
    browser.forget();
    let page = browser.open(&job).await;
    assert!(
        page.address.starts_with("/sign-in?return-to="),
        "{}",
        page.address
    );
    let _ = &hall.sam;
}

/// Bad input of issue 2: too many, far too much, binary, controls, directions, and look-alikes.
#[tokio::test]
async fn bad_lists_are_told_and_kept() {
    let mut hall = Hall::new().await;
    hall.start("several").await;
    let many: Vec<String> = (0..10_612).map(|n| format!("p{n}@nhs.net")).collect();
    hall.answer("emails", "emails", &many.join("\n")).await;
    let page = hall.browser.current().clone();
    assert_eq!(
        page.errors(),
        ["You entered 10,612 email addresses. Enter 10,000 or fewer"]
    );
    let kept = page.form("invitations/answer-emails");
    assert!(kept.value("emails").unwrap().contains("p10611@nhs.net"));
    let form = kept.fill("emails", &"x".repeat(20 * 1024 * 1024));
    let page = hall.browser.submit(&form, "Continue").await;
    assert_eq!(page.status, StatusCode::PAYLOAD_TOO_LARGE);
    page.says("You entered too much at once");
    hall.start("several").await;
    let odd =
        "bo@nhs.net\n\u{0}\u{1}\u{7f}PNG\u{fffd}\n\u{202e}ten.shn@enaj\njаne@nhs.net\njane@nһs.net";
    hall.answer("emails", "emails", odd).await;
    hall.browser
        .current()
        .is("Invite users Check these email addresses")
        .says("1 person ready to invite");
}
