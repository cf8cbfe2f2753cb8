//! What messages say.

use super::*;

/// `ux.md` 9: text and HTML say the same words, there is one link, the subject has no code in it.
#[tokio::test]
async fn every_message_has_text_and_html_twins() {
    let lanyard = Lanyard::new().await;
    let messages = ALL.map(|kind| message(&lanyard.services, kind, "jane@nhs.net"));
    queue(&lanyard.services, messages.into()).await;
    let sent = lanyard.mail().await;
    assert_eq!(sent.len(), ALL.len());
    for message in sent {
        let kind = &message.kind;
        assert_eq!(
            (message.channel.as_str(), message.to.as_str()),
            ("email", "jane@nhs.net")
        );
        let plain = |text: &str| -> Vec<String> {
            text.split_whitespace()
                .filter(|word| !matches!(*word, "#" | "*" | ">" | "--"))
                .map(|word| word.trim_end_matches(':').to_owned())
                .collect()
        };
        let body = message.html.split_once("<body").unwrap().1;
        let html = html::text(&format!("<body{body}"));
        let html = plain(html.strip_prefix("Lanyard ").unwrap());
        assert_eq!(html, plain(&message.text), "{kind}");
        let links = message
            .text
            .lines()
            .filter(|line| line.starts_with("http"))
            .count();
        let expected = usize::from(!matches!(
            kind.as_str(),
            // Whoever was deactivated has nowhere to go there.
            "code" | "password_reset_unavailable" | "email_taken" | "deactivated"
        ));
        assert_eq!(links, expected, "{kind}: {}", message.text);
        assert_eq!(message.html.matches("<a ").count(), expected, "{kind}");
        assert!(
            !message.subject.is_empty() && !message.subject.contains("123456"),
            "{kind}"
        );
        for word in ["please", "sorry", "successful", "valid", "click"] {
            assert!(
                !message.text.to_lowercase().contains(word),
                "{kind}: {word}"
            );
        }
        assert!(
            !message.html.contains("<img") && !message.html.contains("<script"),
            "{kind}"
        );
    }
}

/// R25: links lead to the configured origin, with the secret where it belongs.
#[tokio::test]
async fn links_lead_to_the_public_origin() {
    let lanyard = Lanyard::new().await;
    for (kind, expected) in [
        (MessageKind::Invitation, "/invitations/inv_secret"),
        (MessageKind::InvitationReminder, "/invitations/inv_secret"),
        (MessageKind::NewAccess, "/invitations/inv_secret"),
        (MessageKind::PasswordReset, "/reset-password/rst_secret"),
        (MessageKind::PasswordChanged, "/forgot-password"),
        (MessageKind::AccountChanged, "/forgot-password"),
        (MessageKind::BatchFinished, "/o/rx1"),
        (MessageKind::BulkFinished, "/o/rx1"),
    ] {
        queue(
            &lanyard.services,
            vec![message(&lanyard.services, kind, "jane@nhs.net")],
        )
        .await;
        assert_eq!(
            link(&*lanyard.newest_mail("jane@nhs.net").await),
            expected,
            "{kind:?}"
        );
    }
}

/// The end of a link is a date and a time in London, never a number of hours.
#[tokio::test]
async fn the_end_of_a_link_is_a_date() {
    let lanyard = Lanyard::new().await;
    queue(
        &lanyard.services,
        vec![message(
            &lanyard.services,
            MessageKind::Invitation,
            "jane@nhs.net",
        )],
    )
    .await;
    let sent = lanyard.newest_mail("jane@nhs.net").await;
    assert!(
        sent.text
            .contains("The link works until 28 November 2026 at 9:30am."),
        "{}",
        sent.text
    );
    assert!(
        sent.html.contains("until 28 November 2026 at 9:30am."),
        "{}",
        sent.html
    );
}

/// `ux.md` 6.23: a text message is bound to the site, so that browsers fill the code in only there.
#[tokio::test]
async fn a_text_message_is_bound_to_the_site() {
    let lanyard = Lanyard::new().await;
    let mut text = message(&lanyard.services, MessageKind::Code, "+447700900982");
    text.channel = Channel::Sms;
    queue(&lanyard.services, vec![text]).await;
    let sent = lanyard.newest_mail("+447700900982").await;
    assert_eq!(
        sent.text,
        "123456 is your Lanyard code\n\n@lanyard.example #123456"
    );
    assert_eq!((sent.channel.as_str(), sent.html.as_str()), ("sms", ""));
    assert_eq!(code(&sent), "123456");
}

/// R100: words stay words, in headers and in HTML.
#[tokio::test]
async fn what_people_typed_stays_words() {
    let lanyard = Lanyard::new().await;
    let sink = Sink::start().await;
    let messages = ALL.map(|kind| {
        let mut message = message(&lanyard.services, kind, "jane@nhs.net");
        message.content = content(&lanyard.services, EVIL);
        message
    });
    queue(&lanyard.services, messages.into()).await;
    assert_eq!(
        worker(&lanyard.services, &sink).send_all().await.unwrap(),
        ALL.len()
    );
    let state = sink.state();
    assert_eq!(state.received.len(), ALL.len());
    for (_, raw) in &state.received {
        let head = raw.split_once("\r\n\r\n").unwrap().0;
        assert!(!head.to_lowercase().contains("\r\nbcc:"), "{head}");
        assert_eq!(head.matches("\r\nTo: ").count(), 1, "{head}");
        // In the text it is text; in the HTML it must be too.
        let html = raw.split_once("text/html").unwrap().1;
        assert!(
            html.contains("&#60;img") || html.contains("&lt;img"),
            "{raw}"
        );
        assert!(!html.contains("<img"), "{raw}");
    }
}
