use domain::policy::GrantEffective;

use super::*;

/// A10, A11, R56: another role, in two places, until a day; an open session has it at its next request.
#[tokio::test]
async fn a_role_is_changed_at_once() {
    let ward = Ward::new().await;
    let services = &ward.h.services;
    let jane = ward.jane.user();
    let page = services.user_page(&ward.sam, "rx1", jane).await.unwrap();
    let held = page.roles[0].assignment;
    let mut form = ward
        .form("administrator", &[ward.north, ward.nursing])
        .await;
    form.dates.end_day = "31".to_owned();
    form.dates.end_month = "3".to_owned();
    form.dates.end_year = "2027".to_owned();
    let version = page.version;
    let changed = services
        .change_role(&ward.sam, "rx1", jane, held, version, &form)
        .await
        .unwrap();
    let expected = ["Administrator: Community nursing (until 31 March 2027)"];
    assert_eq!(ward.roles(&ward.jane).await, expected);
    let message = ward.h.outbox().await.pop().unwrap();
    assert_eq!(message.content.before, ["Viewer"]);
    assert_eq!(message.content.after, expected);
    let mut tx = services.store.read().await.unwrap();
    let access = services.access(&mut tx, &ward.jane, "rx1").await.unwrap();
    assert!(access.has(domain::Permission::UsersView));
    drop(tx);
    // R69: after its last day it is nothing, without anything that runs.
    ward.h.clock.advance(TimeDelta::days(200));
    let mut tx = services.store.read().await.unwrap();
    let access = services.access(&mut tx, &ward.jane, "rx1").await.unwrap();
    assert!(!access.has(domain::Permission::UsersView));
    drop(tx);
    let undo = services
        .undo(&ward.sam, "rx1", changed.change.unwrap())
        .await;
    assert_eq!(refused(undo), "conflict.cannot_undo");
}

/// An unchanged save changes nothing and sends nothing (J37); an old page is refused (R98).
#[tokio::test]
async fn an_unchanged_role_is_no_change() {
    let ward = Ward::new().await;
    let services = &ward.h.services;
    let jane = ward.jane.user();
    let page = services.user_page(&ward.sam, "rx1", jane).await.unwrap();
    let held = page.roles[0].assignment;
    let (before, form) = (ward.events().await, ward.form("viewer", &[]).await);
    let change = async |version| {
        let form = &form;
        services
            .change_role(&ward.sam, "rx1", jane, held, version, form)
            .await
    };
    assert_eq!(change(page.version).await.unwrap().change, None);
    assert_eq!(ward.events().await, before);
    assert!(ward.mail().await.is_empty());
    assert_eq!(refused(change(page.version + 1).await), "conflict.stale");
}

/// C7: one role of a service; `role.duplicate` for the same access twice.
#[tokio::test]
async fn nobody_has_the_same_access_twice() {
    let ward = Ward::new().await;
    let services = &ward.h.services;
    ward.limit(&ward.jane, ward.nursing).await;
    let add = async |form: AssignmentForm| {
        let version = ward.version(&ward.jane).await;
        services
            .add_role(&ward.sam, "rx1", ward.jane.user(), version, &form)
            .await
    };
    let inside = ward.form("viewer", &[ward.north]).await;
    assert_eq!(refused(add(inside).await), "role.duplicate");
    let other = ward.form("contributor", &[]).await;
    assert_eq!(refused(add(other).await), "role.only_one");
    let wider = ward.form("viewer", &[]).await;
    add(wider).await.unwrap();
    assert_eq!(ward.roles(&ward.jane).await, ["Viewer"]);
}

/// E4: a role with which others are managed is given with a reason, which is kept.
#[tokio::test]
async fn a_privileged_role_is_given_with_a_reason() {
    let ward = Ward::new().await;
    let services = &ward.h.services;
    let jane = ward.jane.user();
    let page = services.user_page(&ward.sam, "rx1", jane).await.unwrap();
    let (held, version) = (page.roles[0].assignment, page.version);
    let mut form = ward.form("administrator", &[]).await;
    let needs = async |form: &AssignmentForm| {
        services
            .role_needs_reason(&ward.sam, "rx1", jane, Some(held), form)
            .await
            .unwrap()
    };
    assert!(needs(&form).await);
    assert!(!needs(&ward.form("contributor", &[]).await).await);
    for (reason, code) in [
        (" ".to_owned(), "role_reason.empty"),
        ("x".repeat(501), "reason.too_long"),
    ] {
        form.reason = reason;
        let answer = services.change_role(&ward.sam, "rx1", jane, held, version, &form);
        assert_eq!(refused(answer.await), code);
    }
    form.reason = "Leads the ward".to_owned();
    let changed = services
        .change_role(&ward.sam, "rx1", jane, held, version, &form)
        .await
        .unwrap();
    let mut tx = services.store.read().await.unwrap();
    let change = tx.change(ward.organisation, changed.change.unwrap()).await;
    assert_eq!(change.unwrap().unwrap().reason, "Leads the ward");
}

/// R67: nobody gives, or takes, what they do not hold there.
#[tokio::test]
async fn nobody_gives_what_they_do_not_hold() {
    let ward = Ward::new().await;
    let services = &ward.h.services;
    let robin = ward.h.administrator("rx1", "robin.hill@nhs.net").await;
    ward.limit(&robin, ward.north).await;
    ward.limit(&ward.jane, ward.north).await;
    let jane = ward.jane.user();
    let change = async |areas: &[AreaId]| {
        let page = services.user_page(&ward.sam, "rx1", jane).await.unwrap();
        let form = ward.form("administrator", areas).await;
        let (held, version) = (page.roles[0].assignment, page.version);
        services
            .change_role(&robin, "rx1", jane, held, version, &form)
            .await
    };
    assert_eq!(refused(change(&[]).await), "not allowed");
    assert_eq!(refused(change(&[ward.nursing]).await), "not allowed");
    change(&[ward.north]).await.unwrap();
    assert_eq!(ward.roles(&ward.jane).await, ["Administrator: North team"]);
    // Sam has more rights than Robin.
    let page = services
        .user_page(&ward.alex, "rx1", ward.sam.user())
        .await
        .unwrap();
    let taken = services.remove_role(&robin, "rx1", ward.sam.user(), page.roles[0].assignment);
    assert_eq!(refused(taken.await), "not found");
}

/// R71, R72: the last administrator is neither demoted nor left to expire, and nobody changes their own
/// role.
#[tokio::test]
async fn an_administrator_stays() {
    let ward = Ward::new().await;
    let services = &ward.h.services;
    let role_of = async |person: &Actor| {
        let page = services
            .user_page(&ward.sam, "rx1", person.user())
            .await
            .unwrap();
        (page.roles[0].assignment, page.version)
    };
    let viewer = ward.form("viewer", &[]).await;
    let (held, version) = role_of(&ward.sam).await;
    let own = services.change_role(&ward.sam, "rx1", ward.sam.user(), held, version, &viewer);
    assert_eq!(refused(own.await), "conflict.own_access");
    // Alex ends: Sam is the last one who lasts.
    let (held, version) = role_of(&ward.alex).await;
    let mut ending = ward.form("administrator", &[]).await;
    ending.dates.end_day = "31".to_owned();
    ending.dates.end_month = "12".to_owned();
    ending.dates.end_year = "2026".to_owned();
    let alex = ward.alex.user();
    services
        .change_role(&ward.sam, "rx1", alex, held, version, &ending)
        .await
        .unwrap();
    let (held, _) = role_of(&ward.sam).await;
    let taken = services
        .remove_role(&ward.alex, "rx1", ward.sam.user(), held)
        .await;
    assert_eq!(refused(taken), "last_admin");
}

/// C9, V24: where the organisation wants it, what is given counts from the next sign in on; what is
/// taken away ends at once.
#[tokio::test]
async fn a_grant_can_wait_for_the_next_sign_in() {
    let ward = Ward::new().await;
    let services = &ward.h.services;
    ward.policy(|policy| policy.grant_effective = GrantEffective::NextSignIn)
        .await;
    let session = ward.h.session(&ward.jane).await;
    let jane = ward.h.signed_in(&session).await.unwrap();
    ward.h.clock.advance(TimeDelta::minutes(1));
    let page = services
        .user_page(&ward.sam, "rx1", jane.user())
        .await
        .unwrap();
    let form = ward.form("manager", &[]).await;
    let (held, version) = (page.roles[0].assignment, page.version);
    services
        .change_role(&ward.sam, "rx1", jane.user(), held, version, &form)
        .await
        .unwrap();
    let may = async |actor: &Actor| {
        let mut tx = services.store.read().await.unwrap();
        let access = services.access(&mut tx, actor, "rx1").await.unwrap();
        (
            access.grants.len(),
            access.has(domain::Permission::UsersView),
        )
    };
    assert_eq!(may(&jane).await, (0, false));
    let session = ward.h.session(&ward.jane).await;
    let again = ward.h.signed_in(&session).await.unwrap();
    assert_eq!(may(&again).await, (1, true));
}
