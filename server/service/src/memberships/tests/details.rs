use domain::{
    membership::DetailsForm,
    policy::{Field, FieldRule},
};

use super::*;

fn form(first: &str, last: &str, job: &str) -> DetailsForm {
    DetailsForm {
        first_name: first.to_owned(),
        last_name: last.to_owned(),
        job_title: job.to_owned(),
        ..DetailsForm::default()
    }
}

/// J37, J38, J41: the name is changed everywhere, found by it everywhere, and the person is told what
/// was changed; an unchanged save does nothing.
#[tokio::test]
async fn a_name_is_changed_everywhere() {
    let ward = Ward::new().await;
    let services = &ward.h.services;
    let rosebush = ward.h.organisation("RX2", "Rosebush Hospital").await;
    let bo = ward.h.administrator("rx2", "bo.ash@nhs.net").await;
    let jane = ward
        .h
        .member("rx2", "jane.carlton@nhs.net", "viewer")
        .await
        .user();
    let page = services.details_page(&ward.sam, "rx1", jane).await.unwrap();
    assert_eq!(page.other_organisations, 1);
    let version = page.subject.version;
    let (before, mail) = (ward.events().await, ward.mail().await.len());
    let same = form("Jane", "Carlton", "");
    let same = services
        .change_details(&ward.sam, "rx1", jane, version, &same)
        .await;
    assert_eq!(same.unwrap().change, None);
    assert_eq!(
        (ward.events().await, ward.mail().await.len()),
        (before, mail)
    );

    let married = form("Jane", "Brook-Ellis", "");
    let changed = services
        .change_details(&ward.sam, "rx1", jane, version, &married)
        .await;
    let changed = changed.unwrap();
    assert_eq!(changed.name, "Jane Brook-Ellis");
    let message = ward.h.outbox().await.pop().unwrap();
    assert_eq!(message.kind, "details_changed");
    assert_eq!(message.content.before, ["Last name: Carlton"]);
    assert_eq!(message.content.after, ["Last name: Brook-Ellis"]);
    for (slug, by) in [("rx1", &ward.sam), ("rx2", &bo)] {
        let query = domain::listing::UsersQuery {
            q: "brook jane".to_owned(),
            ..domain::listing::UsersQuery::default()
        };
        let found = services.users_page(by, slug, &query).await.unwrap();
        assert_eq!(found.rows.len(), 1, "{slug}");
    }
    let mut tx = services.store.read().await.unwrap();
    let there = tx.membership_of(rosebush, jane).await.unwrap().unwrap();
    assert!(there.sort_name.starts_with("brook"), "{}", there.sort_name);
    drop(tx);
    services
        .undo(&ward.sam, "rx1", changed.change.unwrap())
        .await
        .unwrap();
    assert_eq!(ward.person(&ward.jane).await.0.last_name, "Carlton");
}

/// "Two administrators edit one person": the second is told, and nothing is written over.
#[tokio::test]
async fn the_second_of_two_is_told() {
    let ward = Ward::new().await;
    let services = &ward.h.services;
    let jane = ward.jane.user();
    let version = ward.version(&ward.jane).await;
    let first = form("Janet", "Carlton", "");
    services
        .change_details(&ward.sam, "rx1", jane, version, &first)
        .await
        .unwrap();
    let second = form("Jane", "Charlton", "");
    let second = services
        .change_details(&ward.alex, "rx1", jane, version, &second)
        .await;
    assert_eq!(refused(second), "conflict.stale");
    assert_eq!(ward.person(&ward.jane).await.0.name(), "Janet Carlton");
}

/// J36, R67, R72: never one's own, never of somebody with more rights.
#[tokio::test]
async fn some_details_are_not_theirs_to_change() {
    let ward = Ward::new().await;
    let services = &ward.h.services;
    let robin = ward.h.administrator("rx1", "robin.hill@nhs.net").await;
    ward.limit(&robin, ward.nursing).await;
    let typed = form("A", "B", "");
    for (by, whom, expected) in [
        (&ward.sam, &ward.sam, "conflict.own_access"),
        (&robin, &ward.alex, "not found"),
        (&ward.jane, &ward.alex, "not allowed"),
    ] {
        let version = ward.version(whom).await;
        let result = services.change_details(by, "rx1", whom.user(), version, &typed);
        assert_eq!(refused(result.await), expected);
    }
}

/// J38, C6: where the job title is the person's, it is theirs wherever that is so.
#[tokio::test]
async fn a_shared_job_title_is_the_same_everywhere() {
    let h = Harness::new().await;
    h.organisation_of(Preset::NhsJobs, "NJ1", "Elm Trust").await;
    h.organisation_of(Preset::NhsJobs, "NJ2", "Oak Trust").await;
    let rx = h.organisation("RX1", "Hollybrook Hospital").await;
    let sam = h.member("nj1", "sam.ash@nhs.net", "super-user").await;
    for (slug, role) in [
        ("nj1", "team-manager"),
        ("nj2", "super-user"),
        ("rx1", "viewer"),
    ] {
        h.member(slug, "jane.carlton@nhs.net", role).await;
    }
    let mut tx = h.services.store.read().await.unwrap();
    let jane = tx
        .user_by_email_key("jane.carlton@nhs.net")
        .await
        .unwrap()
        .unwrap()
        .id;
    drop(tx);
    let page = h.services.details_page(&sam, "nj1", jane).await.unwrap();
    assert!(page.job_title_shared);
    let typed = form("Jane", "Carlton", "Ward manager");
    let version = page.subject.version;
    h.services
        .change_details(&sam, "nj1", jane, version, &typed)
        .await
        .unwrap();
    let mut tx = h.services.store.read().await.unwrap();
    for (organisation, membership) in tx.organisations_of(jane).await.unwrap() {
        let expected = if organisation.id == rx {
            ""
        } else {
            "Ward manager"
        };
        assert_eq!(membership.job_title, expected, "{}", organisation.slug);
    }
}

/// J47: the details of somebody who is deactivated here can still be put right.
#[tokio::test]
async fn details_of_a_deactivated_account_are_changed() {
    let ward = Ward::new().await;
    let services = &ward.h.services;
    ward.deactivate(&ward.sam, &ward.jane).await.unwrap();
    let jane = ward.jane.user();
    let page = services.details_page(&ward.sam, "rx1", jane).await.unwrap();
    assert_eq!(page.subject.obstacle, "");
    let new = form("Janet", "Carlton", "");
    let changed = services.change_details(&ward.sam, "rx1", jane, page.subject.version, &new);
    assert_eq!(changed.await.unwrap().name, "Janet Carlton");
    assert_eq!(ward.status(&ward.jane).await, MembershipStatus::Inactive);
}

/// V23, V04, M31: clinician status is changed like any detail and the person is told; notes are for those
/// who may see them, and the person never hears of them.
#[tokio::test]
async fn clinician_status_is_told_and_notes_are_not() {
    let ward = Ward::new().await;
    let services = &ward.h.services;
    ward.policy(|policy| {
        for field in [
            Field::ClinicianStatus,
            Field::RegistrationNumber,
            Field::Notes,
        ] {
            policy.fields.insert(field, FieldRule::OPTIONAL);
        }
    })
    .await;
    let change = async |form: &DetailsForm| {
        let page = services.details_page(&ward.sam, "rx1", ward.jane.user());
        let version = page.await.unwrap().subject.version;
        services
            .change_details(&ward.sam, "rx1", ward.jane.user(), version, form)
            .await
            .unwrap()
    };
    let noted = DetailsForm {
        notes: "On leave until June".into(),
        ..form("Jane", "Carlton", "")
    };
    let changed = change(&noted).await;
    assert!(changed.change.is_some());
    assert!(ward.h.outbox().await.is_empty());
    ward.h.clock.advance(chrono::TimeDelta::minutes(5));
    let clinician = DetailsForm {
        clinician: "yes".into(),
        registration_number: "2055123".into(),
        ..noted.clone()
    };
    let changed = change(&clinician).await;
    let [message] = &ward.h.outbox().await[..] else {
        panic!("one message")
    };
    assert_eq!(
        message.content.after,
        ["Registered clinician: yes", "Registration number: 2055123"]
    );
    let page = services.user_page(&ward.sam, "rx1", ward.jane.user());
    let page = page.await.unwrap();
    let kept = page.clinician.unwrap();
    assert_eq!(
        (kept.registered, kept.registration_number.as_str()),
        (Some(true), "2055123")
    );
    assert_eq!(page.notes.as_deref(), Some("On leave until June"));
    // Taking it back leaves the notes as they were before that change.
    services
        .undo(&ward.sam, "rx1", changed.change.unwrap())
        .await
        .unwrap();
    let page = services.details_page(&ward.sam, "rx1", ward.jane.user());
    let page = page.await.unwrap();
    assert_eq!(page.details, noted);
}
