//! Roles for a while (R69): what an open session may do at the instant at which one begins or ends.

use axum::http::StatusCode;
use chrono::TimeDelta;
use domain::MembershipStatus;
use service::testing::Harness;

use crate::harness::Lanyard;

/// R56, R69: with a session that stays open, pages, files, answers and changes are refused until the first
/// instant of a role, allowed until the last before its end, and refused again, though nothing runs besides
/// the requests.
#[tokio::test]
async fn an_open_session_has_a_role_for_its_period_only() {
    let lanyard = Lanyard::new().await;
    let tools = Harness {
        services: lanyard.services.clone(),
        clock: lanyard.clock.clone(),
    };
    let organisation = tools.organisation("RX1", "Hollybrook Hospital").await;
    tools.administrator("rx1", "sam.okoro@nhs.net").await;
    let kim = tools.administrator("rx1", "kim.adler@nhs.net").await;
    let jane = tools.member("rx1", "jane.carlton@nhs.net", "viewer").await;
    let moment = TimeDelta::milliseconds(1);
    let starts = lanyard.services.now() + TimeDelta::minutes(5);
    let ends = starts + TimeDelta::minutes(5);
    let mut tx = lanyard.services.store().write().await.unwrap();
    let member = tx.membership_of(organisation, kim.user()).await;
    let member = member.unwrap().unwrap().id;
    let rows = tx.assignments_of(organisation, member).await;
    let mut rows = rows.unwrap();
    rows[0].starts_at = Some(starts);
    rows[0].ends_at = Some(ends);
    tx.replace_assignments(organisation, member, &rows)
        .await
        .unwrap();
    tx.commit().await.unwrap();

    let mut browser = lanyard.browser();
    browser.set_cookie("session", &tools.session(&kim).await);
    let user = jane.user().to_string();
    let mut status = MembershipStatus::Active;
    for (instant, allowed, then) in [
        (starts - moment, false, MembershipStatus::Active),
        (starts, true, MembershipStatus::Inactive),
        (ends - moment, true, MembershipStatus::Active),
        (ends, false, MembershipStatus::Active),
    ] {
        lanyard.clock.set(instant);
        let expected = if allowed {
            StatusCode::OK
        } else {
            StatusCode::FORBIDDEN
        };
        let person = format!("/o/rx1/users/{user}");
        for page in ["/o/rx1/users", "/o/rx1/users.csv", "/o/rx1/jobs", &person] {
            let shown = browser.open(page).await;
            assert_eq!(shown.status, expected, "{page} at {instant}");
        }
        let list = browser.ask("users/list", "organisation=rx1&query=").await;
        assert_eq!(list.status, expected, "{instant}");
        let mut fields = vec![("org", "rx1"), ("user", user.as_str()), ("confirm", "yes")];
        let function = if status == MembershipStatus::Active {
            fields.push(("reason", "on_leave"));
            "memberships/deactivate"
        } else {
            fields.push(("access", "same"));
            "memberships/reactivate"
        };
        let (answer, _) = browser.call(function, &fields).await;
        assert_eq!(answer == StatusCode::FORBIDDEN, !allowed, "{answer}");
        let mut tx = lanyard.services.store().read().await.unwrap();
        let row = tx.membership_of(organisation, jane.user()).await;
        status = row.unwrap().unwrap().status;
        assert_eq!(status, then, "{instant}");
    }
}
