//! The words of the messages about invitations: the same for the mail and for its preview.

use domain::{letter::Letter, wording};

use crate::outbox::{MessageContent, MessageKind};

/// The letter for a message about an invitation; nothing for other kinds.
pub fn invitation_letter(
    kind: MessageKind,
    content: &MessageContent,
    service_name: &str,
) -> Option<Letter> {
    match kind {
        MessageKind::Invitation => Some(invitation(content, service_name)),
        MessageKind::InvitationReminder => Some(reminder(content, service_name)),
        MessageKind::NewAccess => Some(new_access(content, service_name)),
        _ => None,
    }
}

fn invitation(content: &MessageContent, service: &str) -> Letter {
    let organisation = &content.organisation;
    let letter = Letter::new(format!("Invitation to join {organisation} on {service}"))
        .paragraph(format!(
            "{} has invited you to join {organisation} on {service}.",
            content.by
        ))
        .quote(&content.message);
    let letter = access(letter, content)
        .action("Accept invitation")
        .paragraph(works_until(content))
        .heading("What you will need")
        .paragraph(
            "You will choose a password. You will also need your phone, to get a code when you \
             sign in. It takes about 5 minutes.",
        );
    closing(letter, content)
}

fn reminder(content: &MessageContent, service: &str) -> Letter {
    let organisation = &content.organisation;
    let letter = Letter::new(format!(
        "Reminder: invitation to join {organisation} on {service}"
    ))
    .paragraph(format!(
        "{} has invited you to join {organisation} on {service}. You have not accepted yet.",
        content.by
    ))
    .action("Accept invitation")
    .paragraph(works_until(content));
    closing(letter, content)
}

fn new_access(content: &MessageContent, service: &str) -> Letter {
    let organisation = &content.organisation;
    let greeting = if content.recipient_name.is_empty() {
        String::new()
    } else {
        format!("Hello {}.", content.recipient_name)
    };
    let letter = Letter::new(format!("New access to {organisation} on {service}"))
        .when(!greeting.is_empty(), |letter| letter.paragraph(greeting));
    if content.expires_at.is_none() {
        // A member who got another role: nothing to accept.
        let letter = letter.paragraph(format!(
            "{} has given you another role at {organisation} on {service}. You have it now.",
            content.by
        ));
        return closing(access(letter, content).action("Sign in"), content);
    }
    let letter = letter
        .paragraph(format!(
            "{} has invited you to join {organisation} on {service}. You already have an account, \
             so you only need to sign in and accept.",
            content.by
        ))
        .quote(&content.message);
    let letter = access(letter, content)
        .action("Sign in and accept")
        .paragraph(works_until(content));
    closing(letter, content)
}

/// What the person will be able to do, and where.
fn access(letter: Letter, content: &MessageContent) -> Letter {
    if content.role.is_empty() {
        return letter;
    }
    let letter = letter.heading("What you can do");
    let letter = if content.after.is_empty() {
        letter.paragraph(format!("Your role is {}.", content.role))
    } else {
        letter
            .paragraph("Your access is:")
            .list(content.after.clone())
    };
    let letter = letter.when(!content.tasks.is_empty(), |letter| {
        letter.paragraph("You can:").list(content.tasks.clone())
    });
    if content.areas.is_empty() || !content.after.is_empty() {
        letter
    } else {
        letter.paragraph("This is for:").list(content.areas.clone())
    }
}

fn works_until(content: &MessageContent) -> String {
    content.expires_at.map_or_else(String::new, |end| {
        format!("The link works until {}.", wording::date_and_time(end))
    })
}

fn closing(letter: Letter, content: &MessageContent) -> Letter {
    letter
        .when(!content.by.is_empty(), |letter| {
            letter.paragraph(format!("If you have a question, ask {}.", content.by))
        })
        .heading("If you did not expect this")
        .paragraph("Ignore this email. Nothing happens unless you use the link.")
}
