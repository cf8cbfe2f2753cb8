//! Signing in over HTTP, without JavaScript.

use axum::{
    body::Body,
    http::{Method, Request, StatusCode, header},
};
use chrono::TimeDelta;
use server::web::server_function_paths;

use crate::{
    browser::{Browser, Page},
    harness::{Lanyard, code, link},
};

const SAM: &str = "sam.okoro@hollybrook.example";
const PRIYA: &str = "priya.raman@hollybrook.example";
const PASSWORD: &str = "three quiet herons";

/// An installation with the made-up hospitals.
async fn demo() -> Lanyard {
    let lanyard = Lanyard::new().await;
    let request = service::RequestInfo::internal("test");
    lanyard.services.seed_demo(&request).await.unwrap();
    lanyard
}

async fn try_password(browser: &mut Browser, email: &str, password: &str) -> Page {
    browser.open("/sign-in").await.is("Sign in");
    give_password(browser, email, password).await
}

async fn give_password(browser: &mut Browser, email: &str, password: &str) -> Page {
    let form = browser
        .current()
        .form("sign-in/submit")
        .fill("email", email)
        .fill("password", password);
    browser.submit(&form, "Sign in").await
}

async fn newest_code(lanyard: &Lanyard, email: &str) -> String {
    let message = lanyard.newest_mail(email).await;
    code(&message)
}

async fn give_code(lanyard: &Lanyard, browser: &mut Browser, email: &str) -> Page {
    let code = newest_code(lanyard, email).await;
    let form = browser.current().form("sign-in/check-code");
    browser.submit(&form.fill("code", &code), "Continue").await
}

async fn sign_in(lanyard: &Lanyard, browser: &mut Browser, email: &str) -> Page {
    try_password(browser, email, PASSWORD)
        .await
        .is("Check your email");
    give_code(lanyard, browser, email).await
}

/// T-AUT-01, R53: a page that is asked for opens after both steps; each step has a cookie of its
/// own, and the one before is worth nothing.
#[tokio::test]
async fn the_wanted_page_opens_after_both_steps() {
    let lanyard = demo().await;
    let mut browser = lanyard.browser();
    let asked = browser.open("/account").await;
    asked.is("Sign in").says("Sign in to continue");
    assert!(asked.address.starts_with("/sign-in?return-to="));
    give_password(&mut browser, SAM, PASSWORD)
        .await
        .is("Check your email");
    let half = browser.cookie("session").unwrap().to_owned();
    let account = give_code(&lanyard, &mut browser, SAM).await;
    account
        .is("Your account")
        .says("Sam Okoro")
        .says("Sign out");
    assert_eq!(account.address, "/account");
    assert_ne!(browser.cookie("session"), Some(half.as_str()));
    let mut thief = lanyard.browser();
    thief.set_cookie("session", &half);
    thief.open("/account").await.is("Sign in");
    // A1, A2: who is signed in is led on from the pages for those who are not.
    for address in ["/", "/sign-in"] {
        let page = browser.open(address).await;
        assert_eq!(page.address, "/o/rx1");
    }
}

/// R7, R31: an unknown address and a wrong password give the same page; the address is kept, the
/// password is not.
#[tokio::test]
async fn a_wrong_pair_is_refused_alike() {
    let lanyard = demo().await;
    let mut answers = Vec::new();
    for email in [SAM, "nobody@hollybrook.example"] {
        let mut browser = lanyard.browser();
        let page = try_password(&mut browser, email, "four noisy herons").await;
        assert_eq!(
            page.errors(),
            ["Enter a correct email address and password"]
        );
        assert!(page.title().starts_with("Error: "));
        let form = page.form("sign-in/submit");
        assert_eq!(form.value("email"), Some(email));
        assert_eq!(form.value("password").unwrap_or_default(), "");
        assert!(!page.html.contains("four noisy herons"));
        answers.push(page.text());
    }
    assert_eq!(answers[0], answers[1]);
}

/// R32, 3.3: guesses that come too fast get a page that says when to go on, with the same status
/// for everybody; wasm gets the status and the time too.
#[tokio::test]
async fn fast_guesses_get_a_page_that_says_when() {
    let lanyard = demo().await;
    for email in [SAM, "nobody@hollybrook.example"] {
        let mut browser = lanyard.browser();
        for _ in 0..5 {
            try_password(&mut browser, email, "four noisy herons").await;
        }
        let page = try_password(&mut browser, email, PASSWORD).await;
        assert_eq!(page.status, StatusCode::TOO_MANY_REQUESTS);
        page.is("Try again later").says("Try again in 1 minute");
        let pairs = [("email", email), ("password", "x"), ("return_to", "")];
        let (status, error) = browser.call("sign-in/submit", &pairs).await;
        assert_eq!(status, StatusCode::TOO_MANY_REQUESTS);
        assert!(error.is_some());
    }
    lanyard.clock.advance(TimeDelta::minutes(1));
    let mut browser = lanyard.browser();
    sign_in(&lanyard, &mut browser, SAM).await;
}

/// Reads from a server function as the wasm half does.
async fn get(lanyard: &Lanyard, browser: &Browser, path: &str) -> StatusCode {
    let session = browser.cookie("session").unwrap_or_default();
    let request = Request::get(path)
        .header(header::ACCEPT, "application/json")
        .header(header::COOKIE, format!("__Host-session={session}"))
        .header("sec-fetch-site", "same-origin")
        .body(Body::empty())
        .unwrap();
    lanyard.send(request).await.status
}

/// R39, R40: with the password alone nothing opens but the second step and the way out: every
/// server function is tried.
#[tokio::test]
async fn the_password_alone_opens_nothing() {
    const OPEN: [&str; 17] = [
        // The second step.
        "/fn/sign-in/second-step",
        "/fn/sign-in/check-code",
        "/fn/sign-in/send-code",
        "/fn/sign-in/choose-method",
        "/fn/sign-in/use-recovery-code",
        "/fn/session/sign-out",
        // What is there for everybody.
        "/fn/frame/read",
        "/fn/form-drafts/read",
        "/fn/account/start",
        "/fn/sign-in/read",
        "/fn/sign-in/lost-access",
        "/fn/sign-in/submit",
        "/fn/password-reset/request",
        "/fn/password-reset/read",
        "/fn/password-reset/submit",
        "/fn/terms/read",
        "/fn/terms/platform",
    ];
    let lanyard = demo().await;
    let mut browser = lanyard.browser();
    try_password(&mut browser, SAM, PASSWORD)
        .await
        .is("Check your email");
    for (method, path) in server_function_paths() {
        // Invitations and the first set-up have links of their own instead of a session.
        let by_link = ["/fn/registration/", "/fn/invitation/", "/fn/set-up/"];
        if OPEN.contains(&path.as_str()) || by_link.iter().any(|start| path.starts_with(start)) {
            continue;
        }
        let status = match method {
            Method::GET => get(&lanyard, &browser, &path).await,
            _ => browser.call(&path["/fn/".len()..], &[]).await.0,
        };
        // Whoever has a way to get codes sets up no other with the password alone.
        let set_up = path.starts_with("/fn/set-up-codes/") && status == StatusCode::FORBIDDEN;
        let refused = [
            StatusCode::UNAUTHORIZED,
            StatusCode::CONFLICT,
            StatusCode::BAD_REQUEST,
        ];
        assert!(
            set_up || refused.contains(&status),
            "{method} {path}: {status}"
        );
    }
    for address in ["/account", "/choose-organisation", "/o/rx1", "/o/rx1/users"] {
        let page = browser.open(address).await;
        page.is("Check your email").hides("Sam Okoro");
    }
    // The way out is open.
    browser.open("/sign-out").await.is("You have signed out");
}

/// R57: signing out ends the session on the server, clears the browser, and the cookie that
/// somebody copied before opens nothing.
#[tokio::test]
async fn signing_out_ends_everything() {
    let lanyard = demo().await;
    let mut browser = lanyard.browser();
    let home = sign_in(&lanyard, &mut browser, SAM).await;
    let session = browser.cookie("session").unwrap().to_owned();
    let form = home.form("session/sign-out");
    browser
        .submit(&form, "Sign out")
        .await
        .is("You have signed out");
    assert_eq!(browser.cookie("session"), None);
    let mut thief = lanyard.browser();
    thief.set_cookie("session", &session);
    thief.open("/account").await.is("Sign in");
    let (status, _) = thief.call("session/sign-out", &[]).await;
    assert!(status.is_success() || status.is_redirection());
}

/// R55: half an hour of rest ends the session; the page that was wanted is there after signing in.
#[tokio::test]
async fn rest_ends_a_session() {
    let lanyard = demo().await;
    let mut browser = lanyard.browser();
    sign_in(&lanyard, &mut browser, SAM).await;
    lanyard.clock.advance(TimeDelta::seconds(1_799));
    browser.open("/account").await.is("Your account");
    lanyard.clock.advance(TimeDelta::seconds(1_800));
    browser.open("/account").await.is("Sign in");
    give_password(&mut browser, SAM, PASSWORD).await;
    let page = give_code(&lanyard, &mut browser, SAM).await;
    page.is("Your account");
}

/// R89: whatever is given as the page to come back to, the answer stays on this origin.
#[tokio::test]
async fn nobody_is_led_away_after_signing_in() {
    let lanyard = demo().await;
    for hostile in [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example/",
        "/%09/evil.example",
        "javascript:alert(1)",
        "/fn/session/sign-out",
        "/sign-out",
        "account",
    ] {
        let mut browser = lanyard.browser();
        try_password(&mut browser, SAM, PASSWORD).await;
        let half = browser.cookie("session").unwrap().to_owned();
        let mut again = lanyard.browser();
        again.set_cookie("session", &half);
        again.open("/sign-in").await;
        let form = again
            .current()
            .form("sign-in/submit")
            .fill("email", SAM)
            .fill("password", PASSWORD)
            .fill("return_to", hostile);
        lanyard.clock.advance(TimeDelta::seconds(31));
        again.submit(&form, "Sign in").await.is("Check your email");
        let page = give_code(&lanyard, &mut again, SAM).await;
        assert!(
            page.address.starts_with('/') && !page.address.contains("evil")
                || page.address == "/%09/evil.example",
            "{hostile} led to {}",
            page.address
        );
        assert!(!page.address.starts_with("/sign-out"), "{hostile}");
    }
}

/// T-ERR-02: what the code page says about each kind of mistake; the code is never shown again.
#[tokio::test]
async fn a_code_is_refused_with_its_reason() {
    let lanyard = demo().await;
    let mut browser = lanyard.browser();
    try_password(&mut browser, SAM, PASSWORD).await;
    for (typed, words) in [
        ("", "Enter the code"),
        (
            "12345",
            "You've not entered enough numbers, the code must be 6 numbers",
        ),
        (
            "12345678",
            "You've entered too many numbers, the code must be 6 numbers",
        ),
        ("12345x", "The code must be 6 numbers"),
    ] {
        let form = browser.current().form("sign-in/check-code");
        let page = browser.submit(&form.fill("code", typed), "Continue").await;
        assert_eq!(page.errors(), [words]);
        assert_eq!(
            page.form("sign-in/check-code")
                .value("code")
                .unwrap_or_default(),
            ""
        );
    }
    // T-AUT-02: spaces are fine.
    let code = newest_code(&lanyard, SAM).await;
    let typed = format!(" {} {}", &code[..3], &code[3..]);
    let form = browser.current().form("sign-in/check-code");
    let page = browser.submit(&form.fill("code", &typed), "Continue").await;
    assert_eq!(page.address, "/o/rx1");
}

/// A4: a new code, but not within 30 seconds.
#[tokio::test]
async fn a_new_code_can_be_asked_for() {
    let lanyard = demo().await;
    let mut browser = lanyard.browser();
    try_password(&mut browser, SAM, PASSWORD).await;
    let first = newest_code(&lanyard, SAM).await;
    browser.follow("I have not had a code").await;
    let form = browser.current().form("sign-in/send-code");
    let page = browser.submit(&form, "Send a new code").await;
    page.says("You asked for a new code less than 30 seconds ago");
    lanyard.clock.advance(TimeDelta::seconds(30));
    let form = browser.current().form("sign-in/send-code");
    let page = browser.submit(&form, "Send a new code").await;
    page.is("Check your email")
        .says("We have sent you a new code");
    let second = newest_code(&lanyard, SAM).await;
    assert_ne!(first, second);
    // The notice is there once.
    browser
        .open("/sign-in/check-your-code")
        .await
        .hides("We have sent you a new code");
    let page = give_code(&lanyard, &mut browser, SAM).await;
    assert_eq!(page.address, "/o/rx1");
}

/// C1, V17: two organisations, a choice, and the chosen one is on every page; the error, and the page that opens.
#[tokio::test]
async fn an_organisation_is_chosen() {
    let lanyard = demo().await;
    let mut browser = lanyard.browser();
    let page = sign_in(&lanyard, &mut browser, PRIYA).await;
    page.is("Choose your organisation");
    let form = page.form("account/choose-organisation");
    let page = browser.submit(&form, "Continue").await;
    assert_eq!(page.errors(), ["Select an organisation"]);
    let form = page.form("account/choose-organisation");
    let form = form.choose("organisation", "rx2");
    let page = browser.submit(&form, "Continue").await;
    assert_eq!(page.address, "/o/rx2");
    page.says("Rosebush Hospital").says("Change organisation");
    for place in ["users", "roles", "activity", "jobs"] {
        let page = browser.open(&format!("/o/rx2/{place}")).await;
        page.says("Rosebush Hospital RX2");
    }
    let page = browser.open("/").await;
    assert_eq!(page.address, "/o/rx2");
}

/// A6, A7, R12, R18, R31: the whole way from the forgotten password to the refused mailbox.
#[tokio::test]
async fn a_forgotten_password_is_replaced() {
    let lanyard = demo().await;
    let mut pages = Vec::new();
    for email in ["nobody@hollybrook.example", SAM] {
        let mut browser = lanyard.browser();
        browser.open("/sign-in").await;
        let page = browser.follow("I have forgotten my password").await;
        let form = page.form("password-reset/request").fill("email", email);
        let page = browser.submit(&form, "Continue").await;
        page.is("Check your email");
        pages.push(page.text());
    }
    assert_eq!(pages[0], pages[1]);
    let mail = lanyard.mail().await;
    assert_eq!(mail.len(), 1);
    let address = link(&mail[0]);

    let mut signed_in = lanyard.browser();
    sign_in(&lanyard, &mut signed_in, SAM).await;
    let mut browser = lanyard.browser();
    for _ in 0..5 {
        browser.open(&address).await.is("Choose a new password");
    }
    let form = browser.current().form("password-reset/submit");
    let page = browser
        .submit(&form.fill("new_password", "short"), "Change password")
        .await;
    assert_eq!(page.errors(), ["Password must be 12 characters or more"]);
    let form = page.form("password-reset/submit");
    let page = browser
        .submit(
            &form.fill("new_password", "kettle orchard ribbon"),
            "Change password",
        )
        .await;
    page.is("Sign in")
        .says("Your password has been changed. Sign in with your new password");
    // R12, R27: nobody is signed in by it, and whoever was is not any more.
    assert_eq!(browser.cookie("session"), None);
    signed_in.open("/account").await.is("Sign in");
    let page = browser.open(&address).await;
    page.is("This link has expired");
    assert_eq!(page.status, StatusCode::GONE);
    // R12: Sam's only second factor is the mailbox that the link went to.
    let page = try_password(&mut browser, SAM, "kettle orchard ribbon").await;
    page.says("A code to the same mailbox is not enough");
}

/// V26: whoever was deactivated is told where and who can bring them back, once their password was right; a
/// stranger who opens the page is told nothing of that.
#[tokio::test]
async fn somebody_deactivated_is_told_whom_to_ask() {
    const KWAME: &str = "kwame.boateng@hollybrook.example";
    let lanyard = demo().await;
    let mut tx = lanyard.services.store().write().await.unwrap();
    let user = tx.user_by_email_key(KWAME).await.unwrap().unwrap();
    for (organisation, mut member) in tx.organisations_of(user.id).await.unwrap() {
        assert_eq!(organisation.slug, "rx1");
        member.status = domain::MembershipStatus::Inactive;
        tx.update_membership(&member).await.unwrap();
    }
    tx.commit().await.unwrap();
    let mut browser = lanyard.browser();
    let page = try_password(&mut browser, KWAME, PASSWORD).await;
    page.is("You do not have access to any organisation")
        .says("Your account is deactivated at Hollybrook Hospital.")
        .says("Sam Okoro (sam.okoro@hollybrook.example)");
    assert!(browser.cookie("session").is_none());
    let mut stranger = lanyard.browser();
    stranger
        .open("/sign-in/no-organisation")
        .await
        .hides("Hollybrook")
        .hides("Sam Okoro");
}
