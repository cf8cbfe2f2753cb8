//! The stream of a bulk send's progress, and its results as a file.

use axum::{
    body::Body,
    http::{Request, StatusCode, header},
};
use domain::invitation::JobProgress;

use crate::{
    browser::{Browser, Page},
    harness::{Answer, Lanyard},
};

const ADMINISTRATOR: &str = "sam.okoro@hollybrook.example";
const ELSEWHERE: &str = "margaret.ellison@rosebush.example";

/// Invites these people to everything in Hollybrook Hospital, and gives the address of the job.
pub async fn invite(browser: &mut Browser, emails: &str) -> String {
    let page = up_to_check(browser, emails).await;
    let page = browser.submit(&page.form("invitations/send"), "Send").await;
    assert!(page.address.starts_with("/o/rx1/jobs/"), "{}", page.text());
    page.address.split('?').next().unwrap().to_owned()
}

/// Everything before "Send".
pub async fn up_to_check(browser: &mut Browser, emails: &str) -> Page {
    let page = browser.open("/o/rx1/users/add").await;
    let form = page.form("invitations/start").choose("how", "several");
    let page = browser.submit(&form, "").await;
    let form = page
        .form("invitations/answer-emails")
        .fill("emails", emails);
    let page = browser.submit(&form, "Continue").await;
    let form = page.form("invitations/answer-role");
    let role = form.options("role").first().cloned().unwrap();
    let mut page = browser
        .submit(&form.choose("role", &role), "Continue")
        .await;
    // Where there are no areas nobody is asked for them.
    if page.address.ends_with("/areas") {
        let form = page
            .form("invitations/answer-areas")
            .choose("areas[]", "all");
        page = browser.submit(&form, "Continue").await;
    }
    let form = page.form("invitations/answer-message");
    browser.submit(&form, "Continue").await
}

pub fn people(count: usize) -> String {
    (0..count)
        .map(|n| format!("new.person{n}@hollybrook.example\n"))
        .collect()
}

fn ask(path: &str, browser: &Browser) -> Request<Body> {
    let session = browser.cookie("session").unwrap_or_default();
    Request::get(path)
        .header(header::COOKIE, format!("__Host-session={session}"))
        .header(header::ACCEPT, "text/event-stream")
        .body(Body::empty())
        .unwrap()
}

fn progress(answer: &Answer) -> Vec<JobProgress> {
    answer
        .body
        .lines()
        .filter_map(|line| line.strip_prefix("data: "))
        .map(|text| app::wire::decode(text.as_bytes()).unwrap())
        .collect()
}

/// B08, `ux.md` 6.25: each change is told, the last one says that it is finished.
#[tokio::test]
async fn progress_is_told_until_it_is_finished() {
    let lanyard = Lanyard::with_demo().await;
    let mut browser = lanyard.signed_in(ADMINISTRATOR).await;
    let job = invite(&mut browser, &people(12)).await;
    let events = format!("{job}/events");
    let watching = tokio::spawn({
        let request = ask(&events, &browser);
        let lanyard = lanyard.door();
        async move { lanyard.send(request).await }
    });
    tokio::time::sleep(std::time::Duration::from_millis(700)).await;
    lanyard.mail().await;
    let answer = watching.await.unwrap();
    assert_eq!(answer.header(header::CONTENT_TYPE), "text/event-stream");
    let told = progress(&answer);
    assert!(told.len() >= 2, "{}", answer.body);
    assert!(!told[0].finished && told[0].total == 12);
    let last = told.last().unwrap();
    assert!(last.finished && last.done == 12, "{last:?}");
    assert!(answer.body.contains("id: end"));

    // A browser that comes back by itself is sent away for good.
    let mut request = ask(&events, &browser);
    request
        .headers_mut()
        .insert("last-event-id", "end".parse().unwrap());
    assert_eq!(lanyard.send(request).await.status, StatusCode::NO_CONTENT);
}

/// R56: who signs out, or loses the right, hears nothing more.
#[tokio::test]
async fn a_stream_ends_with_the_session() {
    let lanyard = Lanyard::with_demo().await;
    let mut browser = lanyard.signed_in(ADMINISTRATOR).await;
    let job = invite(&mut browser, &people(12)).await;
    let watching = tokio::spawn({
        let request = ask(&format!("{job}/events"), &browser);
        let lanyard = lanyard.door();
        async move { lanyard.send(request).await }
    });
    tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    let form = browser.current().form("session/sign-out");
    browser.submit(&form, "").await;
    let told = progress(&watching.await.unwrap());
    assert!(told.iter().all(|progress| !progress.finished), "{told:?}");
}

/// B09, R65: the file is for those who may see the page.
#[tokio::test]
async fn results_are_a_file_for_who_may_see_them() {
    let lanyard = Lanyard::with_demo().await;
    let mut browser = lanyard.signed_in(ADMINISTRATOR).await;
    let job = invite(
        &mut browser,
        "first.new@hollybrook.example\nsecond.new@hollybrook.example",
    )
    .await;
    lanyard.mail().await;
    for (name, path) in [
        ("results.csv", format!("{job}/results.csv")),
        ("events", format!("{job}/events")),
    ] {
        let answer = lanyard.send(ask(&path, &browser)).await;
        assert_eq!(answer.status, StatusCode::OK, "{name}");
        let mut stranger = lanyard.signed_in(ELSEWHERE).await;
        assert_eq!(
            lanyard.send(ask(&path, &stranger)).await.status,
            StatusCode::NOT_FOUND,
            "{name}"
        );
        let other = path.replace("/o/rx1/", "/o/rx2/");
        assert_eq!(
            lanyard.send(ask(&other, &stranger)).await.status,
            StatusCode::NOT_FOUND,
            "{name}"
        );
        assert_eq!(
            lanyard.send(ask(&other, &browser)).await.status,
            StatusCode::NOT_FOUND,
            "{name}"
        );
        stranger.forget();
        assert_eq!(
            lanyard.send(ask(&path, &stranger)).await.status,
            StatusCode::UNAUTHORIZED,
            "{name}"
        );
        let unknown = "/o/rx1/jobs/b-00000000000070008000000000000000";
        assert_eq!(
            lanyard
                .send(ask(&format!("{unknown}/{name}"), &browser))
                .await
                .status,
            StatusCode::NOT_FOUND
        );
        assert_eq!(
            lanyard
                .send(ask(&format!("/o/rx1/jobs/1/{name}"), &browser))
                .await
                .status,
            StatusCode::NOT_FOUND
        );
    }
    let page = browser.open(&format!("{job}/results.csv")).await;
    assert_eq!(
        page.headers.get(header::CONTENT_TYPE).unwrap(),
        "text/csv; charset=utf-8"
    );
    let disposition = page
        .headers
        .get(header::CONTENT_DISPOSITION)
        .unwrap()
        .to_str()
        .unwrap();
    assert!(
        disposition.starts_with("attachment; filename=\"invitations-"),
        "{disposition}"
    );
    assert!(
        page.html.contains("first.new@hollybrook.example") && page.html.lines().count() == 3,
        "{}",
        page.html
    );

    browser.forget();
    let page = browser.open(&format!("{job}/results.csv")).await;
    page.is("Sign in");
    assert!(
        page.address.starts_with("/sign-in?return-to=/o/rx1/jobs/"),
        "{}",
        page.address
    );
}
