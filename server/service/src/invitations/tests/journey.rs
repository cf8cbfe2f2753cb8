use domain::{
    id::DraftId,
    invitation::{EntryOutcome, InviteStep},
};

use super::{Hall, codes, here, many};
use crate::{
    Error,
    invitations::{At, Elsewhere, Started},
    testing::Harness,
};

/// B01, D2: whoever may invite starts a journey; several people need the right to invite in bulk.
#[tokio::test]
async fn the_journey_is_for_those_who_may_invite() {
    let hall = Hall::new().await;
    let services = &hall.h.services;
    let manager = hall.h.member("rx1", "mo.manager@nhs.net", "manager").await;
    let viewer = hall.h.member("rx1", "vi.viewer@nhs.net", "viewer").await;
    assert!(services.add_users(&hall.sam, "rx1").await.unwrap().several);
    assert!(!services.add_users(&manager, "rx1").await.unwrap().several);
    let refused = services.add_users(&viewer, "rx1").await;
    assert!(matches!(refused, Err(Error::NotAllowed)));
    let start = async |who, slug, how| services.start_to_add(who, slug, how).await;
    let refused = start(&manager, "rx1", "several").await;
    assert!(matches!(refused, Err(Error::NotAllowed)));
    let one = start(&manager, "rx1", "one").await.unwrap();
    assert!(matches!(one, Started::Adding(_)));
    let several = start(&hall.sam, "rx1", "several").await.unwrap();
    assert!(matches!(several, Started::Inviting(_)));
    let refused = start(&viewer, "rx1", "").await;
    assert!(matches!(refused, Err(Error::NotAllowed)));
    let refused = start(&hall.sam, "rx1", "").await.unwrap_err();
    assert_eq!(codes(&refused), [("how".into(), "how.empty".into())]);
    // An organisation that one does not belong to does not exist (R65).
    hall.h.organisation("RX2", "Rosebush Hospital").await;
    let refused = start(&hall.sam, "rx2", "one").await;
    assert!(matches!(refused, Err(Error::NotFound)));
}

/// B02 to B06: from the pasted list over mended problems to the page of answers, with everything
/// kept as it was typed.
#[tokio::test]
async fn a_pasted_list_is_mended_and_checked() {
    let hall = Hall::new().await;
    let services = &hall.h.services;
    let (sam, slug) = (&hall.sam, hall.slug);
    let draft = hall.start().await;
    let pasted = "\"Carlton, Jane\" <jane.carlton2@nhs.net>; bo@nhs.net\n\
                  nia@nhs.ent\nnobody\nbo@nhs.net\nsam.okoro@nhs.net";
    assert_eq!(hall.emails(draft, pasted).await, InviteStep::Problems);
    let page = here(services.invite_emails(sam, slug, draft).await.unwrap());
    assert_eq!((page.emails.as_str(), page.limit), (pasted, 10_000));

    let page = here(services.invite_problems(sam, slug, draft).await.unwrap());
    assert_eq!((page.ready.total, page.repeated), (2, 1));
    let lines: Vec<_> = page
        .lines
        .shown
        .iter()
        .map(|line| (line.number, line.line, line.suggestion.as_deref()))
        .collect();
    assert_eq!(lines, [(1, 2, Some("nia@nhs.net")), (2, 3, None)]);
    let members = &page.already_members.shown;
    assert_eq!(members.len(), 1);
    assert_eq!(
        (members[0].name.as_str(), members[0].roles.as_slice()),
        ("Sam Okoro", ["Administrator".to_owned()].as_slice())
    );
    // B10: a line that is still wrong is named; what was right is not lost.
    let error = hall
        .try_problems(
            draft,
            &[("choice_1", "suggestion"), ("fix_2", "nobody@nhs")],
        )
        .await
        .unwrap_err();
    assert_eq!(
        codes(&error),
        [("fix_2".into(), "email_line.format".into())]
    );
    let error = hall
        .try_problems(draft, &[("fix_2", "nobody@nhs.net")])
        .await
        .unwrap_err();
    assert_eq!(
        codes(&error),
        [("fix_1".into(), "email_line.choose".into())]
    );
    let next = hall
        .problems(
            draft,
            &[("choice_1", "suggestion"), ("fix_2", "nobody@nhs.net")],
        )
        .await;
    assert_eq!(next, InviteStep::Role);

    // B05: role and areas for everybody in the list.
    let page = here(services.invite_role(sam, slug, draft).await.unwrap());
    let roles: Vec<_> = page.roles.iter().map(|role| role.name.as_str()).collect();
    assert_eq!(
        (page.people, roles.as_slice()),
        (
            4,
            ["Administrator", "Manager", "Contributor", "Viewer"].as_slice()
        )
    );
    assert!(page.roles[3].cannot.contains(&"approve records".to_owned()));
    let error = services
        .answer_role(sam, slug, draft, "")
        .await
        .unwrap_err();
    assert_eq!(codes(&error), [("role".into(), "role.empty".into())]);
    let role = hall.role("contributor").await;
    let next = services
        .answer_role(sam, slug, draft, &role.to_string())
        .await;
    assert_eq!(here(next.unwrap()), InviteStep::Areas);
    let page = here(services.invite_areas(sam, slug, draft).await.unwrap());
    assert!(page.whole_offered);
    assert_eq!(page.offered.len(), 2);
    let both = vec!["all".to_owned(), hall.north.to_string()];
    let error = services.answer_areas(sam, slug, draft, both).await;
    assert_eq!(
        codes(&error.unwrap_err()),
        [("areas".into(), "areas.all_and_some".into())]
    );
    let nursing = vec![hall.nursing.to_string(), hall.north.to_string()];
    let next = services.answer_areas(sam, slug, draft, nursing).await;
    assert_eq!(here(next.unwrap()), InviteStep::Message);
    let link = services.answer_message(sam, slug, draft, "see evil.example.com");
    assert_eq!(
        codes(&link.await.unwrap_err()),
        [("message".into(), "message.url".into())]
    );
    let next = services.answer_message(sam, slug, draft, "Welcome!").await;
    assert_eq!(here(next.unwrap()), InviteStep::Check);

    // T-FRM-03: another role comes back here, and the areas stay.
    let viewer = hall.role("viewer").await.to_string();
    for role in [viewer, role.to_string()] {
        let next = services.answer_role(sam, slug, draft, &role).await;
        assert_eq!(here(next.unwrap()), InviteStep::Check);
    }

    let page = here(services.invite_check(sam, slug, draft).await.unwrap());
    let invited: Vec<_> = page
        .invitees
        .shown
        .iter()
        .map(|one| (one.address.as_str(), one.name.as_deref()))
        .collect();
    assert_eq!(
        invited,
        [
            ("jane.carlton2@nhs.net", Some("Carlton, Jane")),
            ("bo@nhs.net", None),
            ("nia@nhs.net", None),
            ("nobody@nhs.net", None),
        ]
    );
    let left_out: Vec<_> = page
        .not_invited
        .shown
        .iter()
        .map(|one| (one.text.as_str(), one.outcome))
        .collect();
    assert_eq!(
        left_out,
        [
            ("bo@nhs.net", EntryOutcome::Repeated),
            ("sam.okoro@nhs.net", EntryOutcome::AlreadyMember),
        ]
    );
    assert_eq!(page.areas, ["Community nursing"], "the inner one is inside");
    assert_eq!(page.to_send(), 4);
    let text = page.letter.text("LINK");
    for words in [
        "Sam Okoro has invited you to join Hollybrook Hospital on Lanyard.",
        "> Welcome!",
        "* add and edit records",
        "* Community nursing",
        "28 November 2026 at 9:30am",
    ] {
        assert!(text.contains(words), "{words} in\n{text}");
    }
    assert!(!page.letter.subject.contains("Sam"), "no names in subjects");
}

/// Ux 6.2: a change from the page of answers returns to it, unless it asks a new question.
#[tokio::test]
async fn a_change_returns_to_the_answers() {
    let hall = Hall::new().await;
    let services = &hall.h.services;
    let (sam, slug) = (&hall.sam, hall.slug);
    let draft = hall.start().await;
    let role = hall.role("viewer").await;
    assert_eq!(hall.emails(draft, "bo@nhs.net").await, InviteStep::Role);
    let all = ["all".to_owned()];
    assert_eq!(hall.finish(draft, role, &all).await, InviteStep::Check);
    assert_eq!(hall.emails(draft, "nia@nhs.net").await, InviteStep::Check);
    let next = services.answer_message(sam, slug, draft, "Hello").await;
    assert_eq!(here(next.unwrap()), InviteStep::Check);
    let page = here(services.invite_emails(sam, slug, draft).await.unwrap());
    assert!(page.from_check);
    // Another role keeps the areas; where there are none yet, that is the next question. A list with a problem
    // asks about that.
    let manager = hall.role("manager").await.to_string();
    let next = services.answer_role(sam, slug, draft, &manager).await;
    assert_eq!(here(next.unwrap()), InviteStep::Check);
    let fresh = hall.start().await;
    hall.emails(fresh, "nia@nhs.net").await;
    let next = services.answer_role(sam, slug, fresh, &manager).await;
    assert_eq!(here(next.unwrap()), InviteStep::Areas);
    let check = services.invite_check(sam, slug, fresh).await.unwrap();
    assert_eq!(
        check,
        At::Elsewhere(Elsewhere::Step(InviteStep::Areas)),
        "nothing can be sent before that"
    );
    let next = hall.emails(draft, "nia@nhs.net, nobody").await;
    assert_eq!(next, InviteStep::Problems);
    let check = services.invite_check(sam, slug, draft).await.unwrap();
    assert_eq!(check, At::Elsewhere(Elsewhere::Step(InviteStep::Problems)));
}

/// Ux 3.3: a draft is its owner's alone, for three days; a finished one leads to its result.
#[tokio::test]
async fn a_draft_is_its_owners_alone() {
    let hall = Hall::new().await;
    let services = &hall.h.services;
    let slug = hall.slug;
    let jo = hall.h.administrator("rx1", "jo.bloggs@nhs.net").await;
    hall.h.organisation("RX2", "Rosebush Hospital").await;
    let sam_there = hall.h.administrator("rx2", "sam.okoro@nhs.net").await;
    assert_eq!(sam_there.user(), hall.sam.user());
    let draft = hall.start().await;
    hall.emails(draft, "bo@nhs.net").await;
    let start = At::Elsewhere(Elsewhere::Start);
    let others = [(&jo, "rx1", draft), (&sam_there, "rx2", draft)];
    let unknown = DraftId::from_uuid(services.random.uuid(services.now()));
    for (actor, slug, draft) in others.into_iter().chain([(&hall.sam, "rx1", unknown)]) {
        let page = services.invite_emails(actor, slug, draft).await.unwrap();
        assert!(matches!(page, At::Elsewhere(Elsewhere::Start)));
        let posted = services.answer_emails(actor, slug, draft, "x@nhs.net");
        assert_eq!(posted.await.unwrap(), start);
        let sent = services.send_invitations(actor, slug, draft, 0).await;
        assert_eq!(sent.unwrap(), At::Elsewhere(Elsewhere::Start));
    }
    let page = here(
        services
            .invite_emails(&hall.sam, slug, draft)
            .await
            .unwrap(),
    );
    assert_eq!(page.emails, "bo@nhs.net");

    let role = hall.role("viewer").await;
    hall.finish(draft, role, &["all".to_owned()]).await;
    let job = hall.send(draft).await;
    let page = services
        .invite_emails(&hall.sam, slug, draft)
        .await
        .unwrap();
    assert_eq!(page, At::Elsewhere(Elsewhere::Job(job)));
    let posted = services.answer_emails(&hall.sam, slug, draft, "x@nhs.net");
    assert_eq!(posted.await.unwrap(), At::Elsewhere(Elsewhere::Job(job)));

    let old = hall.start().await;
    hall.h.clock.advance(chrono::TimeDelta::days(3));
    let page = services.invite_emails(&hall.sam, slug, old).await.unwrap();
    assert_eq!(page, At::Elsewhere(Elsewhere::Start));
}

/// Ux 7.7, bad input: nothing, nothing readable, too many, and characters that no database keeps.
#[tokio::test]
async fn a_bad_list_is_refused_with_its_reason() {
    let hall = Hall::new().await;
    let services = &hall.h.services;
    let draft = hall.start().await;
    let code = async |emails: &str| {
        let answer = services
            .answer_emails(&hall.sam, "rx1", draft, emails)
            .await;
        codes(&answer.unwrap_err()).remove(0).1
    };
    assert_eq!(code(" \n ").await, "emails.empty");
    assert_eq!(code("nobody\nsomebody").await, "emails.none");
    assert_eq!(code(&many(10_612)).await, "emails.too_many");
    assert_eq!(code(&"x@nhs.net ".repeat(400_000)).await, "emails.too_big");
    let odd = "bo@nhs.net\n\0\u{1b}[31m\u{202e}ten.shn@ykcit\nb\u{0}o@nhs.net";
    assert_eq!(hall.emails(draft, odd).await, InviteStep::Problems);
}

/// D4: a list with hundreds of bad lines is mended some at a time, or left out at once.
#[tokio::test]
async fn many_bad_lines_are_mended_some_at_a_time() {
    let hall = Hall::new().await;
    let services = &hall.h.services;
    let draft = hall.start().await;
    let bad: Vec<String> = (0..120).map(|n| format!("person{n}@nhs")).collect();
    let list = format!("bo@nhs.net\n{}", bad.join("\n"));
    assert_eq!(hall.emails(draft, &list).await, InviteStep::Problems);
    let page = async || {
        here(
            services
                .invite_problems(&hall.sam, "rx1", draft)
                .await
                .unwrap(),
        )
    };
    let first = page().await;
    assert_eq!((first.lines.shown.len(), first.lines.total), (50, 120));
    let answers: Vec<(String, String)> = first
        .lines
        .shown
        .iter()
        .map(|line| {
            let fixed = format!("{}.net", line.text);
            (format!("fix_{}", line.number), fixed)
        })
        .collect();
    let answers: Vec<(&str, &str)> = answers
        .iter()
        .map(|(a, b)| (a.as_str(), b.as_str()))
        .collect();
    assert_eq!(hall.problems(draft, &answers).await, InviteStep::Problems);
    let second = page().await;
    assert_eq!((second.lines.shown[0].number, second.lines.total), (51, 70));
    let rest: Vec<(String, String)> = second
        .lines
        .shown
        .iter()
        .map(|line| (format!("skip_{}", line.number), "on".to_owned()))
        .chain([("skip_rest".to_owned(), "on".to_owned())])
        .collect();
    let rest: Vec<(&str, &str)> = rest.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
    assert_eq!(hall.problems(draft, &rest).await, InviteStep::Role);
    let role = hall.role("viewer").await;
    hall.finish(draft, role, &["all".to_owned()]).await;
    let check = here(
        services
            .invite_check(&hall.sam, "rx1", draft)
            .await
            .unwrap(),
    );
    assert_eq!((check.invitees.total, check.not_invited.total), (51, 70));
    // An answer that belongs to another list is no answer.
    hall.emails(draft, "bo@nhs.net\nsomebody else").await;
    let stale = [
        ("asked_1".to_owned(), first.lines.shown[0].mark()),
        ("fix_1".to_owned(), "x@nhs.net".to_owned()),
    ];
    let next = services
        .answer_problems(&hall.sam, "rx1", draft, stale.into())
        .await;
    assert_eq!(here(next.unwrap()), InviteStep::Problems);
}

/// C22: what is known about an address decides, at once for all of them; when nobody is left to
/// invite, the page says so.
#[tokio::test]
async fn known_people_are_told_apart() {
    let hall = Hall::over(Harness::new().await).await;
    let services = &hall.h.services;
    hall.invite("pat@nhs.net").await;
    hall.invite("gone@nhs.net").await;
    let (gone, _) = hall.person("gone@nhs.net").await;
    services
        .cancel_invitation(&hall.sam, "rx1", gone.id)
        .await
        .unwrap();
    let leaver = hall.h.member("rx1", "lee.leaver@nhs.net", "viewer").await;
    let (_, mut row) = hall.person("lee.leaver@nhs.net").await;
    row.status = domain::MembershipStatus::Inactive;
    let mut tx = services.store.write().await.unwrap();
    tx.update_membership(&row).await.unwrap();
    tx.commit().await.unwrap();

    let draft = hall.start().await;
    let list = "Sam.Okoro@NHS.net, pat@nhs.net, gone@nhs.net, lee.leaver@nhs.net";
    assert_eq!(hall.emails(draft, list).await, InviteStep::Problems);
    let page = here(
        services
            .invite_problems(&hall.sam, "rx1", draft)
            .await
            .unwrap(),
    );
    let found = [
        page.already_members.total,
        page.already_pending.total,
        page.deactivated.total,
        page.ready.total,
    ];
    assert_eq!(found, [1, 1, 1, 1]);
    assert_eq!(page.deactivated.shown[0].user, leaver.user());
    assert_eq!(
        page.already_pending.shown[0].invited_at,
        Some(services.now())
    );
    assert_eq!(page.ready.shown[0].address.as_str(), "gone@nhs.net");

    let draft = hall.start().await;
    hall.emails(draft, "sam.okoro@nhs.net, pat@nhs.net").await;
    let error = hall.try_problems(draft, &[]).await.unwrap_err();
    assert_eq!(
        codes(&error),
        [("problems".into(), "emails.all_skipped".into())]
    );
    let next = hall.problems(draft, &[("pending", "send_again")]).await;
    assert_eq!(next, InviteStep::Role);
}
