//! A person's own email address over HTTP, without JavaScript (C5).

use chrono::TimeDelta;

use crate::{
    browser::{Browser, Page},
    harness::{Lanyard, code},
};

const SAM: &str = "sam.okoro@hollybrook.example";
const NEW: &str = "sam.quillfeather@hollybrook.example";
const PRIYA: &str = "priya.raman@hollybrook.example";
const PASSWORD: &str = "three quiet herons";

async fn change(browser: &mut Browser, function: &str, values: &[(&str, &str)]) -> Page {
    let mut form = browser.current().form(function);
    for (name, value) in values {
        form = form.fill(name, value);
    }
    browser.submit(&form, "").await
}

/// Another code than this one.
fn other(code: &str) -> &'static str {
    if code == "000000" { "000001" } else { "000000" }
}

/// C5, R73, R60: the codes of both mailboxes, of these two and no others, make an address the person's
/// own, everywhere at once; the old address is told and opens nothing.
#[tokio::test]
async fn an_address_is_proved_by_both_mailboxes() {
    let lanyard = Lanyard::with_demo().await;
    let mut elsewhere = lanyard.signed_in(SAM).await;
    lanyard.clock.advance(TimeDelta::minutes(1));
    let mut browser = lanyard.signed_in(SAM).await;
    browser
        .open("/account/email/check-your-email")
        .await
        .is("What is your new email address?");
    browser.open("/account").await;
    let page = browser.follow("Change email address").await;
    page.is("What is your new email address?").says(SAM);
    for (typed, words) in [
        ("", "Enter your email address"),
        (
            "sam@hollybrook",
            "Enter an email address in the correct format, like name@nhs.net",
        ),
        (
            "Sam.Okoro@hollybrook.example",
            "Enter a different email address",
        ),
    ] {
        let page = change(&mut browser, "account/prove-email", &[("email", typed)]).await;
        assert_eq!(page.errors(), [words]);
        let form = page.form("account/prove-email");
        assert_eq!(form.value("email").unwrap_or_default(), typed);
    }
    let page = change(&mut browser, "account/prove-email", &[("email", NEW)]).await;
    page.is("Check your email").says(SAM).says(NEW);
    let (to_old, to_new) = (
        lanyard.newest_mail(SAM).await,
        lanyard.newest_mail(NEW).await,
    );
    let (current, new) = (code(&to_old), code(&to_new));
    assert_eq!(
        to_old.subject,
        "Your code to change your Lanyard email address"
    );
    assert!(to_old.text.contains(NEW));
    for secret in [SAM, "Sam", "Okoro"] {
        assert!(!to_new.text.contains(secret), "{secret} to a stranger");
    }
    let both = [
        ("current_code", current.as_str()),
        ("new_code", new.as_str()),
    ];
    // Not for another address, and not one without the other.
    let mut forger = browser.clone();
    forger.set_cookie("email", "mallory@evil.example");
    let page = change(&mut forger, "account/change-email", &both).await;
    page.is("What is your new email address?");
    let (status, error) = forger.call("account/change-email", &both).await;
    assert!(status.is_client_error(), "{error:?}");
    let half = [("current_code", current.as_str()), ("new_code", "")];
    let page = change(&mut browser, "account/change-email", &half).await;
    assert_eq!(
        page.errors(),
        ["Enter the code that we sent to your new email address"]
    );
    let wrong = [
        ("current_code", other(&current)),
        ("new_code", new.as_str()),
    ];
    let page = change(&mut browser, "account/change-email", &wrong).await;
    assert_eq!(
        page.errors(),
        ["Enter the correct code from your current email address"]
    );
    assert!(!page.html.contains(&new), "a code is not kept");
    let mut look = browser.clone();
    look.open("/account").await.says(SAM).hides(NEW);
    elsewhere.open("/account").await.is("Your account");

    let page = change(&mut browser, "account/change-email", &both).await;
    page.is("Your account")
        .says("Your email address has been changed")
        .says(NEW)
        .hides(SAM);
    elsewhere.open("/account").await.is("Sign in");
    let told = lanyard.newest_mail(SAM).await;
    assert_eq!(told.subject, "Your Lanyard email address was changed");
    assert!(told.text.contains(NEW));
    let page = browser.open("/o/rx1/users?q=quillf").await;
    page.says("Sam Okoro").says(NEW);
    let page = browser.open("/o/rx1/activity").await;
    page.says("Sam Okoro changed their email address");
    let page = browser.open("/account/activity").await;
    page.says("changed their email address");
    for (email, heading) in [(SAM, "Sign in"), (NEW, "Check your email")] {
        let mut again = lanyard.browser();
        again.open("/sign-in").await;
        let values = [("email", email), ("password", PASSWORD)];
        change(&mut again, "sign-in/submit", &values)
            .await
            .is(heading);
    }
    // R49: and it is asked for after the password.
    lanyard.clock.advance(TimeDelta::minutes(11));
    for address in ["/account/email", "/account/email/check-your-email"] {
        let page = browser.open(address).await;
        page.is("Enter your password to continue");
    }
}

/// R31: an address that somebody has looks like any other; its mailbox is told what happened.
#[tokio::test]
async fn a_taken_address_looks_like_any_other() {
    let lanyard = Lanyard::with_demo().await;
    let mut browser = lanyard.signed_in(SAM).await;
    let mut pages = Vec::new();
    for email in [PRIYA, NEW] {
        lanyard.clock.advance(TimeDelta::minutes(1));
        browser.open("/account/email").await;
        let page = change(&mut browser, "account/prove-email", &[("email", email)]).await;
        page.is("Check your email");
        let current = code(&*lanyard.newest_mail(SAM).await);
        let values = [("current_code", current.as_str()), ("new_code", "123456")];
        let refused = change(&mut browser, "account/change-email", &values).await;
        assert_eq!(
            refused.errors(),
            ["Enter the correct code from your new email address"]
        );
        pages.push((page.status, page.text().replace(email, "")));
    }
    assert_eq!(pages[0], pages[1]);
    let told = lanyard.newest_mail(PRIYA).await;
    assert_eq!(told.subject, "About your Lanyard email address");
    assert!(!told.text.contains("Sam"));
    let mut priya = lanyard.signed_in(PRIYA).await;
    priya.open("/account").await.says(PRIYA);
}
