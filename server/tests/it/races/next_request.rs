//! What an open session may do, right after it was changed.

use axum::http::StatusCode;

use super::{Trust, rounds};
use crate::{browser::Browser, harness::router_over};

/// So often for each round: 1,000 times for 200 of them.
const A_ROUND: u32 = 5;

/// R56: a change of role counts at the next request of every session that is open, whoever is told so
/// first; every time.
pub(super) async fn sees_every_change_of_role(trust: Trust) {
    let jane = trust.member(1, "team-manager").await;
    let router = router_over(trust.h.services.clone());
    let mut sam = Browser::at(router.clone());
    sam.set_cookie("session", &trust.h.session(&trust.supers[0]).await);
    let mut open = [Browser::at(router.clone()), Browser::at(router)];
    for browser in &mut open {
        browser.set_cookie("session", &trust.h.session(&jane).await);
    }
    let user = jane.user().to_string();
    let times = rounds() * A_ROUND;
    let mut seen = 0;
    for time in 0..times {
        let sees_people = time % 2 == 1;
        let (role, expected) = if sees_people {
            (trust.manager, StatusCode::OK)
        } else {
            (trust.ordinary, StatusCode::FORBIDDEN)
        };
        let (assignment, version) = trust.page(&jane).await;
        let (assignment, version) = (assignment.to_string(), version.to_string());
        let role = role.to_string();
        let fields = [
            ("org", "nj1"),
            ("user", user.as_str()),
            ("version", version.as_str()),
            ("assignment", assignment.as_str()),
            ("role", role.as_str()),
            // As from the page that asks why, for a role with which others are managed.
            ("checked", "yes"),
            ("reason", "Covers for somebody"),
        ];
        let (saved, error) = sam.call("memberships/save-role", &fields).await;
        assert!(
            error.is_none() && saved != StatusCode::CONFLICT,
            "{saved}: {error:?}"
        );
        let mut answers = Vec::new();
        for browser in &mut open {
            let answer = browser.ask("users/list", "organisation=nj1&query=").await;
            answers.push(answer.status);
        }
        if answers.iter().all(|answer| *answer == expected) {
            seen += 1;
        } else {
            println!("time {time}: {answers:?} instead of {expected}");
        }
    }
    println!(
        "a change of role was seen by every open session at its next request: {seen} of {times} times"
    );
    assert_eq!(seen, times);
    trust.holds_at_the_end().await;
}
