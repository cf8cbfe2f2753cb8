//! A person's own account over HTTP, without JavaScript (ux K).

use axum::http::StatusCode;
use chrono::TimeDelta;

use crate::{
    browser::{Browser, Page},
    harness::{Lanyard, code, link},
};

const SAM: &str = "sam.okoro@hollybrook.example";
const PASSWORD: &str = "three quiet herons";

async fn change(browser: &mut Browser, function: &str, values: &[(&str, &str)]) -> Page {
    let mut form = browser.current().form(function);
    for (name, value) in values {
        form = form.fill(name, value);
    }
    browser.submit(&form, "").await
}

/// Sam's password, and the code that is sent then.
async fn prove_again(lanyard: &Lanyard, browser: &mut Browser, password: &[(&str, &str)]) -> Page {
    change(browser, "account/confirm", password)
        .await
        .is("Check your email");
    let sent = code(&*lanyard.newest_mail(SAM).await);
    change(browser, "account/confirm-code", &[("code", &sent)]).await
}

/// R58, R56: the list names devices and no secret; one that is ended is out at its next request.
#[tokio::test]
async fn a_session_is_ended_from_the_list() {
    let lanyard = Lanyard::with_demo().await;
    let mut other = lanyard.signed_in(SAM).await;
    lanyard.clock.advance(TimeDelta::minutes(1));
    let mut browser = lanyard.signed_in(SAM).await;
    let page = browser.open("/account").await;
    page.is("Your account");
    let page = browser.follow("See devices and sessions").await;
    page.is("Devices and sessions").says("This device");
    for secret in [&browser, &other] {
        assert!(!page.html.contains(secret.cookie("session").unwrap()));
    }
    let page = change(&mut browser, "account/end-session", &[]).await;
    page.is("Devices and sessions")
        .says("The device has been signed out")
        .hides("Sign out everywhere else");
    other.open("/account").await.is("Sign in");
    browser.open("/account").await.is("Your account");
    let page = browser.open("/o/rx1/activity").await;
    assert_eq!(page.status, StatusCode::OK);
}

/// R58, J07: everywhere else, and everywhere.
#[tokio::test]
async fn signing_out_everywhere() {
    let lanyard = Lanyard::with_demo().await;
    let mut other = lanyard.signed_in(SAM).await;
    lanyard.clock.advance(TimeDelta::minutes(1));
    let mut browser = lanyard.signed_in(SAM).await;
    let page = browser.open("/account/sessions").await;
    let form = page.form("account/end-sessions");
    assert_eq!(form.value("which"), Some("others"));
    let page = browser.submit(&form, "").await;
    page.says("You are signed out everywhere else");
    other.open("/account").await.is("Sign in");
    let form = page.form("account/end-sessions");
    assert_eq!(form.value("which"), Some("all"));
    let page = browser.submit(&form, "").await;
    page.is("You have signed out");
    browser.open("/account").await.is("Sign in");
}

/// R58: nobody ends the session of somebody else, whatever name they post.
#[tokio::test]
async fn nobody_ends_the_session_of_another() {
    let lanyard = Lanyard::with_demo().await;
    let mut priya = lanyard.signed_in("priya.raman@hollybrook.example").await;
    lanyard.clock.advance(TimeDelta::minutes(1));
    let other = lanyard.signed_in("priya.raman@hollybrook.example").await;
    let page = priya.open("/account/sessions").await;
    let id = page
        .form("account/end-session")
        .value("session")
        .unwrap()
        .to_owned();
    let mut sam = lanyard.signed_in(SAM).await;
    sam.call("account/end-session", &[("session", &id)]).await;
    let (status, _) = sam.call("account/end-session", &[("session", "x")]).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    let mut other = other;
    let page = other.open("/account").await;
    page.is("Your account").says("Priya Raman");
}

/// R49: the password and a code are asked for again 5 minutes after they were proved, and then the wanted page
/// opens.
/// R32: guesses are counted as those of signing in.
#[tokio::test]
async fn the_password_is_asked_for_again() {
    let lanyard = Lanyard::with_demo().await;
    let mut browser = lanyard.signed_in(SAM).await;
    browser
        .open("/account/password")
        .await
        .is("Change your password");
    lanyard.clock.advance(TimeDelta::minutes(5));
    let page = browser.open("/account/password").await;
    page.is("Enter your password to continue");
    // Nobody comes past the password.
    let code_page = "/account/confirm/check-your-code?return-to=/account/password";
    let page = browser.open(code_page).await;
    page.is("Enter your password to continue");
    browser.open("/account/password").await;
    let wrong = [("password", "four noisy herons")];
    let page = change(&mut browser, "account/confirm", &wrong).await;
    assert_eq!(page.errors(), ["Enter the correct password"]);
    let page = change(&mut browser, "account/confirm", &[("password", "")]).await;
    assert_eq!(page.errors(), ["Enter your password"]);
    let right = [("password", PASSWORD)];
    let page = change(&mut browser, "account/confirm", &right).await;
    page.is("Check your email");
    let wrong_code = [("code", "12")];
    let page = change(&mut browser, "account/confirm-code", &wrong_code).await;
    assert_eq!(
        page.errors(),
        ["You've not entered enough numbers, the code must be 6 numbers"]
    );
    let sent = code(&*lanyard.newest_mail(SAM).await);
    let page = change(&mut browser, "account/confirm-code", &[("code", &sent)]).await;
    page.is("Change your password");
    assert_eq!(page.address, "/account/password");
    // A page that was open for long posts in vain: the password comes first.
    lanyard.clock.advance(TimeDelta::minutes(5));
    let new = [("new_password", "kettle orchard ribbon")];
    let page = change(&mut browser, "account/change-password", &new).await;
    page.is("Enter your password to continue");
    let (status, _) = browser.call("account/change-password", &new).await;
    assert!(status.is_redirection() || status.is_success());
    for _ in 0..5 {
        let page = change(&mut browser, "account/confirm", &wrong).await;
        assert_eq!(page.errors(), ["Enter the correct password"]);
    }
    let page = change(&mut browser, "account/confirm", &right).await;
    assert_eq!(page.status, StatusCode::TOO_MANY_REQUESTS);
}

/// R89: the way back is a page of this service, and of what was open before.
#[tokio::test]
async fn the_way_back_stays_in_the_service() {
    let lanyard = Lanyard::with_demo().await;
    let mut browser = lanyard.signed_in(SAM).await;
    for hostile in [
        "//evil.example/",
        "/fn/session/sign-out",
        "/\\evil.example",
        "x",
    ] {
        browser.open("/account/confirm").await;
        let values = [("password", PASSWORD), ("return_to", hostile)];
        let page = prove_again(&lanyard, &mut browser, &values).await;
        assert_eq!(page.address, "/account", "{hostile}");
        lanyard.clock.advance(TimeDelta::minutes(5));
    }
    browser
        .open("/account/confirm?return-to=/o/rx1/roles")
        .await;
    let page = prove_again(&lanyard, &mut browser, &[("password", PASSWORD)]).await;
    assert_eq!(page.address, "/o/rx1/roles");
}

/// R9, R60, R53, R4: a new password ends every other session and every link to another one, and renews
/// this session; the person is told.
#[tokio::test]
async fn a_password_is_changed() {
    let lanyard = Lanyard::with_demo().await;
    let mut other = lanyard.signed_in(SAM).await;
    lanyard.clock.advance(TimeDelta::minutes(1));
    let mut browser = lanyard.signed_in(SAM).await;
    let before = browser.cookie("session").unwrap().to_owned();
    let mut forgetful = lanyard.browser();
    forgetful.open("/forgot-password").await;
    change(&mut forgetful, "password-reset/request", &[("email", SAM)]).await;
    let reset = link(&*lanyard.newest_mail(SAM).await);
    assert_eq!(forgetful.open(&reset).await.status, StatusCode::OK);
    browser.open("/account/password").await;
    let short = [("new_password", "short")];
    let page = change(&mut browser, "account/change-password", &short).await;
    assert_eq!(page.errors(), ["Password must be 12 characters or more"]);
    let personal = [("new_password", "hollybrook hospital")];
    let page = change(&mut browser, "account/change-password", &personal).await;
    assert_eq!(
        page.errors(),
        ["Password must not include your name or email address"]
    );
    let new = [("new_password", "kettle orchard ribbon")];
    let page = change(&mut browser, "account/change-password", &new).await;
    page.is("Your account")
        .says("Your password has been changed. You are signed out everywhere else");
    other.open("/account").await.is("Sign in");
    let mut thief = lanyard.browser();
    thief.set_cookie("session", &before);
    thief.open("/account").await.is("Sign in");
    assert_eq!(forgetful.open(&reset).await.status, StatusCode::GONE);
    let mail = lanyard.newest_mail(SAM).await;
    assert_eq!(mail.subject, "Your Lanyard password was changed");
    // The old one opens nothing, the new one does.
    for (password, heading) in [
        (PASSWORD, "Sign in"),
        ("kettle orchard ribbon", "Check your email"),
    ] {
        let mut again = lanyard.browser();
        again.open("/sign-in").await;
        let values = [("email", SAM), ("password", password)];
        change(&mut again, "sign-in/submit", &values)
            .await
            .is(heading);
    }
}

/// J36: the own name, which every organisation sorts and finds by.
#[tokio::test]
async fn a_name_is_changed_everywhere() {
    let lanyard = Lanyard::with_demo().await;
    let mut browser = lanyard.signed_in(SAM).await;
    browser.open("/account").await;
    let page = browser.follow("Change name").await;
    page.is("What is your name?");
    let form = page.form("account/change-name");
    assert_eq!(form.value("first_name"), Some("Sam"));
    let sent = lanyard.mail().await.len();
    let page = browser.submit(&form, "Save").await;
    page.is("Your account").hides("has been changed");
    assert_eq!(lanyard.mail().await.len(), sent, "nothing changed");
    browser.open("/account/name").await;
    let wrong = [("first_name", ""), ("last_name", "www.x.com")];
    let page = change(&mut browser, "account/change-name", &wrong).await;
    assert_eq!(
        page.errors(),
        [
            "Enter your first name",
            "Last name must not include a web address"
        ]
    );
    let right = [("first_name", "Samuel"), ("last_name", "Quillfeather")];
    let page = change(&mut browser, "account/change-name", &right).await;
    page.says("Your name has been changed")
        .says("Samuel Quillfeather");
    let mail = lanyard.newest_mail(SAM).await;
    assert!(mail.text.contains("The name of your account was changed"));
    let page = browser.open("/o/rx1/users?q=quillf").await;
    page.says("Samuel Quillfeather");
    let page = browser.open("/o/rx1/users?q=okoro").await;
    // The address still has it.
    page.says("Samuel Quillfeather");
    let page = browser.open("/o/rx1/activity").await;
    page.says("Samuel Quillfeather changed their name");
}

/// R73, R42: a number counts once its code was entered, and a code proves its own number alone.
#[tokio::test]
async fn a_mobile_number_is_proved_first() {
    let lanyard = Lanyard::with_demo().await;
    let mut other = lanyard.signed_in(SAM).await;
    lanyard.clock.advance(TimeDelta::minutes(1));
    let mut browser = lanyard.signed_in(SAM).await;
    browser
        .open("/account/mobile-number/check-your-phone")
        .await
        .is("What is your mobile phone number?");
    for (typed, words) in [
        ("", "Enter your mobile phone number"),
        (
            "+33 6 12 34 56 78",
            "Enter a UK mobile phone number, like 07700 900 982",
        ),
    ] {
        let page = change(&mut browser, "account/prove-mobile", &[("mobile", typed)]).await;
        assert_eq!(page.errors(), [words]);
    }
    let new = [("mobile", "07700 900 123")];
    let page = change(&mut browser, "account/prove-mobile", &new).await;
    page.is("Check your phone").says("ending 123");
    let sent = code(&*lanyard.newest_mail("+447700900123").await);
    // Not yet, and not for another number.
    let mut look = browser.clone();
    look.open("/account").await.hides("Ending 123");
    let mut forger = browser.clone();
    forger.set_cookie("mobile", "+447700900555");
    let page = change(&mut forger, "account/change-mobile", &[("code", &sent)]).await;
    assert_eq!(page.errors().len(), 1);
    let wrong = if sent == "000000" { "000001" } else { "000000" };
    let page = change(&mut browser, "account/change-mobile", &[("code", wrong)]).await;
    assert_eq!(page.errors(), ["Enter the correct code"]);
    other.open("/account").await.is("Your account");
    let page = change(&mut browser, "account/change-mobile", &[("code", &sent)]).await;
    page.is("Your account")
        .says("Your mobile phone number has been changed")
        .says("Ending 123");
    other.open("/account").await.is("Sign in");
    let mail = lanyard.newest_mail(SAM).await;
    assert!(
        mail.text
            .contains("mobile phone number of your account was changed")
    );
    // The same again is no change.
    browser.open("/account/mobile-number").await;
    let page = change(&mut browser, "account/prove-mobile", &new).await;
    assert_eq!(page.errors(), ["Enter a different mobile phone number"]);
    // R37: and it is asked for after the password.
    lanyard.clock.advance(TimeDelta::minutes(11));
    for address in [
        "/account/mobile-number",
        "/account/mobile-number/check-your-phone",
    ] {
        let page = browser.open(address).await;
        page.is("Enter your password to continue");
    }
}

/// R45, R51: an app begins with its picture, recovery codes are shown once.
#[tokio::test]
async fn codes_are_changed_after_the_password() {
    let lanyard = Lanyard::with_demo().await;
    let mut browser = lanyard.signed_in(SAM).await;
    browser
        .open("/account/security/authenticator-app")
        .await
        .is("2-step sign in");
    let page = change(&mut browser, "account/begin-app", &[]).await;
    page.is("Set up your authenticator app");
    assert!(page.html.contains("<svg"));
    let page = change(&mut browser, "account/set-app", &[("code", "12")]).await;
    assert_eq!(page.errors().len(), 1);
    browser.open("/account").await;
    let page = browser.follow("Change recovery codes").await;
    page.is("Get new recovery codes");
    // What waits from before goes first: the clock stands still, and the letter is to be the newest.
    lanyard.mail().await;
    let page = change(&mut browser, "account/new-recovery-codes", &[]).await;
    page.is("Keep your recovery codes");
    browser
        .open("/account/security/recovery-codes")
        .await
        .is("Get new recovery codes");
    let mail = lanyard.newest_mail(SAM).await;
    assert!(mail.text.contains("New recovery codes were made"));
    // What was begun may be ended for a while.
    lanyard.clock.advance(TimeDelta::minutes(15));
    for address in ["", "/authenticator-app", "/recovery-codes"] {
        let address = format!("/account/security{address}");
        let page = browser.open(&address).await;
        page.is("Enter your password to continue");
    }
}

/// J36, R21, R72: a form of the own account with any other field is refused, and nothing changes.
#[tokio::test]
async fn nobody_gives_themselves_more() {
    let lanyard = Lanyard::with_demo().await;
    let mut browser = lanyard.signed_in(SAM).await;
    let before = browser.open("/account").await.text();
    let forms: [(&str, &[(&str, &str)]); 12] = [
        (
            "account/change-name",
            &[("first_name", "Mallory"), ("last_name", "Okoro")],
        ),
        (
            "account/change-password",
            &[("new_password", "kettle orchard ribbon")],
        ),
        (
            "account/confirm",
            &[("password", PASSWORD), ("return_to", "")],
        ),
        ("account/end-sessions", &[("which", "all")]),
        (
            "account/prove-email",
            &[("email", "sam.quill@hollybrook.example")],
        ),
        (
            "account/change-email",
            &[("current_code", "123456"), ("new_code", "123456")],
        ),
        ("account/prove-mobile", &[("mobile", "07700 900 123")]),
        ("account/change-mobile", &[("code", "123456")]),
        ("account/begin-app", &[]),
        ("account/set-app", &[("code", "123456")]),
        ("account/remove-app", &[]),
        ("account/new-recovery-codes", &[]),
    ];
    for (function, values) in forms {
        for extra in [
            "role",
            "role_id",
            "roles[]",
            "area",
            "area_id",
            "status",
            "organisation",
            "organisation_id",
            "user",
            "user_id",
            "id",
            "email",
            "email_key",
            "mobile_number",
            "password_hash",
            "security_epoch",
            "registered_at",
            "version",
            "job_title",
            "second_factor",
            "is_admin",
        ] {
            let mut values = values.to_vec();
            values.push((extra, "administrator"));
            let (status, error) = browser.call(function, &values).await;
            assert!(
                status.is_client_error() && error.is_some(),
                "{function} with {extra}: {status}"
            );
        }
    }
    assert_eq!(browser.open("/account").await.text(), before);
}

/// B16, R14: a new version of the terms stands before every page of the organisation, for whoever is signed in
/// too; agreeing leads on to where the person wanted to go, and is asked for once.
#[tokio::test]
async fn new_terms_come_first() {
    let lanyard = Lanyard::with_demo().await;
    let mut browser = lanyard.signed_in(SAM).await;
    browser
        .open("/o/rx1/roles")
        .await
        .is("Roles and permissions");
    let mut tx = lanyard.services.store().write().await.unwrap();
    let now = lanyard.services.now();
    let before = tx.newest_terms("eula", now).await.unwrap().unwrap();
    let newer = store::TermsRow {
        id: domain::id::TermsId::from_uuid(uuid::Uuid::from_u128(77)),
        version: "2.0".to_owned(),
        published_at: now,
        ..before
    };
    assert!(tx.publish_terms(&newer).await.unwrap());
    tx.commit().await.unwrap();
    lanyard.clock.advance(TimeDelta::seconds(1));
    let page = browser.open("/o/rx1/roles").await;
    page.is("There are new terms of use")
        .says("The terms of use of Hollybrook Hospital have changed")
        .says("Version 2.0");
    // Their own account stays open, and nothing else comes out.
    browser.open("/account").await.is("Your account");
    let answer = browser.ask("home/read", "organisation=rx1").await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    let page = browser.open("/o/rx1/roles").await;
    page.is("There are new terms of use");
    let page = change(&mut browser, "account/agree", &[]).await;
    page.is("Roles and permissions");
    assert_eq!(page.address, "/o/rx1/roles");
    let page = browser.open("/account/terms?return-to=/o/rx1/roles").await;
    assert_eq!(page.address, "/o/rx1/roles");
}
