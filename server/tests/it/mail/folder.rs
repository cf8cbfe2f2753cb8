//! Messages in files, and the pages that show them.

use super::*;

/// The folder keeps messages across a restart; only its owner reads them.
#[cfg(unix)]
#[tokio::test]
async fn a_folder_keeps_messages() {
    use std::os::unix::fs::PermissionsExt;
    let lanyard = Lanyard::new().await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mail");
    let post = Post {
        writer: writer(ORIGIN),
        email: Transport::Folder(Folder::new(path.clone())),
        sms: Transport::Folder(Folder::new(folder.path().join("sms"))),
    };
    let mailbox = post.mailbox().unwrap();
    let worker = Worker::new(lanyard.services.clone(), post);
    for to in ["first@nhs.net", "second@nhs.net"] {
        queue(
            &lanyard.services,
            vec![message(&lanyard.services, MessageKind::Invitation, to)],
        )
        .await;
        worker.send_all().await.unwrap();
        lanyard.clock.advance(TimeDelta::seconds(1));
    }
    let to = |mailbox: &Mailbox| -> Vec<String> {
        mailbox
            .messages()
            .iter()
            .map(|message| message.to.clone())
            .collect()
    };
    assert_eq!(to(&mailbox), ["second@nhs.net", "first@nhs.net"]);
    let again = Mailbox::Folders(vec![Folder::new(path.clone())]);
    assert_eq!(to(&again), ["second@nhs.net", "first@nhs.net"]);
    let mode =
        |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&path), 0o700);
    for file in std::fs::read_dir(&path).unwrap() {
        assert_eq!(mode(&file.unwrap().path()), 0o600);
    }
}

/// Captured messages can be read as a page and by programs, and nothing in them runs.
#[tokio::test]
async fn captured_messages_are_shown() {
    let lanyard = Lanyard::new().await;
    let mut browser = lanyard.browser();
    browser
        .open("/dev/mail")
        .await
        .is("Captured messages")
        .says("There are no messages yet");
    let mut invitation = message(&lanyard.services, MessageKind::Invitation, "jane@nhs.net");
    invitation.content.message = "<script>alert(1)</script>".to_owned();
    queue(
        &lanyard.services,
        vec![
            invitation,
            message(&lanyard.services, MessageKind::Code, "omar@nhs.net"),
        ],
    )
    .await;
    lanyard.mail().await;

    let page = browser.open("/dev/mail").await;
    page.is("Captured messages")
        .says("2 messages")
        .says("jane@nhs.net")
        .says("omar@nhs.net");
    assert_eq!(
        page.link("/invitations/inv_secret"),
        format!("{ORIGIN}/invitations/inv_secret")
    );
    assert!(!page.html.contains("<script>alert"));
    browser
        .open("/dev/mail?q=omar")
        .await
        .says("1 message")
        .hides("jane@nhs.net");
    browser
        .open("/dev/mail?q=nobody")
        .await
        .says("There are no messages for this search");

    let page = browser.open("/dev/mail?q=jane").await;
    page.says("Invitation to join Hollybrook Hospital on Lanyard");
    let page = browser.follow("as HTML").await;
    page.is("Invitation to join Hollybrook Hospital on Lanyard")
        .says("no-reply@lanyard.example");
    assert!(page.html.contains("sandbox"));
    let preview = browser.open(&format!("{}/preview", page.address)).await;
    assert!(!preview.html.contains("<script>alert"));
    let policy = preview
        .headers
        .get("content-security-policy")
        .unwrap()
        .to_str()
        .unwrap();
    assert!(
        policy.contains("sandbox")
            && policy.contains("default-src 'none'")
            && !policy.contains("script-src"),
        "{policy}"
    );
    assert_eq!(
        browser
            .open("/dev/mail/x-00000000000000000000000000000000")
            .await
            .status,
        404
    );

    let page = browser.open("/dev/mail.json").await;
    let messages: serde_json::Value = serde_json::from_str(&page.html).unwrap();
    assert_eq!(messages.as_array().unwrap().len(), 2);
    for name in [
        "id", "channel", "to", "from", "subject", "text", "html", "sent_at", "kind",
    ] {
        assert!(messages[0].get(name).is_some(), "{name}");
    }
}

/// With a mail server there is no mailbox.
#[tokio::test]
async fn there_is_no_mailbox_when_messages_are_sent() {
    let lanyard = Lanyard::new().await;
    let router = lanyard.router_without_mailbox();
    let mut browser = Browser::at(router);
    for path in ["/dev/mail", "/dev/mail.json"] {
        assert_eq!(browser.open(path).await.status, 404, "{path}");
    }
}
