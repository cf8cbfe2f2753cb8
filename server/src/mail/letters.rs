//! The words of every message but those about invitations, which are the service's own because
//! pages show them before they are sent (`ux.md` 9). One action each; what happened, when, from
//! where, and what to do if it was not you. Never a code in a subject (R42).

use domain::{device::device, letter::Letter, wording};
use service::{
    invitations::invitation_letter,
    outbox::{MessageContent, MessageKind},
};

/// The letter for a message.
pub fn letter(kind: MessageKind, content: &MessageContent, secret: &str, service: &str) -> Letter {
    if let Some(letter) = invitation_letter(kind, content, service) {
        return letter;
    }
    match kind {
        // Those are the service's.
        MessageKind::Invitation | MessageKind::InvitationReminder | MessageKind::NewAccess => {
            Letter::default()
        }
        MessageKind::Code => code(content, secret, service),
        MessageKind::PasswordReset => password_reset(content, service),
        MessageKind::PasswordResetUnavailable => password_reset_unavailable(content, service),
        MessageKind::PasswordChanged => password_changed(content, service),
        MessageKind::AccountChanged => account_changed(content, service),
        MessageKind::EmailChangeCode => email_change_code(content, secret, service),
        MessageKind::EmailTaken => email_taken(content, service),
        MessageKind::EmailChanged => email_changed(content, service),
        MessageKind::NewDevice => new_device(content, service),
        MessageKind::SecondFactorFailed => second_factor_failed(content, service),
        MessageKind::RecoveryCodeUsed => recovery_code_used(content, service),
        MessageKind::InvitationDeclined => declined(content, service),
        MessageKind::NewInvitationRequested => new_invitation_requested(content, service),
        MessageKind::BatchFinished => batch_finished(content, service),
        MessageKind::BulkFinished => bulk_finished(content, service),
        MessageKind::RegistrationComplete => registration_complete(content, service),
        MessageKind::AccessChanged => access_changed(content, service),
        MessageKind::Deactivated => deactivated(content, service),
        MessageKind::Reactivated => reactivated(content, service),
        MessageKind::DetailsChanged => details_changed(content, service),
        MessageKind::SecurityChanged => security_changed(content, service),
    }
}

/// The words of a text message: a code, or that an administrator reset how codes come (R46). Browsers
/// fill the code in where the last line names the site.
pub fn text_message(
    kind: MessageKind,
    content: &MessageContent,
    secret: &str,
    service: &str,
    host: &str,
) -> String {
    if kind == MessageKind::Code {
        return format!("{secret} is your {service} code\n\n@{host} #{secret}");
    }
    let (by, organisation) = (&content.by, &content.organisation);
    format!(
        "{by} at {organisation} reset how you get {service} codes. If you did not ask for this, tell {organisation} now."
    )
}

fn to(content: &MessageContent, subject: String) -> Letter {
    let name = &content.recipient_name;
    Letter::new(subject).when(!name.is_empty(), |letter| {
        letter.paragraph(format!("Hello {name}."))
    })
}

/// When and from where, as far as known.
fn circumstances(letter: Letter, content: &MessageContent) -> Letter {
    let when = content
        .happened_at
        .map(|at| format!("When: {}", wording::date_and_time(at)));
    let device = device(&content.device).map(|device| format!("Device: {device}"));
    letter.list(when.into_iter().chain(device).collect())
}

fn if_not_you(letter: Letter) -> Letter {
    letter
        .heading("If this was not you")
        .paragraph("Choose a new password now. Then tell an administrator of your organisation.")
}

fn code(content: &MessageContent, secret: &str, service: &str) -> Letter {
    let letter = to(content, format!("Your {service} code"))
        .paragraph(format!("Your {service} code is:"))
        .paragraph(secret);
    let letter = match content.expires_at {
        Some(end) => letter.paragraph(format!("It works until {}.", wording::date_and_time(end))),
        None => letter,
    };
    letter
        .paragraph("Nobody will ever ask you for this code. Do not share it.")
        .heading("If you did not ask for a code")
        .paragraph(
            "Somebody may know your password. Change it, and tell an administrator of your organisation.",
        )
}

fn password_reset(content: &MessageContent, service: &str) -> Letter {
    let letter = to(content, format!("Choose a new {service} password"))
        .paragraph(format!(
            "Somebody asked to choose a new password for your {service} account."
        ))
        .action("Choose a new password");
    let letter = match content.expires_at {
        Some(end) => letter.paragraph(format!(
            "The link works until {}.",
            wording::date_and_time(end)
        )),
        None => letter,
    };
    letter
        .heading("If you did not expect this")
        .paragraph("Ignore this email. Your password stays as it is.")
}

fn password_reset_unavailable(content: &MessageContent, service: &str) -> Letter {
    to(content, format!("About your {service} password"))
        .paragraph(format!(
            "Somebody asked to choose a new {service} password for this email address. There is no account in use with it, so there is no password to change."
        ))
        .paragraph("If you were invited, open the link in the invitation. If the link has expired, or your account was deactivated, ask an administrator of your organisation.")
        .heading("If you did not expect this")
        .paragraph("Ignore this email. Nothing was changed.")
}

fn password_changed(content: &MessageContent, service: &str) -> Letter {
    let letter = to(content, format!("Your {service} password was changed")).paragraph(format!(
        "The password of your {service} account was changed."
    ));
    if_not_you(circumstances(letter, content)).action("Choose a new password")
}

/// What a person changed of their own account; `subject` says which part of it.
fn account_changed(content: &MessageContent, service: &str) -> Letter {
    let what = match content.subject.as_str() {
        "name" => "The name of your account was changed.",
        "mobile" => "The mobile phone number of your account was changed.",
        "app_added" => {
            "An authenticator app was set up for your account. Codes of an app that was set up before do not work any more."
        }
        "app_removed" => "The authenticator app was removed from your account.",
        "codes_set_up" => {
            "2-step sign in was set up for your account, and you have new recovery codes."
        }
        "recovery_codes" => {
            "New recovery codes were made for your account. The old ones do not work any more."
        }
        _ => "Your account was changed.",
    };
    let letter = to(content, format!("Your {service} account was changed")).paragraph(what);
    if_not_you(circumstances(letter, content)).action("Choose a new password")
}

/// A code for one of the two addresses. Only the old one is told which address is the new one; the
/// new one, which may be a stranger's, is told nothing of the person.
fn email_change_code(content: &MessageContent, secret: &str, service: &str) -> Letter {
    let new = &content.subject;
    let is_new = new.is_empty();
    let letter = to(
        content,
        format!("Your code to change your {service} email address"),
    );
    let letter = if is_new {
        letter.paragraph(format!(
            "Somebody wants to use this email address for their {service} account. The code for it is:"
        ))
    } else {
        letter
            .paragraph(format!(
                "You asked to change the email address of your {service} account to {new}."
            ))
            .paragraph("The code for your current address is:")
    };
    let letter = letter.paragraph(secret);
    let letter = match content.expires_at {
        Some(end) => letter.paragraph(format!("It works until {}.", wording::date_and_time(end))),
        None => letter,
    };
    let letter = letter
        .paragraph("Nobody will ever ask you for this code. Do not share it.")
        .heading("If you did not ask for this");
    if is_new {
        letter.paragraph("Ignore this email. Without the code nothing is changed.")
    } else {
        letter
            .paragraph("Somebody else is signed in to your account. Choose a new password now. Then tell an administrator of your organisation.")
            .action("Choose a new password")
    }
}

/// R31: what the page must not say, the owner of the mailbox may know.
fn email_taken(content: &MessageContent, service: &str) -> Letter {
    to(content, format!("About your {service} email address"))
        .paragraph(format!(
            "Somebody asked to use this email address for another {service} account. That cannot be done, because an account or an invitation has this address already."
        ))
        .heading("If it was you")
        .paragraph("You can sign in with this address, or accept the invitation that was sent to it. If you have 2 accounts now, ask an administrator of your organisation which one to keep.")
        .heading("If it was not you")
        .paragraph("Ignore this email. Nothing was changed.")
}

/// C5: to the old address, which opens nothing any more.
fn email_changed(content: &MessageContent, service: &str) -> Letter {
    let new = &content.subject;
    let letter = to(content, format!("Your {service} email address was changed")).paragraph(format!(
        "The email address of your {service} account was changed to {new}. You sign in with the new address now."
    ));
    circumstances(letter, content)
        .heading("If this was not you")
        .paragraph(
            "Tell an administrator of your organisation now. They can stop whoever did this.",
        )
        .action("Contact us")
}

fn new_device(content: &MessageContent, service: &str) -> Letter {
    let letter = to(content, format!("New sign in to {service}")).paragraph(format!(
        "Somebody signed in to your {service} account with a device that we have not seen before."
    ));
    if_not_you(circumstances(letter, content)).action("Choose a new password")
}

fn second_factor_failed(content: &MessageContent, service: &str) -> Letter {
    let letter = to(content, format!("A sign in to {service} was not finished")).paragraph(format!(
        "Somebody entered your {service} password, but not the right code. They are not signed in."
    ));
    if_not_you(circumstances(letter, content)).action("Choose a new password")
}

fn recovery_code_used(content: &MessageContent, service: &str) -> Letter {
    let letter = to(content, format!("A {service} recovery code was used")).paragraph(format!(
        "Somebody signed in to your {service} account with a recovery code. That code does not work again."
    ));
    if_not_you(circumstances(letter, content)).action("Choose a new password")
}

fn declined(content: &MessageContent, service: &str) -> Letter {
    let (about, organisation) = (&content.subject, &content.organisation);
    to(content, format!("Invitation to {organisation} on {service} declined"))
        .paragraph(format!(
            "{about} says that the invitation to {organisation} on {service} is not for them. It is cancelled."
        ))
        .action("See the user")
}

fn new_invitation_requested(content: &MessageContent, service: &str) -> Letter {
    let (about, organisation) = (&content.subject, &content.organisation);
    to(content, format!("New invitation to {organisation} on {service} asked for"))
        .paragraph(format!(
            "{about} asks for a new invitation to {organisation} on {service}, because the link of the last one no longer works."
        ))
        .paragraph("If they should have access, send the invitation again.")
        .action("See the user")
}

fn batch_finished(content: &MessageContent, service: &str) -> Letter {
    let organisation = &content.organisation;
    let sent = wording::number(u64::from(content.sent));
    let total = wording::number(u64::from(content.total));
    let letter = to(
        content,
        format!("Invitations to {organisation} on {service} are finished"),
    );
    let letter = if content.sent == content.total {
        letter.paragraph(format!(
            "All {total} invitations to {organisation} were sent."
        ))
    } else {
        letter.paragraph(format!(
            "{sent} of {total} invitations to {organisation} were sent. The results say why the others were not, and what you can do."
        ))
    };
    letter.action("See the results")
}

fn bulk_finished(content: &MessageContent, service: &str) -> Letter {
    let organisation = &content.organisation;
    let done = wording::number(u64::from(content.sent));
    let total = wording::number(u64::from(content.total));
    let letter = to(
        content,
        format!("Your change of users in {organisation} on {service} is finished"),
    );
    let letter = if content.sent == content.total {
        letter.paragraph(format!("All {total} users in {organisation} were changed."))
    } else {
        letter.paragraph(format!(
            "{done} of {total} users in {organisation} were changed. The results say why the others were not, and what you can do."
        ))
    };
    letter.action("See the results")
}

fn registration_complete(content: &MessageContent, service: &str) -> Letter {
    let organisation = &content.organisation;
    let letter = to(
        content,
        format!("You are set up at {organisation} on {service}"),
    )
    .paragraph(format!("You can use {service} at {organisation} now."))
    .action(format!("Go to {organisation}"));
    circumstances(letter, content)
        .heading("If this was not you")
        .paragraph("Tell an administrator of the organisation.")
}

/// J41: what it was, what it is, and who to ask.
fn access_changed(content: &MessageContent, service: &str) -> Letter {
    let (by, organisation) = (&content.by, &content.organisation);
    let letter = to(
        content,
        format!("Your access to {organisation} on {service} was changed"),
    )
    .paragraph(format!(
        "{by} changed what you can do at {organisation} on {service}."
    ));
    let letter = before_and_after(letter, content);
    ask(circumstances_of_change(letter, content), content).action(format!("Go to {organisation}"))
}

fn details_changed(content: &MessageContent, service: &str) -> Letter {
    let (by, organisation) = (&content.by, &content.organisation);
    let letter = to(content, format!("Your details on {service} were changed")).paragraph(format!(
        "{by} at {organisation} changed your details on {service}."
    ));
    let letter = before_and_after(letter, content);
    ask(circumstances_of_change(letter, content), content).action("See your account")
}

/// R46: what was done about how somebody signs in, and who did it.
fn security_changed(content: &MessageContent, service: &str) -> Letter {
    let (by, organisation) = (&content.by, &content.organisation);
    let letter = to(content, format!("About signing in to {service}")).paragraph(format!(
        "{by} at {organisation} changed how you sign in to {service}."
    ));
    let letter = content
        .after
        .iter()
        .fold(letter, |letter, what| letter.paragraph(what.clone()));
    ask(circumstances_of_change(letter, content), content).action("See your account")
}

/// J44, V26: this organisation only, and who to ask.
fn deactivated(content: &MessageContent, service: &str) -> Letter {
    let organisation = &content.organisation;
    let letter = to(
        content,
        format!("Your access to {organisation} on {service} was deactivated"),
    )
    .paragraph(format!(
        "You can no longer use {service} at {organisation}. Your account at other organisations is not affected."
    ));
    ask(circumstances_of_change(letter, content), content)
}

/// J50: how to sign in.
fn reactivated(content: &MessageContent, service: &str) -> Letter {
    let organisation = &content.organisation;
    let how = if content.subject == "new_password" {
        "You have not signed in for 12 months or more, so your old password does not work any more. Choose a new one first: select \u{201c}I have forgotten my password\u{201d} on the sign in page."
    } else {
        "Sign in with your email address and your password. If you do not know it any more, choose a new one on the sign in page."
    };
    let letter = to(
        content,
        format!("You have access to {organisation} on {service} again"),
    )
    .paragraph(format!(
        "You can use {service} at {organisation} again. {how}"
    ));
    let letter = if content.after.is_empty() {
        letter
    } else {
        letter.heading("What you have").list(content.after.clone())
    };
    ask(circumstances_of_change(letter, content), content).action("Sign in")
}

fn before_and_after(letter: Letter, content: &MessageContent) -> Letter {
    let none = || vec!["Nothing".to_owned()];
    let lines = |lines: &Vec<String>| {
        if lines.is_empty() {
            none()
        } else {
            lines.clone()
        }
    };
    letter
        .heading("Before")
        .list(lines(&content.before))
        .heading("Now")
        .list(lines(&content.after))
}

fn circumstances_of_change(letter: Letter, content: &MessageContent) -> Letter {
    match content.happened_at {
        Some(at) => letter.paragraph(format!("This was on {}.", wording::date_and_time(at))),
        None => letter,
    }
}

fn ask(letter: Letter, content: &MessageContent) -> Letter {
    letter.paragraph(format!(
        "If you have a question, ask {} at {}.",
        content.by, content.organisation
    ))
}
