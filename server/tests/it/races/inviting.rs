//! The same people invited by several at once, and the same form posted more than once.

use domain::invitation::InviteStep;
use service::{
    Services,
    invitations::{At, Elsewhere},
};

use super::{AT_ONCE, Trust, at_once, count, rounds};

impl Trust {
    /// How many invitations somebody has here.
    async fn invitations_of(&self, email: &str) -> usize {
        let mut tx = self.h.services.store().read().await.unwrap();
        let Some(user) = tx.user_by_email_key(email).await.unwrap() else {
            return 0;
        };
        let member = tx.membership_of(self.organisation, user.id).await;
        let member = member.unwrap().unwrap();
        let sent = tx.invitations_of(self.organisation, member.id).await;
        sent.unwrap().len()
    }
}

/// R98, race 15: the same form posted 24 times is one batch.
pub(super) async fn one_journey_is_sent_once(trust: Trust) {
    let services = &trust.h.services;
    for round in 0..rounds() {
        let by = trust.supers[0].clone();
        let (draft, version) = trust
            .journey(&by, &format!("new{round}@nhs.net"), trust.manager)
            .await;
        let jobs = (0..AT_ONCE)
            .map(|_| {
                let by = by.clone();
                move |services: Services| async move {
                    match services.send_invitations(&by, "nj1", draft, version).await {
                        Ok(At::Here(batch)) => batch.to_string(),
                        other => format!("{other:?}"),
                    }
                }
            })
            .collect();
        let mut batches = at_once(services, jobs).await;
        batches.sort();
        batches.dedup();
        assert_eq!(batches.len(), 1, "{batches:?}");
        trust.work().await;
        let email = format!("new{round}@nhs.net");
        assert_eq!(trust.invitations_of(&email).await, 1);
        trust.holds_after(round).await;
        trust.h.clock.advance(chrono::TimeDelta::hours(1));
    }
    trust.holds_at_the_end().await;
}

/// R98, race 15: the same form posted 24 times adds one person, with one invitation and one message.
pub(super) async fn one_person_is_added_once(trust: Trust) {
    let services = &trust.h.services;
    for round in 0..rounds() {
        let by = &trust.supers[0];
        let email = format!("new{round}@nhs.net");
        let (draft, version) = trust.adding(by, &email, trust.manager).await;
        let before = trust.newest_event().await;
        let jobs = (0..AT_ONCE)
            .map(|_| {
                let by = by.clone();
                move |services: Services| async move {
                    match services.add_person(&by, "nj1", draft, version).await {
                        Ok(At::Here(())) => "added".to_owned(),
                        other => format!("{other:?}"),
                    }
                }
            })
            .collect();
        let codes = at_once(services, jobs).await;
        assert_eq!(count(&codes, "added"), AT_ONCE, "{codes:?}");
        let events = trust.events_after(before).await;
        let sent = events
            .iter()
            .filter(|event| event.kind == "invitation_sent");
        assert_eq!(sent.count(), 1);
        let mut mail = trust.h.outbox().await;
        mail.retain(|one| one.recipient == email);
        assert_eq!(mail.len(), 1);
        assert_eq!(trust.invitations_of(&email).await, 1);
        trust.holds_after(round).await;
        trust.h.clock.advance(chrono::TimeDelta::hours(1));
    }
    trust.holds_at_the_end().await;
}

/// Race 14: lists that overlap, sent at once, make one membership and one open invitation for each. Whoever
/// comes when somebody of their list was invited in this moment is led to the page of problems, and has
/// sent nothing.
pub(super) async fn overlapping_lists_make_one_membership_each(trust: Trust) {
    let services = &trust.h.services;
    for round in 0..rounds() {
        let mut jobs = Vec::new();
        for (n, by) in trust.supers.iter().enumerate() {
            let list: Vec<_> = (n..n + 4)
                .map(|k| format!("over{round}x{k}@nhs.net"))
                .collect();
            let (draft, version) = trust.journey(by, &list.join("\n"), trust.manager).await;
            let by = by.clone();
            jobs.push(move |services: Services| async move {
                let problems = At::Elsewhere(Elsewhere::Step(InviteStep::Problems));
                match services.send_invitations(&by, "nj1", draft, version).await {
                    Ok(At::Here(_)) => list,
                    Ok(at) if at == problems => Vec::new(),
                    other => panic!("{other:?}"),
                }
            });
        }
        let sent = at_once(services, jobs).await.concat();
        trust.work().await;
        assert!(!sent.is_empty(), "the first is in nobody's way");
        for k in 0..9 {
            let email = format!("over{round}x{k}@nhs.net");
            let expected = usize::from(sent.contains(&email));
            assert_eq!(trust.invitations_of(&email).await, expected, "{email}");
        }
        trust.holds_after(round).await;
        trust.h.clock.advance(chrono::TimeDelta::hours(1));
    }
    trust.holds_at_the_end().await;
}
