use domain::{SecondFactorKind, set_up_codes::ResetCodesForm};

use super::*;

/// E8, R58: every session ends, the person is told, and it is written down.
#[tokio::test]
async fn somebody_is_signed_out_everywhere() {
    let ward = Ward::new().await;
    let services = &ward.h.services;
    let jane = ward.jane.user();
    let cookies = [
        ward.h.session(&ward.jane).await,
        ward.h.session(&ward.jane).await,
    ];
    let page = services.security_page(&ward.sam, "rx1", jane).await;
    assert_eq!(page.unwrap().sessions, 2);
    let name = services.end_sessions_of(&ward.sam, "rx1", jane).await;
    assert_eq!(name.unwrap(), "Jane Carlton");
    for cookie in cookies {
        assert!(!ward.h.is_signed_in(&cookie).await);
    }
    let message = ward.h.outbox().await.pop().unwrap();
    assert_eq!(message.recipient, "jane.carlton@nhs.net");
    assert_eq!(message.content.by, "Sam Okoro");
    // Again: nothing to end, nothing to tell.
    let (events, mail) = (ward.events().await, ward.mail().await.len());
    services
        .end_sessions_of(&ward.sam, "rx1", jane)
        .await
        .unwrap();
    assert_eq!(
        (ward.events().await, ward.mail().await.len()),
        (events, mail)
    );
}

/// E8, R37: the link is the one that they could have asked for, and not more often.
#[tokio::test]
async fn a_link_for_a_new_password_is_sent_sparingly() {
    let ward = Ward::new().await;
    let services = &ward.h.services;
    let jane = ward.jane.user();
    let mut sent = 0;
    let refusal = loop {
        match services.send_reset_to(&ward.sam, "rx1", jane).await {
            Ok(_) => sent += 1,
            Err(error) => break refused::<()>(Err(error)),
        }
        assert!(sent < 20);
    };
    assert_eq!(refusal, "conflict.too_soon");
    assert!(sent > 0);
    assert_eq!(ward.mail().await.len(), sent);
}

/// E8: after wrong passwords the person need not wait.
#[tokio::test]
async fn the_wait_after_wrong_guesses_is_cleared() {
    let ward = Ward::new().await;
    let services = &ward.h.services;
    let (user, _) = ward.person(&ward.jane).await;
    let key = services.login_key("password", &user.email_key);
    let guess = async || {
        let mut tx = services.store.write().await.unwrap();
        let answer = services.take_guess(&mut tx, &key).await;
        tx.commit().await.unwrap();
        answer
    };
    while guess().await.is_ok() {}
    services
        .clear_wait_of(&ward.sam, "rx1", user.id)
        .await
        .unwrap();
    assert_eq!(guess().await.unwrap(), 0);
}

/// R63, R67: not one's own account, nobody who may do more, nobody of another organisation, and nothing that
/// reaches into an organisation where the person manages others.
#[tokio::test]
async fn an_account_is_not_a_way_into_another_organisation() {
    let ward = Ward::new().await;
    let services = &ward.h.services;
    let jane = ward.jane.user();
    let own = services.end_sessions_of(&ward.sam, "rx1", ward.sam.user());
    assert_eq!(refused(own.await), "conflict.own_access");
    let reader = services.security_page(&ward.jane, "rx1", ward.sam.user());
    assert_eq!(refused(reader.await), "not allowed");
    ward.h.organisation("RX2", "Rosebush Hospital").await;
    let stranger = ward.h.administrator("rx2", "lee.marsh@nhs.net").await;
    let there = services.security_page(&stranger, "rx2", jane).await;
    assert_eq!(refused(there), "not found");
    // Jane reads here, and administers there.
    ward.h.administrator("rx2", "jane.carlton@nhs.net").await;
    let page = services.security_page(&ward.sam, "rx1", jane).await;
    assert!(page.unwrap().manages_elsewhere);
    let out = services.end_sessions_of(&ward.sam, "rx1", jane).await;
    assert_eq!(refused(out), "not allowed");
    let wait = services.clear_wait_of(&ward.sam, "rx1", jane).await;
    assert_eq!(refused(wait), "not allowed");
    // A link that only they can use is no way in.
    services
        .send_reset_to(&ward.sam, "rx1", jane)
        .await
        .unwrap();
}

impl Ward {
    /// Somebody with a session of their own, who typed the password just now.
    async fn signed_in(&self, actor: &Actor) -> Actor {
        let session = self.h.session(actor).await;
        self.h.signed_in(&session).await.unwrap()
    }
}

fn because(reason: &str) -> ResetCodesForm {
    ResetCodesForm {
        reason: reason.to_owned(),
    }
}

/// R46, R60: with the password just entered and a reason, every way of getting codes goes, every session ends,
/// and the person is told by email and by text message.
#[tokio::test]
async fn codes_are_reset() {
    let ward = Ward::new().await;
    let services = &ward.h.services;
    let jane = ward.jane.user();
    let mut tx = services.store.write().await.unwrap();
    let mut user = tx.user(jane).await.unwrap().unwrap();
    user.mobile = Some("+447700900982".to_owned());
    tx.update_user(&user).await.unwrap();
    let by = crate::By::actor(&ward.jane);
    for kind in [SecondFactorKind::Sms, SecondFactorKind::Email] {
        services
            .add_codes_by(&mut tx, &by, &user, kind)
            .await
            .unwrap();
    }
    tx.replace_recovery_codes(jane, &[[7; 32]]).await.unwrap();
    tx.commit().await.unwrap();
    let cookie = ward.h.session(&ward.jane).await;
    let sam = ward.signed_in(&ward.sam).await;
    let (blank, lost) = (because(" "), because(" Lost her\nphone "));
    let empty = services.reset_codes_of(&sam, "rx1", jane, &blank);
    assert_eq!(refused(empty.await), "reset_reason.empty");
    ward.h.clock.advance(TimeDelta::minutes(10));
    let late = services.reset_codes_of(&sam, "rx1", jane, &lost);
    assert!(matches!(late.await, Err(Error::StepUpRequired)));
    let page = services.reset_codes_page(&sam, "rx1", jane).await;
    assert!(matches!(page, Err(Error::StepUpRequired)));
    assert!(ward.h.is_signed_in(&cookie).await);
    let sam = ward.signed_in(&ward.sam).await;
    let name = services
        .reset_codes_of(&sam, "rx1", jane, &lost)
        .await
        .unwrap();
    assert_eq!(name, "Jane Carlton");
    assert!(!ward.h.is_signed_in(&cookie).await);
    let page = services.security_page(&sam, "rx1", jane).await.unwrap();
    assert!(page.second_factors.is_empty());
    assert_eq!((page.recovery_codes_left, page.sessions), (0, 0));
    let mut told: Vec<(String, String)> = ward
        .h
        .outbox()
        .await
        .into_iter()
        .filter(|message| message.kind == "security_changed")
        .map(|message| (message.channel, message.recipient))
        .collect();
    told.sort();
    assert_eq!(
        told,
        [
            ("email".to_owned(), "jane.carlton@nhs.net".to_owned()),
            ("sms".to_owned(), "+447700900982".to_owned())
        ]
    );
    let mut tx = services.store.read().await.unwrap();
    assert_eq!(tx.count_audit_events("codes_reset").await.unwrap(), 1);
    drop(tx);
    // ux E8: "Administrators can see this", where they see what happened.
    let query = domain::activity::ActivityQuery::default();
    let page = services.activity_page(&sam, "rx1", Some(jane), &query);
    let event = page.await.unwrap().events.remove(0);
    assert_eq!(event.item.title, "Codes reset for Jane Carlton");
    assert_eq!(event.text, "Reason: Lost her phone");
    // Again: there is nothing to reset any more.
    let again = services.reset_codes_of(&sam, "rx1", jane, &lost);
    assert_eq!(refused(again.await), "conflict.stale");
}

/// R46, R67: not of oneself, nor of somebody with higher rights, here or elsewhere.
#[tokio::test]
async fn codes_of_somebody_with_more_rights_stay() {
    let ward = Ward::new().await;
    let services = &ward.h.services;
    let jane = ward.jane.user();
    let sam = ward.signed_in(&ward.sam).await;
    let form = because("Lost the phone");
    let own = services.reset_codes_of(&sam, "rx1", sam.user(), &form);
    assert_eq!(refused(own.await), "conflict.own_access");
    let reader = ward.signed_in(&ward.jane).await;
    let up = services.reset_codes_of(&reader, "rx1", sam.user(), &form);
    assert_eq!(refused(up.await), "not allowed");
    ward.h.organisation("RX2", "Rosebush Hospital").await;
    ward.h.administrator("rx2", "jane.carlton@nhs.net").await;
    let elsewhere = services.reset_codes_of(&sam, "rx1", jane, &form);
    assert_eq!(refused(elsewhere.await), "not allowed");
}
