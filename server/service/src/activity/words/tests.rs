use domain::AuditEventKind as Kind;
use serde_json::{Value, json};

use super::*;

fn whole() -> Sees {
    Sees {
        organisation: "Hollybrook Hospital".to_owned(),
        notes: true,
        ..Sees::own()
    }
}

fn told(kind: Kind, details: &Value, sees: &Sees) -> (String, String) {
    (
        title(kind, "Jane Carlton", details, sees),
        more(kind, details, sees),
    )
}

/// ux 5.2: every kind has words, that start with a capital and do not end in a full stop.
#[test]
fn every_kind_has_its_words() {
    for kind in Kind::ALL {
        for (subject, role) in [("Jane Carlton", "Manager"), ("", "")] {
            let words = title(*kind, subject, &json!({ "role": role }), &whole());
            let first = words.chars().next();
            assert!(first.is_some_and(char::is_uppercase), "{kind}: {words}");
            assert!(!words.ends_with(['.', ' ']), "{kind}: {words}");
            assert!(!words.contains("  "), "{kind}: {words}");
        }
    }
}

/// C2: names, roles and numbers are filled in; somebody known by an address keeps it as it is.
#[test]
fn names_roles_and_numbers_are_filled_in() {
    let sent = |count: u32| json!({ "outcomes": { "sent": count, "invalid": 4 } });
    for (kind, subject, details, words) in [
        (Kind::BatchFinished, "", sent(41), "41 invitations sent"),
        (Kind::BatchFinished, "", sent(1), "1 invitation sent"),
        (Kind::BatchFinished, "", sent(0), "No invitations were sent"),
        (
            Kind::InvitationResent,
            "jane@nhs.net",
            json!({}),
            "Invitation sent again to jane@nhs.net",
        ),
        (
            Kind::MembershipActivated,
            "jane@nhs.net",
            json!({}),
            "jane@nhs.net finished registering",
        ),
        (
            Kind::InvitationResent,
            "",
            json!({}),
            "Invitation sent again to someone",
        ),
        (
            Kind::MembershipActivated,
            "",
            json!({}),
            "Someone finished registering",
        ),
        (
            Kind::RoleNotGiven,
            "Jane",
            json!({ "role": "Manager" }),
            "Jane did not get the role Manager",
        ),
        (
            Kind::RoleNotGiven,
            "Jane",
            json!({}),
            "Jane did not get a role",
        ),
    ] {
        assert_eq!(title(kind, subject, &details, &whole()), words);
    }
}

fn area(n: u128) -> domain::AreaId {
    domain::AreaId::from_uuid(uuid::Uuid::from_u128(n))
}

fn held(role: &str, wards: &[u128], period: &str) -> Value {
    let areas: Vec<Value> = wards
        .iter()
        .map(|n| json!({ "id": area(*n), "name": format!("Ward {n}") }))
        .collect();
    json!({ "role": role, "areas": areas, "period": period })
}

/// ux 6.32: a change of roles says from which to which, where and why; a change of place or time says both.
#[test]
fn a_change_of_roles_says_what_changed() {
    let recorder = || held("Recorder", &[], "");
    for (kind, was, now, words, below) in [
        (
            Kind::RoleChanged,
            json!([recorder()]),
            json!([held("Administrator", &[], "")]),
            "Role changed from Recorder to Administrator for Jane Carlton",
            "All of Hollybrook Hospital. Reason: cover",
        ),
        (
            Kind::RoleChanged,
            json!([held("Recorder", &[3], "")]),
            json!([held("Recorder", &[3, 5], "Until 31 March 2027")]),
            "Role Recorder changed for Jane Carlton",
            "Before: Ward 3. Now: Ward 3, Ward 5, until 31 March 2027. Reason: cover",
        ),
        (
            Kind::RoleAssigned,
            json!([]),
            json!([held("Viewer", &[3, 5], "")]),
            "Jane Carlton was given the role Viewer",
            "Ward 3, Ward 5. Reason: cover",
        ),
        (
            Kind::RoleRemoved,
            json!([held("Viewer", &[3], "")]),
            json!([]),
            "Jane Carlton no longer has the role Viewer",
            "Ward 3. Reason: cover",
        ),
        (
            Kind::ChangeUndone,
            json!([held("Administrator", &[], "")]),
            json!([recorder()]),
            "Role changed back from Administrator to Recorder for Jane Carlton",
            "All of Hollybrook Hospital. Reason: cover",
        ),
    ] {
        let thing = (kind == Kind::ChangeUndone).then_some("access");
        let details = json!({ "was": was, "now": now, "reason_given": "cover", "thing": thing });
        let expected = (words.to_owned(), below.to_owned());
        assert_eq!(told(kind, &details, &whole()), expected);
    }
}

/// R69, R106: whoever manages some areas reads of roles there, and of none elsewhere.
#[test]
fn roles_elsewhere_are_not_told() {
    let sees = Sees {
        reach: Reach::Areas([area(3)].into_iter().collect()),
        ..whole()
    };
    let details = json!({
        "role": "Recorder",
        "was": [held("Viewer", &[3], "")],
        "now": [held("Viewer", &[3, 5], ""), held("Recorder", &[5], ""), held("Manager", &[], "")],
    });
    let (title, below) = told(Kind::RoleChanged, &details, &sees);
    assert_eq!(title, "Role Viewer changed for Jane Carlton");
    assert!(!below.contains("Ward 5"), "{below}");
    let elsewhere = json!({ "role": "Recorder", "was": [], "now": [held("Recorder", &[5], "")] });
    let expected = ("Access changed for Jane Carlton".to_owned(), String::new());
    assert_eq!(told(Kind::RoleAssigned, &elsewhere, &sees), expected);
    assert!(areas(Kind::RoleAssigned, &elsewhere, &sees).is_empty());
}

/// ux 6.32: a change of details says from what to what; what the organisation does not keep any more and
/// notes are for nobody who may not see them (R65).
#[test]
fn a_change_of_details_says_what_changed() {
    let one = json!({ "before": ["Job title: Nurse"], "after": ["Job title: Matron"] });
    let expected = (
        "Job title changed from Nurse to Matron for Jane Carlton".to_owned(),
        String::new(),
    );
    assert_eq!(told(Kind::DetailsChanged, &one, &whole()), expected);
    let several = json!({
        "before": ["First name: Jane", "Job title: none", "Registration number: 12A: b"],
        "after": ["First name: Janet", "Job title: Matron", "Registration number: none"],
        "notes": true,
    });
    let (title, below) = told(Kind::DetailsChanged, &several, &whole());
    assert_eq!(title, "Details changed for Jane Carlton");
    assert_eq!(
        below,
        "First name changed from Jane to Janet. Job title added: Matron. \
         Registration number 12A: b removed. Notes changed."
    );
    let less = Sees {
        notes: false,
        hidden: vec![JOB_TITLE, REGISTRATION],
        ..whole()
    };
    let expected = (
        "First name changed from Jane to Janet for Jane Carlton".to_owned(),
        String::new(),
    );
    assert_eq!(told(Kind::DetailsChanged, &several, &less), expected);
    let notes = json!({ "before": [], "after": [], "notes": true });
    let title = |sees: &Sees| told(Kind::DetailsChanged, &notes, sees).0;
    assert_eq!(title(&whole()), "Notes changed for Jane Carlton");
    assert_eq!(title(&less), "Details changed for Jane Carlton");
}

/// ux 6.5: bulk work says what it was, with its number.
#[test]
fn bulk_work_says_what_it_was() {
    let done = |action: &str, count: u32, role: &str| json!({ "action": action, "outcomes": { "done": count, "no_role": 3 }, "role": role });
    for (details, words) in [
        (done("deactivate", 12, ""), "Deactivated 12 users"),
        (done("role", 30, "Viewer"), "Gave 30 users the role Viewer"),
        (done("role", 1, "Viewer"), "Gave 1 user the role Viewer"),
        (done("cancel", 2, ""), "Cancelled 2 invitations"),
    ] {
        assert_eq!(title(Kind::BulkFinished, "", &details, &whole()), words);
    }
    let mut undone = done("deactivate", 12, "");
    undone["undoes"] = json!("bjb_1");
    let words = title(Kind::BulkFinished, "", &undone, &whole());
    assert_eq!(words, "Undone: deactivated 12 users");
    let started = json!({ "action": "role", "to_do": 1_200, "role": "Viewer", "undoes": null });
    let words = title(Kind::BulkStarted, "", &started, &whole());
    assert_eq!(words, "Started: give 1,200 users the role Viewer");
}

/// ux 6.5: Undo says what it goes back to.
#[test]
fn undo_says_what_it_goes_back_to() {
    let access = |was: &[&str], now: &[&str]| {
        let list = |names: &[&str]| -> Vec<Value> {
            names.iter().map(|name| held(name, &[3], "")).collect()
        };
        json!({ "was": list(was), "now": list(now) })
    };
    for (kind, details, words) in [
        (
            Kind::RoleChanged,
            access(&["Recorder"], &["Administrator"]),
            "change Jane Carlton back to Recorder",
        ),
        (
            Kind::RoleChanged,
            access(&["Recorder"], &["Recorder"]),
            "change the role Recorder of Jane Carlton back",
        ),
        (
            Kind::RoleAssigned,
            access(&[], &["Viewer"]),
            "remove the role Viewer from Jane Carlton",
        ),
        (
            Kind::RoleRemoved,
            access(&["Viewer"], &[]),
            "give Jane Carlton the role Viewer back",
        ),
        (
            Kind::DetailsChanged,
            json!({ "before": ["Job title: Nurse"], "after": ["Job title: Matron"] }),
            "change the job title of Jane Carlton back to Nurse",
        ),
        (
            Kind::DetailsChanged,
            json!({ "before": ["Job title: none"], "after": ["Job title: Matron"] }),
            "remove the job title of Jane Carlton",
        ),
        (
            Kind::MembershipDeactivated,
            json!({}),
            "reactivate Jane Carlton",
        ),
        (
            Kind::InvitationCancelled,
            json!({}),
            "invite Jane Carlton again",
        ),
    ] {
        assert_eq!(back(kind, "Jane Carlton", &details, &whole()), words);
    }
}
