use super::*;

/// J35, J42, J44, R56, V25, V26: at once and once, here and nowhere else, with an email and an event that
/// says why.
#[tokio::test]
async fn deactivating_ends_access_here_at_once() {
    let ward = Ward::new().await;
    let services = &ward.h.services;
    ward.h.organisation("RX2", "Rosebush Hospital").await;
    let jane = ward.h.member("rx2", "jane.carlton@nhs.net", "viewer").await;
    let before = ward.events().await;
    let session = ward.h.session(&jane).await;
    let changed = ward.deactivate(&ward.sam, &jane).await.unwrap();
    assert_eq!(changed.name, "Jane Carlton");
    assert_eq!(ward.status(&jane).await, MembershipStatus::Inactive);
    assert_eq!(ward.events().await - before, 1);
    assert_eq!(ward.mail().await, ["deactivated jane.carlton@nhs.net"]);
    let mut tx = services.store.read().await.unwrap();
    assert!(matches!(
        services.access(&mut tx, &jane, "rx1").await,
        Err(Error::NotFound)
    ));
    assert!(services.access(&mut tx, &jane, "rx2").await.is_ok());
    drop(tx);
    assert!(ward.h.is_signed_in(&session).await, "signed in for RX2");
    assert_eq!(
        refused(ward.deactivate(&ward.sam, &jane).await),
        "conflict.not_active"
    );
}

/// I5, R60: whoever has no other organisation is signed out, and what they had begun ends.
#[tokio::test]
async fn whoever_has_nothing_left_is_signed_out() {
    let ward = Ward::new().await;
    let session = ward.h.session(&ward.jane).await;
    assert!(ward.h.is_signed_in(&session).await);
    ward.deactivate(&ward.sam, &ward.jane).await.unwrap();
    assert!(!ward.h.is_signed_in(&session).await);
}

/// J43: No changes nothing and writes nothing.
#[tokio::test]
async fn no_changes_nothing() {
    let ward = Ward::new().await;
    let before = ward.events().await;
    let no = DeactivateForm {
        confirm: "no".to_owned(),
        ..DeactivateForm::default()
    };
    let services = &ward.h.services;
    let answer = services.deactivate(&ward.sam, "rx1", ward.jane.user(), &no);
    assert_eq!(answer.await.unwrap(), Answered::No);
    assert_eq!(ward.status(&ward.jane).await, MembershipStatus::Active);
    assert_eq!(ward.events().await, before);
    assert!(ward.mail().await.is_empty());
}

/// J36, R67, R71, R72: not oneself, nobody with more rights, not the last administrator.
#[tokio::test]
async fn some_people_cannot_be_deactivated() {
    let ward = Ward::new().await;
    assert_eq!(
        refused(ward.deactivate(&ward.sam, &ward.sam).await),
        "conflict.own_access"
    );
    let robin = ward.h.administrator("rx1", "robin.hill@nhs.net").await;
    ward.limit(&robin, ward.nursing).await;
    assert_eq!(
        refused(ward.deactivate(&robin, &ward.alex).await),
        "not found"
    );
    assert_eq!(
        refused(ward.deactivate(&robin, &ward.jane).await),
        "not found"
    );
    ward.limit(&ward.jane, ward.north).await;
    assert!(
        ward.deactivate(&robin, &ward.jane).await.is_ok(),
        "inside their area"
    );
    assert_eq!(
        refused(ward.deactivate(&ward.jane, &ward.alex).await),
        "not found"
    );
    ward.deactivate(&ward.sam, &ward.alex).await.unwrap();
    let page = ward
        .h
        .services
        .deactivate_page(&ward.sam, "rx1", ward.sam.user());
    assert_eq!(page.await.unwrap().subject.obstacle, "conflict.own_access");
    // Robin manages one area only: that does not keep an organisation.
    assert_eq!(
        refused(ward.deactivate(&robin, &ward.sam).await),
        "not found"
    );
}

/// R71, C8: as many stay as the organisation needs, and of two who remove each other one stays.
#[tokio::test]
async fn the_last_administrator_stays() {
    let ward = Ward::new().await;
    let services = &ward.h.services;
    ward.policy(|policy| policy.minimum_holders = 2).await;
    assert_eq!(
        refused(ward.deactivate(&ward.sam, &ward.alex).await),
        "last_admin"
    );
    let page = services.deactivate_page(&ward.sam, "rx1", ward.alex.user());
    assert_eq!(page.await.unwrap().subject.obstacle, "last_admin");
    ward.policy(|policy| policy.minimum_holders = 1).await;
    ward.deactivate(&ward.sam, &ward.alex).await.unwrap();
    assert_eq!(
        refused(ward.deactivate(&ward.alex, &ward.sam).await),
        "not found"
    );
}

/// R65: nobody of another organisation is there, whoever asks.
#[tokio::test]
async fn people_of_other_organisations_are_not_there() {
    let ward = Ward::new().await;
    ward.h.organisation("RX2", "Rosebush Hospital").await;
    let other = ward.h.member("rx2", "bo.ash@nhs.net", "viewer").await;
    let services = &ward.h.services;
    for slug in ["rx1", "rx2"] {
        let result = services.deactivate(&ward.sam, slug, other.user(), yes_left());
        assert_eq!(refused(result.await), "not found");
        let result = services.reactivate(&ward.sam, slug, other.user(), with("same"));
        assert_eq!(refused(result.await), "not found");
    }
    let lee = ward.h.member("rx1", "lee.ward@nhs.net", "manager").await;
    assert_eq!(
        refused(ward.deactivate(&lee, &ward.jane).await),
        "not allowed"
    );
}

/// J48, J50, J51, V27: the same roles again, with an email; a session from before is not revived (R61).
#[tokio::test]
async fn reactivating_gives_the_same_access_back() {
    let ward = Ward::new().await;
    let services = &ward.h.services;
    let session = ward.h.session(&ward.jane).await;
    ward.deactivate(&ward.sam, &ward.jane).await.unwrap();
    let back = services.reactivate(&ward.sam, "rx1", ward.jane.user(), with("same"));
    assert!(matches!(back.await.unwrap(), Answered::Done(_)));
    assert_eq!(ward.status(&ward.jane).await, MembershipStatus::Active);
    assert_eq!(ward.roles(&ward.jane).await, ["Viewer"]);
    assert!(!ward.h.is_signed_in(&session).await);
    assert!(
        ward.mail()
            .await
            .contains(&"reactivated jane.carlton@nhs.net".to_owned())
    );
    let again = services.reactivate(&ward.sam, "rx1", ward.jane.user(), with("same"));
    assert_eq!(refused(again.await), "conflict.not_inactive");
}

/// ux E6, J50: whoever has signed in nowhere for 12 months comes back with a new password only, and is told
/// so; a day earlier the old one is good.
#[tokio::test]
async fn an_old_password_does_not_come_back() {
    for (days, keeps) in [(-1, true), (0, false)] {
        let ward = Ward::new().await;
        let services = &ward.h.services;
        let jane = ward.jane.user();
        let mut tx = services.store.write().await.unwrap();
        let mut user = tx.user(jane).await.unwrap().unwrap();
        user.password_hash = Some("old".to_owned());
        tx.update_user(&user).await.unwrap();
        let place = ward.organisation;
        tx.set_last_signed_in(place, jane, services.now())
            .await
            .unwrap();
        tx.commit().await.unwrap();
        ward.deactivate(&ward.sam, &ward.jane).await.unwrap();
        let year = services.now() + chrono::Months::new(12) - services.now();
        ward.h.clock.advance(year + TimeDelta::days(days));
        let back = services.reactivate(&ward.sam, "rx1", jane, with("same"));
        back.await.unwrap();
        let mut tx = services.store.read().await.unwrap();
        let user = tx.user(jane).await.unwrap().unwrap();
        drop(tx);
        assert_eq!(user.password_hash.is_some(), keeps, "{days}");
        let letter = ward.h.outbox().await.pop().unwrap();
        assert_eq!(letter.kind, "reactivated");
        assert_eq!(letter.content.subject == "new_password", !keeps);
    }
}

/// J25, J51, R70, requirements section 3: when the places are full nothing changes until another role
/// is chosen; a deactivated holder does not count.
#[tokio::test]
async fn a_full_role_asks_for_another_one() {
    let h = Harness::new().await;
    let organisation = h.organisation_of(Preset::NhsJobs, "NJ1", "Elm Trust").await;
    let mut people = Vec::new();
    for name in ["sam", "al", "bo", "cy", "di", "ed", "flo"] {
        people.push(
            h.member("nj1", &format!("{name}.ash@nhs.net"), "super-user")
                .await,
        );
    }
    let services = &h.services;
    let (sam, flo) = (&people[0], &people[6]);
    let gone = services.deactivate(sam, "nj1", flo.user(), yes_left());
    assert!(matches!(gone.await.unwrap(), Answered::Done(_)));
    h.clock.advance(TimeDelta::minutes(1));
    h.member("nj1", "gus.ash@nhs.net", "super-user").await;
    let mut tx = services.store.read().await.unwrap();
    let used = tx.seats_used(organisation, services.now()).await.unwrap();
    assert_eq!(used[0].1, 7, "Gus has the place of Flo");
    let roles = tx.roles(organisation).await.unwrap();
    drop(tx);
    let same = services.reactivate(sam, "nj1", flo.user(), with("same"));
    assert_eq!(refused(same.await), "role.full");
    let page = services
        .reactivate_page(sam, "nj1", flo.user())
        .await
        .unwrap();
    assert_eq!(page.same_obstacle, "role.full");
    // ux E6: what is no longer available is marked, and who holds the places is said.
    assert_eq!(page.marks, ["No longer available: no places left"]);
    assert_eq!(page.full.len(), 1);
    assert_eq!(
        page.full[0].words,
        "All 7 Super user places are held by Al Ash, Bo Ash, Cy Ash, Di Ash, Ed Ash, Gus Ash and Sam Ash."
    );
    assert_eq!(page.full[0].way.href, "/o/nj1/users?role=super-user");
    let as_role = |key: &str| AssignmentForm {
        role: roles
            .iter()
            .find(|role| role.key == key)
            .unwrap()
            .id
            .to_string(),
        reason: "Leads a team from Monday".to_owned(),
        ..AssignmentForm::default()
    };
    let version = page.subject.version;
    let same = as_role("super-user");
    let again = services.reactivate_as(sam, "nj1", flo.user(), version, &same);
    assert_eq!(refused(again.await), "role.full");
    let mut manager = as_role("team-manager");
    // E4: whoever comes back with more than they had does so for a reason.
    manager.reason.clear();
    let silent = services.reactivate_as(sam, "nj1", flo.user(), version, &manager);
    assert_eq!(refused(silent.await), "role_reason.empty");
    manager = as_role("team-manager");
    let changed = services
        .reactivate_as(sam, "nj1", flo.user(), version, &manager)
        .await;
    // Taking it back gives Flo her old role, resting.
    let change = changed.unwrap().change.unwrap();
    services.undo(sam, "nj1", change).await.unwrap();
    let page = services.user_page(sam, "nj1", flo.user()).await.unwrap();
    assert_eq!(page.roles[0].name, "Super user");
    assert_eq!(page.status, domain::ShownStatus::Inactive);
}

/// ux E6: the question marks what is no longer as it was, and still offers the same access.
#[tokio::test]
async fn what_has_ended_is_marked_before_somebody_comes_back() {
    let ward = Ward::new().await;
    let services = &ward.h.services;
    let jane = ward.jane.user();
    let marks = async || {
        let page = services.reactivate_page(&ward.sam, "rx1", jane).await;
        let page = page.unwrap();
        assert_eq!(page.same_obstacle, "");
        assert!(page.full.is_empty());
        page.marks
    };
    let gone = services.deactivate(&ward.sam, "rx1", jane, yes_left());
    gone.await.unwrap();
    assert_eq!(marks().await, [""]);
    let mut tx = services.store.write().await.unwrap();
    let member = tx.membership_of(ward.organisation, jane).await.unwrap();
    let member = member.unwrap().id;
    let held = tx.assignments_of(ward.organisation, member).await;
    let mut held = held.unwrap();
    held[0].ends_at = Some(services.now());
    tx.replace_assignments(ward.organisation, member, &held)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    assert_eq!(marks().await, ["No longer available: it has ended"]);
}

/// J45: what somebody leaves behind is said before.
#[tokio::test]
async fn the_page_says_what_somebody_leaves_behind() {
    let ward = Ward::new().await;
    let page = ward
        .h
        .services
        .deactivate_page(&ward.sam, "rx1", ward.jane.user());
    let page = page.await.unwrap();
    assert_eq!(page.subject.obstacle, "");
    assert_eq!(page.only_holder_of, ["Viewer"]);
    let ways: Vec<&str> = page.reassign.iter().map(|way| way.href.as_str()).collect();
    assert_eq!(ways, ["/o/rx1/users", "/o/rx1/users/add"]);
    assert_eq!(page.waiting_invitations, 0);
    assert_eq!(page.roles.len(), 1);
}
