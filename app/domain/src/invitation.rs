//! Inviting: the forms of the journey (ux D4), what becomes of each address (B08 to B11, R97), and what the
//! pages show.

use serde::{Deserialize, Serialize};

pub use crate::area::AreasForm;
pub use crate::role::RoleForm;

use crate::area::AreaSelection;
use crate::email_list::EmailList;
use crate::id::RoleId;
use crate::keyed::keyed_enum;
use crate::person_name::has_web_address;
use crate::text::plain_text;
use crate::violation::Violations;
use crate::wording::number;

mod mend;
mod view;

pub use mend::{FixChoice, Invitee, Mended, ProblemFix, ProblemLine, ProblemsForm, problem_lines};
pub use view::{
    AddUsersView, CorrectEmail, First, InvitationLanding, InvitationView, InviteCheck,
    InviteEmails, InviteMessage, InviteProblems, InviteRole, JobProgress, JobState, JobSummary,
    JobView, KnownPerson, NotSent, OfferedRole, OutcomeCount, SentInvitation,
};

keyed_enum! {
    /// The pages of the journey, in order.
    pub enum InviteStep {
        Emails = "emails",
        Problems = "problems",
        Role = "role",
        Areas = "areas",
        Message = "message",
        Check = "check",
    }
}

keyed_enum! {
    /// What became of an address: exactly one of these, always (R97).
    pub enum EntryOutcome {
        Sent = "sent",
        AlreadyMember = "already_member",
        AlreadyPending = "already_pending",
        Invalid = "invalid_email",
        DomainNotAllowed = "domain_not_allowed",
        NoSeat = "no_seat",
        OverQuota = "over_quota",
        Inactive = "deactivated",
        /// The inviter chose not to invite it.
        Skipped = "skipped",
        /// The address was in the list before.
        Repeated = "repeated",
        /// Already a member, and given the role as well (B11, C23).
        RoleGiven = "role_given",
        /// Somebody stopped the sending first.
        Stopped = "stopped",
        /// Whoever sent the batch may no longer invite, or its role or area is gone.
        NotAllowed = "not_allowed",
        /// Sent, and refused by the other side for good. Shown instead of `Sent`, never stored.
        EmailFailed = "email_failed",
    }
}

keyed_enum! {
    /// What is to be done about an entry of a batch.
    pub enum EntryWish {
        Invite = "invite",
        /// Pending or Expired here: send the invitation again.
        SendAgain = "send_again",
        /// Already a member: give the role as well.
        GiveRole = "give_role",
        /// Only recorded, with its outcome.
        Nothing = "nothing",
    }
}

keyed_enum! {
    /// Whether an invitation can be accepted, apart from its time.
    pub enum InvitationStatus {
        Open = "open",
        Accepted = "accepted",
        Cancelled = "cancelled",
        Declined = "declined",
        /// A newer one took its place (R19).
        Replaced = "replaced",
    }
}

keyed_enum! {
    /// What became of an invitation's email.
    pub enum Delivery {
        Queued = "queued",
        Sent = "sent",
        /// It can never be delivered.
        Failed = "failed",
        /// The link was shown by a command instead of sent.
        Printed = "printed",
    }
}

impl EntryOutcome {
    /// Whether the same address may do better at another try.
    pub const fn can_try_again(self) -> bool {
        matches!(
            self,
            Self::NoSeat | Self::OverQuota | Self::Stopped | Self::NotAllowed
        )
    }

    /// Whether what was wanted was done.
    pub const fn is_done(self) -> bool {
        matches!(self, Self::Sent | Self::RoleGiven)
    }
}

keyed_enum! {
    /// How users are added.
    pub enum HowToAdd {
        One = "one",
        Several = "several",
    }
}

/// The question before the journey (D2).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HowForm {
    pub how: String,
}

impl HowForm {
    /// Code: `how.empty`.
    pub fn validate(&self) -> Result<HowToAdd, Violations> {
        HowToAdd::parse(&self.how).ok_or_else(|| Violations::one("how", "how.empty"))
    }
}

/// The first page: the pasted list.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct InviteEmailsForm {
    pub emails: String,
}

impl InviteEmailsForm {
    /// A list that is longer, in bytes, is not read at all.
    pub const MAX_BYTES: usize = 1024 * 1024;

    /// The list, problems and all. Codes: `emails.empty`, `emails.too_big`, `emails.none`, `emails.too_many` with the number of
    /// addresses (those to be mended count) and the limit.
    pub fn validate(&self, limit: u32, known_domains: &[String]) -> Result<EmailList, Violations> {
        if self.emails.len() > Self::MAX_BYTES {
            let mut violations = Violations::new();
            violations.add_with("emails", "emails.too_big", vec![number(limit.into())]);
            return Err(violations);
        }
        let list = EmailList::parse_with(&self.emails, known_domains);
        let to_invite = list
            .entered()
            .saturating_sub(crate::wording::count(list.repeated.len()));
        let mut violations = Violations::new();
        if list.is_empty() {
            violations.add("emails", "emails.empty");
        } else if to_invite > limit || list.unread > 0 {
            let params = vec![number(to_invite.into()), number(limit.into())];
            violations.add_with("emails", "emails.too_many", params);
        } else if list.recognised.is_empty() {
            violations.add("emails", "emails.none");
        }
        violations.into_result(list)
    }
}

/// The optional message to the people invited.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessageForm {
    pub message: String,
}

impl MessageForm {
    /// In characters.
    pub const MAX: usize = 1000;

    /// The message as it will be sent, empty for none: plain text, with plain line ends, without anything
    /// unseen. Codes: `message.too_long` with the limit, `message.url`.
    pub fn validate(&self) -> Result<String, Violations> {
        let mut violations = Violations::new();
        let Some(message) = plain_text(&self.message, Self::MAX) else {
            violations.add_with(
                "message",
                "message.too_long",
                vec![number(Self::MAX as u64)],
            );
            return Err(violations);
        };
        if has_web_address(&message) {
            violations.add("message", "message.url");
        }
        violations.into_result(message)
    }
}

keyed_enum! {
    /// What to do with people who have access already.
    pub enum MembersChoice {
        Leave = "leave",
        GiveRole = "give_role",
    }
}

keyed_enum! {
    /// What to do with people who were invited already.
    pub enum PendingChoice {
        Leave = "leave",
        SendAgain = "send_again",
    }
}

/// The answers of a journey so far, as its draft keeps them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct InviteDraft {
    /// Exactly as pasted.
    pub emails: String,
    pub fixes: Vec<ProblemFix>,
    /// Whether the page of problems was answered for this list.
    pub mended: bool,
    pub members: MembersChoice,
    pub pending: PendingChoice,
    pub role: Option<RoleId>,
    pub areas: Option<AreaSelection>,
    pub message: String,
    /// Whether the page of the message was answered, if only with nothing.
    pub message_answered: bool,
}

impl Default for InviteDraft {
    fn default() -> Self {
        Self {
            emails: String::new(),
            fixes: Vec::new(),
            mended: false,
            members: MembersChoice::Leave,
            pending: PendingChoice::Leave,
            role: None,
            areas: None,
            message: String::new(),
            message_answered: false,
        }
    }
}

impl InviteDraft {
    /// Another list: what was said about the old one no longer counts.
    pub fn set_emails(&mut self, emails: String) {
        if self.emails != emails {
            self.emails = emails;
            self.fixes.clear();
            self.mended = false;
        }
    }

    /// The first page that still has to be answered. `has_problems` says whether the list needs mending, and
    /// `scope_allowed` whether the chosen role can be limited to areas.
    pub fn next_step(&self, has_problems: bool, scope_allowed: bool) -> InviteStep {
        if self.emails.trim().is_empty() {
            InviteStep::Emails
        } else if has_problems && !self.mended {
            InviteStep::Problems
        } else if self.role.is_none() {
            InviteStep::Role
        } else if scope_allowed && self.areas.is_none() {
            InviteStep::Areas
        } else if !self.message_answered {
            InviteStep::Message
        } else {
            InviteStep::Check
        }
    }

    /// The answers for "Send more invites": the same role and areas, nothing else (B06).
    pub fn more(&self) -> Self {
        Self {
            role: self.role,
            areas: self.areas.clone(),
            ..Self::default()
        }
    }
}

#[cfg(test)]
mod tests;
