//! What happened to a person's own account: the last sign-ins, refused ones too, and changes of what
//! opens it (ux K).

use domain::{AuditEventKind as Kind, account::OwnEvent};
use serde_json::Value;

use crate::{
    Actor, Result, Services,
    activity::{Sees, item},
};

/// As many events as the page lists.
const MOST: i64 = 50;

/// What a person is told of their account. A sign-in is one line, not one for each of its steps.
const KINDS: [&str; 16] = [
    Kind::SignedIn.as_str(),
    Kind::SignInFailed.as_str(),
    Kind::CodeFailed.as_str(),
    Kind::SessionEnded.as_str(),
    Kind::RecoveryCodeUsed.as_str(),
    Kind::PasswordSet.as_str(),
    Kind::PasswordChanged.as_str(),
    Kind::PasswordResetRequested.as_str(),
    Kind::PasswordReset.as_str(),
    Kind::NameChanged.as_str(),
    Kind::MobileChanged.as_str(),
    Kind::EmailChanged.as_str(),
    Kind::SecondFactorAdded.as_str(),
    Kind::SecondFactorRemoved.as_str(),
    Kind::RecoveryCodesMade.as_str(),
    Kind::CodesReset.as_str(),
];

impl Services {
    /// What happened to the actor's account, newest first.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn own_activity(&self, actor: &Actor) -> Result<Vec<OwnEvent>> {
        let mut tx = self.store.read().await?;
        let rows = tx.events_of_account(actor.user(), &KINDS, MOST).await?;
        let name = actor.name().to_owned();
        Ok(rows
            .into_iter()
            .filter_map(|row| {
                Some(OwnEvent {
                    text: place(&row.details, &row.ip),
                    item: item(
                        Kind::parse(&row.kind)?,
                        (row.actor_name, name.clone()),
                        &row.details,
                        row.at,
                        &Sees::own(),
                    ),
                })
            })
            .collect())
    }
}

/// "Firefox on Windows. Network address 10.1.2.3." A number alone tells nobody anything, and where it is
/// nobody could say without asking another service, so the browser comes first.
fn place(details: &Value, address: &str) -> String {
    let device = details.get("device").and_then(Value::as_str);
    let device = device.filter(|device| !device.is_empty());
    let device = device.unwrap_or("Unknown browser");
    if address.is_empty() {
        return format!("{device}.");
    }
    format!("{device}. Network address {address}.")
}

#[cfg(test)]
mod tests {
    use domain::AuditEventKind;

    use crate::{By, RequestInfo, audit::Event, testing::Harness};

    /// K: people see their own sign-ins, with the browser, and nobody else's.
    #[tokio::test]
    async fn people_see_what_happened_to_their_account() {
        let h = Harness::new().await;
        h.organisation("RX1", "Hollybrook Hospital").await;
        let jane = h.member("rx1", "jane.carlton@nhs.net", "viewer").await;
        let other = h.member("rx1", "lee.ward@nhs.net", "viewer").await;
        let mut tx = h.services.store.write().await.unwrap();
        for (who, kind) in [
            (&jane, AuditEventKind::SignedIn),
            (&other, AuditEventKind::SignedIn),
            (&jane, AuditEventKind::CodeSent),
            (&jane, AuditEventKind::PasswordChanged),
        ] {
            let event = Event {
                organisation: None,
                kind,
                subject: Some((who.user(), who.name().to_owned())),
                details: serde_json::json!({ "device": "Firefox on Windows" }),
            };
            let by = By::person(
                who.user(),
                who.name(),
                &RequestInfo::internal("t"),
                "password",
            );
            h.services.audit(&mut tx, &by, event).await.unwrap();
        }
        tx.commit().await.unwrap();
        let events = h.services.own_activity(&jane).await.unwrap();
        let kinds: Vec<_> = events.iter().map(|event| event.item.kind).collect();
        assert_eq!(
            kinds,
            [AuditEventKind::PasswordChanged, AuditEventKind::SignedIn]
        );
        assert_eq!(
            events[1].text,
            "Firefox on Windows. Network address 127.0.0.1."
        );
        assert_eq!(events[1].item.subject, "Jane Carlton");
    }

    /// K: the browser is named for every event, by the request that caused it; a number never stands alone.
    #[tokio::test]
    async fn every_event_of_an_account_names_the_browser() {
        let h = Harness::new().await;
        h.organisation("RX1", "Hollybrook Hospital").await;
        let jane = h.member("rx1", "jane.carlton@nhs.net", "viewer").await;
        let mut tx = h.services.store.write().await.unwrap();
        for agent in [
            "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
            "x",
        ] {
            let request = RequestInfo {
                user_agent: agent.to_owned(),
                ..RequestInfo::internal("t")
            };
            let by = By::person(jane.user(), jane.name(), &request, "password");
            let event = Event {
                organisation: None,
                kind: AuditEventKind::PasswordChanged,
                subject: Some((jane.user(), jane.name().to_owned())),
                details: serde_json::json!({}),
            };
            h.services.audit(&mut tx, &by, event).await.unwrap();
        }
        tx.commit().await.unwrap();
        let events = h.services.own_activity(&jane).await.unwrap();
        let texts: Vec<&str> = events.iter().map(|event| event.text.as_str()).collect();
        assert_eq!(
            texts,
            [
                "Unknown browser. Network address 127.0.0.1.",
                "Firefox on Linux. Network address 127.0.0.1."
            ]
        );
    }
}
