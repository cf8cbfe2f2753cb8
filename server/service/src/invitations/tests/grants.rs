use domain::{
    DraftId,
    invitation::{EntryOutcome, InviteStep},
};

use super::Hall;
use crate::Error;

/// B11, C23: somebody who is a member already, in whatever area, is not invited; the row says so,
/// and the role can be given to them in the same go.
#[tokio::test]
async fn members_can_be_given_the_role_instead() {
    let hall = Hall::new().await;
    let role = hall.limited_role(7, &[]).await;
    let jo = hall.h.member("rx1", "jo.bloggs@nhs.net", "viewer").await;
    let list = "jo.bloggs@nhs.net\nsam.okoro@nhs.net\nnew@nhs.net";
    let job = hall.invite_as(list, role).await;
    let outcomes: Vec<_> = hall
        .outcomes(job)
        .await
        .into_iter()
        .map(|(_, one)| one.unwrap())
        .collect();
    let member = EntryOutcome::AlreadyMember;
    assert_eq!(outcomes, [member, member, EntryOutcome::Sent]);

    let draft = hall.start().await;
    hall.emails(draft, list).await;
    let next = hall
        .problems(draft, &[("members", "give_role"), ("pending", "leave")])
        .await;
    assert_eq!(next, InviteStep::Role);
    hall.finish(draft, role, &[]).await;
    let before = hall.audit_events().await;
    let job = hall.send(draft).await;
    let outcomes: Vec<_> = hall
        .outcomes(job)
        .await
        .into_iter()
        .map(|(_, one)| one.unwrap())
        .collect();
    // Nobody changes their own role, by any route.
    assert_eq!(
        outcomes,
        [
            EntryOutcome::RoleGiven,
            member,
            EntryOutcome::AlreadyPending
        ]
    );
    assert_eq!(hall.audit_events().await - before, 3);
    let (_, membership) = hall.person("jo.bloggs@nhs.net").await;
    let mut tx = hall.h.services.store.read().await.unwrap();
    let held = tx
        .assignments_of(hall.organisation, membership.id)
        .await
        .unwrap();
    assert_eq!(held.len(), 2);
    assert!(
        held.iter()
            .any(|row| row.role_id == role && row.granted_by == Some(hall.sam.user()))
    );
    drop(tx);
    let mail = hall.h.outbox().await.pop().unwrap();
    assert_eq!(
        (mail.kind.as_str(), mail.recipient.as_str()),
        ("new_access", jo.email())
    );
    assert_eq!((mail.secret, mail.content.expires_at), (None, None));
    // A second time there is nothing to give.
    let draft = hall.start().await;
    hall.emails(draft, "jo.bloggs@nhs.net").await;
    hall.problems(draft, &[("members", "give_role")]).await;
    hall.finish(draft, role, &[]).await;
    let job = hall.send(draft).await;
    assert_eq!(hall.outcomes(job).await[0].1, Some(member));
}

/// C7: where a person may have one role of a service, a second one is not given.
#[tokio::test]
async fn a_second_role_of_a_service_is_not_given_where_one_is_allowed() {
    let hall = Hall::new().await;
    hall.h.member("rx1", "jo.bloggs@nhs.net", "viewer").await;
    let role = hall.role("contributor").await;
    let draft = hall.start().await;
    hall.emails(draft, "jo.bloggs@nhs.net").await;
    hall.problems(draft, &[("members", "give_role")]).await;
    hall.finish(draft, role, &["all".to_owned()]).await;
    let job = hall.send(draft).await;
    assert_eq!(
        hall.outcomes(job).await[0].1,
        Some(EntryOutcome::AlreadyMember)
    );
}

/// R67: a person with more rights than the sender is not changed, and giving roles is a right of
/// its own.
#[tokio::test]
async fn only_who_may_assign_roles_gives_them() {
    let hall = Hall::new().await;
    let services = &hall.h.services;
    let manager = hall.h.member("rx1", "mo.manager@nhs.net", "manager").await;
    hall.h.member("rx1", "jo.bloggs@nhs.net", "viewer").await;
    hall.let_managers_invite_many().await;
    let draft = services.start_invite(&manager, "rx1").await.unwrap();
    let next = services.answer_emails(&manager, "rx1", draft, "jo.bloggs@nhs.net");
    assert_eq!(super::here(next.await.unwrap()), InviteStep::Problems);
    let page = services
        .invite_problems(&manager, "rx1", draft)
        .await
        .unwrap();
    assert!(!super::here(page).can_give_role);
    let answers = [("members".to_owned(), "give_role".to_owned())];
    let error = services
        .answer_problems(&manager, "rx1", draft, answers.into())
        .await
        .unwrap_err();
    assert_eq!(
        super::codes(&error),
        [("problems".into(), "emails.all_skipped".into())]
    );
}

/// R63, B01: the right to invite several people is asked for before the journey is: who has it not is
/// refused whether there is a journey or never was one.
#[tokio::test]
async fn without_the_right_no_list_leads_anywhere() {
    let hall = Hall::new().await;
    let services = &hall.h.services;
    let manager = hall.h.member("rx1", "mo.manager@nhs.net", "manager").await;
    let none = DraftId::from_uuid(uuid::Uuid::from_u128(9));
    for draft in [hall.start().await, none] {
        let check = services.invite_check(&manager, "rx1", draft).await;
        assert!(matches!(check, Err(Error::NotAllowed)));
        let emails = services.answer_emails(&manager, "rx1", draft, "jo@nhs.net");
        assert!(matches!(emails.await, Err(Error::NotAllowed)));
        let sent = services.send_invitations(&manager, "rx1", draft, 0).await;
        assert!(matches!(sent, Err(Error::NotAllowed)));
    }
}
