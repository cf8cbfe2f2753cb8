//! From the link in the email to Active, with forms and without JavaScript.

use axum::http::{Method, StatusCode};
use domain::{id::DraftId, policy::EmailDomains};
use server::mail::Message;
use service::{Actor, By, RequestInfo, invitations::At, testing::Harness};
use std::sync::Arc;

use crate::{
    browser::{Browser, Page},
    harness::{Lanyard, code, link},
};

const PASSWORD: &str = "three quiet herons";

impl Lanyard {
    /// Tools of the use cases over this installation.
    fn tools(&self) -> Harness {
        Harness {
            services: self.services.clone(),
            clock: self.clock.clone(),
        }
    }

    /// Hollybrook Hospital, and Sam Okoro who administers it.
    async fn hospital(&self) -> Actor {
        let tools = self.tools();
        tools.organisation("RX1", "Hollybrook Hospital").await;
        tools.administrator("rx1", "sam.okoro@nhs.net").await
    }

    /// Sam invites somebody; the message that comes of it.
    async fn invite(&self, sam: &Actor, email: &str, role: &str) -> Arc<Message> {
        let services = &self.services;
        let draft = services.start_invite(sam, "rx1").await.unwrap();
        services
            .answer_emails(sam, "rx1", draft, email)
            .await
            .unwrap();
        let mut tx = services.store().read().await.unwrap();
        let organisation = tx.organisation_by_slug("rx1").await.unwrap().unwrap();
        let roles = tx.roles(organisation.id).await.unwrap();
        drop(tx);
        let role = roles.iter().find(|known| known.key == role).unwrap();
        let role = role.id.to_string();
        services
            .answer_role(sam, "rx1", draft, &role)
            .await
            .unwrap();
        let _ = services
            .answer_areas(sam, "rx1", draft, vec!["all".to_owned()])
            .await;
        services
            .answer_message(sam, "rx1", draft, "")
            .await
            .unwrap();
        let version = self.version(sam, draft).await;
        services
            .send_invitations(sam, "rx1", draft, version)
            .await
            .unwrap();
        while services.process_batch_step().await.unwrap() {}
        self.newest_mail(email).await
    }

    async fn version(&self, sam: &Actor, draft: DraftId) -> i64 {
        match self.services.invite_check(sam, "rx1", draft).await.unwrap() {
            At::Here(check) => check.version,
            At::Elsewhere(_) => panic!("not at the last page"),
        }
    }
}

/// The heading of a question of the journey.
fn step(heading: &str) -> String {
    format!("Accept your invitation {heading}")
}

async fn give_details(browser: &mut Browser) -> Page {
    let form = browser.current().form("registration/details");
    let form = form
        .fill("first_name", "Jane")
        .fill("last_name", "Carlton")
        .fill("mobile", "07700 900 982")
        .fill("password", PASSWORD);
    browser.submit(&form, "").await
}

/// Everything after the details, with codes by email.
async fn finish(lanyard: &Lanyard, browser: &mut Browser, email: &str) -> Page {
    let form = browser.current().form("registration/codes-method");
    let page = browser
        .submit(&form.choose("codes_method", "email"), "")
        .await;
    page.is(&step("Check your email")).says(email);
    let sent = code(&*lanyard.newest_mail(email).await);
    let form = page.form("registration/confirm-code").fill("code", &sent);
    let page = browser.submit(&form, "").await;
    page.is(&step("Keep your recovery codes"));
    let form = page.form("registration/keep-recovery-codes");
    let page = browser.submit(&form, "").await;
    page.is(&step("Terms of use"))
        .says("Version 1.0")
        .says("Your account is for you alone");
    let form = page.form("registration/finish");
    browser.submit(&form, "").await
}

/// B12 to B16, A13, A14, R29: the whole way; the token leaves the address with the first post.
#[tokio::test]
async fn an_invited_person_registers() {
    let lanyard = Lanyard::new().await;
    let sam = lanyard.hospital().await;
    let message = lanyard
        .invite(&sam, "jane.carlton@nhs.net", "contributor")
        .await;
    let mut browser = lanyard.browser();
    let page = browser.open(&link(&message)).await;
    page.is("Hollybrook Hospital has invited you to Lanyard")
        .says("Sam Okoro")
        .says("Contributor")
        .says("28 November 2026")
        .says("add and edit records");
    assert_eq!(page.headers["referrer-policy"], "no-referrer");
    assert!(browser.cookie("registration").is_none(), "R18");

    let page = browser.submit(&page.form("registration/accept"), "").await;
    page.is(&step("Your details")).says("jane.carlton@nhs.net");
    assert!(!page.address.contains("inv_"), "R29: {}", page.address);
    assert!(browser.cookie("registration").is_some());
    let page = give_details(&mut browser).await;
    page.is(&step("How do you want to get codes?"));
    let page = finish(&lanyard, &mut browser, "jane.carlton@nhs.net").await;
    page.is("You are set up")
        .says("Sign in with jane.carlton@nhs.net");
    assert!(browser.cookie("session").is_none(), "A14");
    assert_eq!(
        page.link("Go to Hollybrook Hospital"),
        "/sign-in?return-to=/o/rx1"
    );

    // The link is used up, and says so.
    let page = lanyard.browser().open(&link(&message)).await;
    page.is("You have already accepted this invitation");
    // R15: nothing that the database holds opens it.
    let token = link(&message);
    let token = token.rsplit('/').next().unwrap();
    assert!(!lanyard.dump().contains(token));
    assert!(!lanyard.dump().contains(PASSWORD));
}

/// What was typed stays when it is refused, except the password; each error is in its words.
#[tokio::test]
async fn refused_details_keep_what_was_typed() {
    let lanyard = Lanyard::new().await;
    let sam = lanyard.hospital().await;
    let message = lanyard.invite(&sam, "jane.carlton@nhs.net", "viewer").await;
    let mut browser = lanyard.browser();
    let page = browser.open(&link(&message)).await;
    let page = browser.submit(&page.form("registration/accept"), "").await;
    let form = page.form("registration/details");
    let page = browser.submit(&form, "").await;
    page.is(&step("Your details"));
    assert_eq!(
        page.errors(),
        [
            "Enter your first name",
            "Enter your last name",
            "Enter your mobile phone number",
            "Enter a password"
        ]
    );
    assert!(page.title().starts_with("Error: "));
    let form = page
        .form("registration/details")
        .fill("first_name", "Jane")
        .fill("last_name", "Carlton")
        .fill("mobile", "+33 6 12 34 56 78")
        .fill("password", PASSWORD);
    let page = browser.submit(&form, "").await;
    assert_eq!(
        page.errors(),
        ["Enter a UK mobile phone number, like 07700 900 982"]
    );
    assert!(page.html.contains("value=\"Carlton\""));
    assert!(page.html.contains("+33 6 12 34 56 78"));
    assert!(!page.html.contains(PASSWORD));
    let page = give_details(&mut browser).await;
    page.is(&step("How do you want to get codes?"));
    let page = browser
        .submit(&page.form("registration/codes-method"), "")
        .await;
    assert_eq!(page.errors(), ["Select how you want to get codes"]);
}

/// R21: a form takes the fields that it has, each once; whoever adds one is turned away.
#[tokio::test]
async fn forged_fields_are_refused() {
    let lanyard = Lanyard::new().await;
    let sam = lanyard.hospital().await;
    let message = lanyard.invite(&sam, "jane.carlton@nhs.net", "viewer").await;
    let address = link(&message);
    let token = address.rsplit('/').next().unwrap().to_owned();
    let mut browser = lanyard.browser();
    for extra in ["email", "organisation", "role", "user_id", "token[]"] {
        let pairs = [("token", token.as_str()), (extra, "x")];
        let (status, _) = browser.call("registration/accept", &pairs).await;
        assert!(status.is_client_error(), "{extra}: {status}");
    }
    let twice = [("token", token.as_str()), ("token", token.as_str())];
    let (status, _) = browser.call("registration/accept", &twice).await;
    assert!(status.is_client_error(), "{status}");
    assert!(browser.cookie("registration").is_none());

    let (status, _) = browser
        .call("registration/accept", &[("token", &token)])
        .await;
    assert!(status.is_success(), "{status}");
    let details = [
        ("first_name", "Jane"),
        ("last_name", "Carlton"),
        ("mobile", "07700 900 982"),
        ("password", PASSWORD),
    ];
    for extra in ["email", "role", "organisation_id", "permissions[]"] {
        let mut pairs = details.to_vec();
        pairs.push((extra, "sam.okoro@nhs.net"));
        let (status, _) = browser.call("registration/details", &pairs).await;
        assert!(status.is_client_error(), "{extra}: {status}");
    }
    let (status, _) = browser.call("registration/details", &details).await;
    assert!(status.is_success(), "{status}");
}

/// R18: what a scanner asks with GET, HEAD or OPTIONS changes nothing.
#[tokio::test]
async fn links_are_safe_to_open() {
    let lanyard = Lanyard::new().await;
    let sam = lanyard.hospital().await;
    let message = lanyard.invite(&sam, "jane.carlton@nhs.net", "viewer").await;
    let path = link(&message);
    for method in [Method::GET, Method::HEAD, Method::OPTIONS] {
        for page in [
            "",
            "/not-for-me",
            "/your-details",
            "/terms",
            "/done",
            "/join",
        ] {
            let request = axum::http::Request::builder()
                .method(method.clone())
                .uri(format!("{path}{page}"))
                .header("accept", "text/html")
                .body(axum::body::Body::empty())
                .unwrap();
            let answer = lanyard.send(request).await;
            assert!(!answer.status.is_server_error(), "{method} {page}");
            assert!(
                answer.headers.get("set-cookie").is_none(),
                "{method} {page}"
            );
        }
    }
    for function in ["accept", "decline", "ask-for-a-new-one", "finish"] {
        let request = axum::http::Request::get(format!("/fn/registration/{function}"))
            .body(axum::body::Body::empty())
            .unwrap();
        let answer = lanyard.send(request).await;
        assert!(
            answer.status.is_client_error(),
            "{function}: {}",
            answer.status
        );
    }
    let mut browser = lanyard.browser();
    let page = browser.open(&path).await;
    page.is("Hollybrook Hospital has invited you to Lanyard");
}

/// C27: an organisation that allows other addresses meanwhile lets nobody in with this one. Link and
/// steps say so, with whom to ask.
#[tokio::test]
async fn an_address_that_is_no_longer_allowed_is_refused() {
    let lanyard = Lanyard::new().await;
    let sam = lanyard.hospital().await;
    let message = lanyard
        .invite(&sam, "jane.carlton@old-trust.example", "viewer")
        .await;
    let mut browser = lanyard.browser();
    let page = browser.open(&link(&message)).await;
    browser.submit(&page.form("registration/accept"), "").await;
    let services = &lanyard.services;
    let mut tx = services.store().write().await.unwrap();
    let organisation = tx.organisation_by_slug("rx1").await.unwrap().unwrap();
    let mut policy = organisation.policy;
    policy.email_domains = EmailDomains::Only(vec!["nhs.net".into(), "*.nhs.uk".into()]);
    tx.update_policy(organisation.id, &policy).await.unwrap();
    tx.commit().await.unwrap();
    let heading = "Your email address cannot be used for this invitation any more";
    let page = give_details(&mut browser).await;
    page.is(heading)
        .says("Ask the person who invited you to send an invitation to another address of yours.");
    let (status, _) = browser
        .call("registration/finish", &[("version", "")])
        .await;
    assert_eq!(status, StatusCode::CONFLICT);
    for address in [link(&message), format!("{}/not-for-me", link(&message))] {
        let page = lanyard.browser().open(&address).await;
        page.is(heading)
            .says("Hollybrook Hospital has changed which email addresses it allows")
            .says("It allows addresses that end in nhs.net or nhs.uk.")
            .says("To be invited with another address, ask Sam Okoro.")
            .hides("Accept invitation");
    }
}

/// B1a, R23: somebody who has an account signs in and joins.
#[tokio::test]
async fn the_owner_of_an_account_joins() {
    let lanyard = Lanyard::new().await;
    let sam = lanyard.hospital().await;
    let message = lanyard.invite(&sam, "jane.carlton@nhs.net", "viewer").await;
    let mut browser = lanyard.browser();
    let page = browser.open(&link(&message)).await;
    browser.submit(&page.form("registration/accept"), "").await;
    give_details(&mut browser).await;
    finish(&lanyard, &mut browser, "jane.carlton@nhs.net").await;

    // Another hospital invites her, later, so that her next code is her newest message.
    lanyard.clock.advance(chrono::TimeDelta::minutes(1));
    let tools = lanyard.tools();
    tools.organisation("RX2", "Rosebush Hospital").await;
    let by = By::system(&RequestInfo::internal("test"));
    let jane = domain::EmailAddress::parse("jane.carlton@nhs.net").unwrap();
    let printed = lanyard
        .services
        .create_administrator(&by, "rx2", &jane)
        .await
        .unwrap();
    let path = printed.url.strip_prefix("https://lanyard.example").unwrap();
    let page = browser.open(path).await;
    page.is("Rosebush Hospital has invited you to Lanyard")
        .says("You have an account already");
    let page = browser.submit(&page.form("registration/accept"), "").await;
    page.is("Sign in");
    let form = page
        .form("sign-in/submit")
        .fill("email", "jane.carlton@nhs.net")
        .fill("password", PASSWORD);
    let page = browser.submit(&form, "").await;
    page.is("Check your email");
    let sent = code(&*lanyard.newest_mail("jane.carlton@nhs.net").await);
    let form = page.form("sign-in/check-code").fill("code", &sent);
    let page = browser.submit(&form, "").await;
    // R43: an administrator needs an app, and she has none.
    page.is("Join Rosebush Hospital")
        .says("Add an authenticator app");
    let (status, error) = browser.call("registration/join", &[]).await;
    assert_eq!(status, StatusCode::CONFLICT, "{error:?}");

    // Declined; the next page says so.
    let page = browser
        .submit(&page.form("registration/decline-joining"), "")
        .await;
    page.says("You have declined the invitation");
}

/// R10: an empty installation is set up with the printed link, and its administrator registers
/// with an authenticator app.
#[tokio::test]
async fn an_empty_installation_is_set_up() {
    let lanyard = Lanyard::new().await;
    let printed = lanyard.services.set_up_link().await.unwrap().unwrap();
    let path = printed.url.strip_prefix("https://lanyard.example").unwrap();
    let mut browser = lanyard.browser();
    let page = browser.open(path).await;
    page.is("Set up your organisation");
    let page = browser.submit(&page.form("set-up/submit"), "").await;
    page.is("Set up your organisation");
    assert_eq!(
        page.errors(),
        [
            "Enter the name of the organisation",
            "Enter an organisation code",
            "Enter your email address"
        ]
    );
    let form = page
        .form("set-up/submit")
        .fill("organisation_name", "Hollybrook Hospital")
        .fill("organisation_code", "rx1")
        .fill("email", "sam.okoro@nhs.net");
    let page = browser.submit(&form, "").await;
    page.is(&step("Your details")).says("sam.okoro@nhs.net");
    let form = page
        .form("registration/details")
        .fill("first_name", "Sam")
        .fill("last_name", "Okoro")
        .fill("mobile", "07700 900 111")
        .fill("password", PASSWORD);
    let page = browser.submit(&form, "").await;
    page.is(&step("Set up your authenticator app"));
    assert!(page.html.contains("<svg"));
    let form = page
        .form("registration/confirm-code")
        .fill("code", "000000");
    let page = browser.submit(&form, "").await;
    assert_eq!(page.errors(), ["Enter the correct code"]);
    // The link has done its work.
    let page = lanyard.browser().open(path).await;
    page.is("This service has already been set up");
}
