use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::area::AreaSelection;

fn emails(text: &str, limit: u32) -> Result<EmailList, Violations> {
    InviteEmailsForm {
        emails: text.into(),
    }
    .validate(limit, &[])
}

fn form(answers: &[(&str, &str)]) -> ProblemsForm {
    let answers: BTreeMap<_, _> = answers
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    ProblemsForm { answers }
}

/// ux 7.7.
#[test]
fn a_list_has_at_least_one_address_and_not_too_many() {
    let code = |text: &str| {
        emails(text, 10_000)
            .map_err(|violations| violations.0[0].code.clone())
            .map(|_| ())
    };
    assert_eq!(code(""), Err("emails.empty".into()));
    assert_eq!(code(" \r\n ,;\u{200b}•"), Err("emails.empty".into()));
    assert_eq!(code("Email address\nnobody"), Err("emails.none".into()));
    assert_eq!(code("jane@nhs.net\nnobody"), Ok(()));
    let many: String = (0..10_612)
        .map(|n| format!("user{n}@nhs.net"))
        .collect::<Vec<_>>()
        .join("\n");
    let violations = emails(&many, 10_000).unwrap_err();
    assert_eq!(violations.0[0].code, "emails.too_many");
    assert_eq!(violations.0[0].params, ["10,612", "10,000"]);
    assert!(emails(&many, 10_612).is_ok());
    // Repeats do not count.
    assert!(emails("a@nhs.net\nA@nhs.net\nb@nhs.net", 2).is_ok());
    assert!(emails("a@nhs.net\nnobody\nb@nhs.net", 2).is_err());
}

/// Bad input: a paste of 20 MB is not read.
#[test]
fn a_list_of_megabytes_is_refused_unread() {
    let violations = emails(&"a@b.co\n".repeat(3_000_000), 10_000).unwrap_err();
    assert_eq!(violations.0[0].code, "emails.too_big");
    // Repeats beyond what is read count too.
    let violations = emails(&"a@b.co\n".repeat(100_001), 10_000).unwrap_err();
    assert_eq!(violations.0[0].code, "emails.too_many");
}

/// D4 step 5, R100.
#[test]
fn a_message_is_short_plain_and_without_links() {
    let validate = |text: &str| {
        MessageForm {
            message: text.into(),
        }
        .validate()
    };
    let code = |text: &str| {
        validate(text)
            .map_err(|violations| violations.0[0].code.clone())
            .unwrap_err()
    };
    assert_eq!(validate(" \n "), Ok(String::new()));
    assert_eq!(
        validate("Welcome.\r\nSee you on Monday.\u{0}"),
        Ok("Welcome.\nSee you on Monday.".into())
    );
    assert_eq!(
        validate("Start on Monday.Work begins at 9."),
        Ok("Start on Monday.Work begins at 9.".into())
    );
    assert!(validate(&"é".repeat(1000)).is_ok());
    assert!(validate(&"a\r\n".repeat(500)).is_ok());
    assert_eq!(code(&"é".repeat(1001)), "message.too_long");
    assert_eq!(code(&"x".repeat(1_000_000)), "message.too_long");
    for text in [
        "see https://x",
        "www.example.com",
        "go to Example.Com now",
        "evil.co.uk",
        "(bad.link)",
    ] {
        assert_eq!(code(text), "message.url", "{text}");
    }
}

/// B09, B10, D4 step 2: every line is mended, skipped or kept, and the good ones are never lost.
#[test]
fn a_list_is_mended_line_by_line() {
    let list = EmailList::parse(
        "jane@nhs.net\nsam.nhs.net\nNia <nia@nhs.ent>\nnobody\nbo@nhs.net, BO@nhs.net",
    );
    let lines = problem_lines(&list);
    let described: Vec<_> = lines
        .iter()
        .map(|line| {
            (
                line.number,
                line.line,
                line.text.as_str(),
                line.suggestion.as_deref(),
            )
        })
        .collect();
    assert_eq!(
        described,
        [
            (1, 2, "sam.nhs.net", Some("sam@nhs.net")),
            (2, 3, "nia@nhs.ent", Some("nia@nhs.net")),
            (3, 4, "nobody", None),
        ]
    );
    let violations = form(&[("fix_1", "sam@nhs"), ("choice_3", "keep")])
        .validate(&list)
        .unwrap_err();
    let found: Vec<_> = violations
        .iter()
        .map(|v| (v.field.as_str(), v.code.as_str(), v.params[0].as_str()))
        .collect();
    assert_eq!(
        found,
        [
            ("fix_1", "email_line.format", "2"),
            ("fix_2", "email_line.choose", "3"),
            ("fix_3", "email_line.format", "4")
        ]
    );
    // Beside a suggestion the box is one of several answers: as it was, it is none.
    let violations = form(&[("fix_1", "sam.nhs.net"), ("skip_2", "on"), ("skip_3", "on")])
        .validate(&list)
        .unwrap_err();
    assert_eq!(
        violations.for_field("fix_1").map(|v| v.code.as_str()),
        Some("email_line.choose")
    );
    let answers = form(&[
        ("fix_1", " <Sam@nhs.net> "),
        ("choice_2", "suggestion"),
        ("fix_3", "nobody"),
        ("skip_3", "on"),
        ("fix_9", "x@nhs.net"),
        ("once", "1"),
    ]);
    let mended = Mended::new(&list, &answers.validate(&list).unwrap()).unwrap();
    let invited: Vec<_> = mended
        .invitees
        .iter()
        .map(|invitee| {
            (
                invitee.line,
                invitee.address.as_str(),
                invitee.name.as_deref(),
            )
        })
        .collect();
    assert_eq!(
        invited,
        [
            (1, "jane@nhs.net", None),
            (2, "Sam@nhs.net", None),
            (3, "nia@nhs.net", Some("Nia")),
            (5, "bo@nhs.net", None),
        ]
    );
    assert_eq!(mended.skipped.len(), 1);
    assert_eq!((mended.entered(), list.entered()), (6, 6));
    // An address may be kept as it is, and a mended one may be a repeat.
    let answers = form(&[
        ("fix_1", "jane@nhs.net"),
        ("choice_2", "keep"),
        ("choice_3", "skip"),
    ]);
    let mended = Mended::new(&list, &answers.validate(&list).unwrap()).unwrap();
    assert_eq!(
        (
            mended.invitees.len(),
            mended.repeated.len(),
            mended.entered()
        ),
        (3, 2, 6)
    );
    assert_eq!(mended.invitees[1].address.as_str(), "nia@nhs.ent");
}

/// R97: outcome keys are stored, and read back.
#[test]
fn outcomes_have_stable_keys() {
    let keys: Vec<_> = EntryOutcome::ALL
        .iter()
        .map(|outcome| outcome.as_str())
        .collect();
    assert_eq!(
        keys,
        [
            "sent",
            "already_member",
            "already_pending",
            "invalid_email",
            "domain_not_allowed",
            "no_seat",
            "over_quota",
            "deactivated",
            "skipped",
            "repeated",
            "role_given",
            "stopped",
            "not_allowed",
            "email_failed"
        ]
    );
}

/// D4, B06: the journey goes to the first page without an answer; "Send more invites" keeps role and areas.
#[test]
fn a_journey_goes_on_where_it_stopped() {
    let role = RoleId::from_uuid(uuid::Uuid::from_u128(1));
    let mut draft = InviteDraft::default();
    assert_eq!(draft.next_step(true, true), InviteStep::Emails);
    draft.set_emails("jane@nhs.net".into());
    assert_eq!(draft.next_step(true, true), InviteStep::Problems);
    draft.mended = true;
    assert_eq!(draft.next_step(true, true), InviteStep::Role);
    draft.role = Some(role);
    assert_eq!(draft.next_step(true, true), InviteStep::Areas);
    assert_eq!(draft.next_step(true, false), InviteStep::Message);
    draft.areas = Some(AreaSelection::Whole);
    draft.message_answered = true;
    assert_eq!(draft.next_step(true, true), InviteStep::Check);
    draft.set_emails("jane@nhs.net".into());
    assert!(draft.mended);
    let more = draft.more();
    assert_eq!(
        (more.role, more.next_step(false, true)),
        (Some(role), InviteStep::Emails)
    );
    assert_eq!(more.areas, Some(AreaSelection::Whole));
    draft.set_emails("sam@nhs.net".into());
    assert!(!draft.mended);
    let json = serde_json::to_string(&draft).unwrap();
    assert_eq!(serde_json::from_str::<InviteDraft>(&json).unwrap(), draft);
    assert_eq!(
        serde_json::from_str::<InviteDraft>("{}").unwrap(),
        InviteDraft::default()
    );
}

proptest! {
    /// R97: however a list is mended, its parts add up to what was entered.
    #[test]
    fn a_mended_list_adds_up(
        words in prop::collection::vec("[abAB]{1,2}(@(nhs\\.net|nhs\\.ent|nhs)| )?[,\n]?", 0..20),
        choices in prop::collection::vec(0_usize..3, 20),
    ) {
        let list = EmailList::parse(&words.concat());
        let answers = problem_lines(&list)
            .iter()
            .zip(choices)
            .flat_map(|(line, choice)| {
                let choice = FixChoice::ALL[choice].as_str().to_owned();
                [(format!("choice_{}", line.number), choice), (format!("fix_{}", line.number), "a@nhs.net".into())]
            })
            .collect();
        if let Ok(fixes) = (ProblemsForm { answers }).validate(&list) {
            let mended = Mended::new(&list, &fixes).unwrap();
            prop_assert_eq!(mended.entered(), list.entered());
        }
    }
}
