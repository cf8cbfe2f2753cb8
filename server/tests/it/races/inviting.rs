//! The same people invited by several at once, and the same form posted more than once.

use service::Services;

use super::{AT_ONCE, Trust, at_once, code, count, rounds};

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
                        Ok(service::invitations::At::Here(batch)) => batch.to_string(),
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
        let mut tx = services.store().read().await.unwrap();
        let user = tx
            .user_by_email_key(&format!("new{round}@nhs.net"))
            .await
            .unwrap()
            .unwrap();
        let member = tx
            .membership_of(trust.organisation, user.id)
            .await
            .unwrap()
            .unwrap();
        let sent = tx
            .invitations_of(trust.organisation, member.id)
            .await
            .unwrap();
        assert_eq!(sent.len(), 1);
        drop(tx);
        trust.holds_after(round).await;
        trust.h.clock.advance(chrono::TimeDelta::hours(1));
    }
    trust.holds_at_the_end().await;
}

/// Race 14: lists that overlap, sent at once, make one membership and one open invitation for each.
pub(super) async fn overlapping_lists_make_one_membership_each(trust: Trust) {
    let services = &trust.h.services;
    for round in 0..rounds().div_ceil(5) {
        let mut jobs = Vec::new();
        for (n, by) in trust.supers.iter().enumerate() {
            let emails: String = (n..n + 4).fold(String::new(), |mut list, k| {
                use std::fmt::Write as _;
                let _ = writeln!(list, "over{round}x{k}@nhs.net");
                list
            });
            let (draft, version) = trust.journey(by, &emails, trust.manager).await;
            let by = by.clone();
            jobs.push(move |services: Services| async move {
                code(&services.send_invitations(&by, "nj1", draft, version).await)
            });
        }
        let codes = at_once(services, jobs).await;
        assert_eq!(count(&codes, "ok"), trust.supers.len(), "{codes:?}");
        trust.work().await;
        let mut tx = services.store().read().await.unwrap();
        for k in 0..9 {
            let key = format!("over{round}x{k}@nhs.net");
            let user = tx.user_by_email_key(&key).await.unwrap().unwrap();
            let member = tx
                .membership_of(trust.organisation, user.id)
                .await
                .unwrap()
                .unwrap();
            let sent = tx
                .invitations_of(trust.organisation, member.id)
                .await
                .unwrap();
            assert_eq!(sent.len(), 1, "{key}");
        }
        drop(tx);
        trust.holds_after(round).await;
        trust.h.clock.advance(chrono::TimeDelta::hours(1));
    }
    trust.holds_at_the_end().await;
}
