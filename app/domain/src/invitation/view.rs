//! What the pages about invitations show.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{
    EntryOutcome, InviteDraft, Invitee, MembersChoice, PendingChoice, ProblemFix, ProblemLine,
};
use crate::id::{BatchId, EntryId, InvitationId, RoleId, UserId};
use crate::keyed::keyed_enum;
use crate::letter::Letter;
use crate::role::RoleSummary;
use crate::status::ShownStatus;

/// The first of a list that may be long, and how long it is: a page shows some of 10,000 people, not all.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct First<T> {
    pub shown: Vec<T>,
    pub total: u32,
}

impl<T> Default for First<T> {
    fn default() -> Self {
        Self {
            shown: Vec::new(),
            total: 0,
        }
    }
}

impl<T> First<T> {
    /// The first `most` of a list.
    pub fn of(all: impl IntoIterator<Item = T>, most: usize) -> Self {
        let mut all = all.into_iter();
        let shown: Vec<T> = all.by_ref().take(most).collect();
        let total = crate::wording::count(shown.len() + all.count());
        Self { shown, total }
    }

    /// The same, of a list that is as long as this.
    #[must_use]
    pub fn out_of(self, total: u32) -> Self {
        Self { total, ..self }
    }

    pub const fn is_empty(&self) -> bool {
        self.total == 0
    }

    /// How many are not shown.
    pub fn more(&self) -> u32 {
        self.total
            .saturating_sub(crate::wording::count(self.shown.len()))
    }
}

/// How users can be added, for the one who is looking (D2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AddUsersView {
    /// Whether they may invite several people at once.
    pub several: bool,
}

/// The first page: who.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InviteEmails {
    /// As typed so far.
    pub emails: String,
    /// The most addresses at a time.
    pub limit: u32,
    /// The organisation's own domains, for suggestions.
    pub domains: Vec<String>,
    /// Whether everything else is answered, so that the way back is the page of answers.
    pub from_check: bool,
}

/// Somebody in a pasted list who is known here already.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnownPerson {
    pub user: UserId,
    pub email: String,
    /// Empty when it is not known.
    pub name: String,
    pub roles: Vec<String>,
    /// When they were invited, for those who are Pending or Expired.
    #[serde(with = "chrono::serde::ts_microseconds_option")]
    pub invited_at: Option<DateTime<Utc>>,
}

/// The page of problems.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InviteProblems {
    /// Those who are ready to be invited, whatever is answered here.
    pub ready: First<Invitee>,
    /// The lines that this page asks about: as many as a page can hold.
    pub lines: First<ProblemLine>,
    pub fixes: Vec<ProblemFix>,
    pub already_members: First<KnownPerson>,
    pub members: MembersChoice,
    /// Whether whoever is looking may give members a role.
    pub can_give_role: bool,
    pub already_pending: First<KnownPerson>,
    pub pending: PendingChoice,
    pub deactivated: First<KnownPerson>,
    /// Addresses that are not in an allowed domain.
    pub not_allowed: First<String>,
    /// The allowed domains.
    pub domains: Vec<String>,
    pub repeated: u32,
}

/// The page of the role.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InviteRole {
    /// The roles that whoever is looking may give.
    pub roles: Vec<RoleSummary>,
    pub chosen: Option<RoleId>,
    /// How many people get it.
    pub people: u32,
    /// The page before this one.
    pub back: super::InviteStep,
}

/// The page of the message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InviteMessage {
    pub message: String,
    pub people: u32,
    /// The page before this one.
    pub back: super::InviteStep,
}

/// The last page before sending.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InviteCheck {
    /// Posted back: what is sent is what was shown.
    pub version: i64,
    pub organisation_name: String,
    /// New invitations.
    pub invitees: First<Invitee>,
    /// Invitations that are sent once more.
    pub again: First<KnownPerson>,
    /// Members who get the role as well.
    pub members: First<KnownPerson>,
    /// Addresses that will not be invited, each with the outcome that it will have.
    pub not_invited: First<NotSent>,
    pub role: RoleSummary,
    /// Labels of areas; empty for the whole organisation.
    pub areas: Vec<String>,
    /// Whether there is a choice of areas to change.
    pub asks_areas: bool,
    /// What the organisation calls its areas.
    pub area_label: String,
    pub message: String,
    /// When the links end, if they are sent now.
    #[serde(with = "chrono::serde::ts_microseconds")]
    pub expires_at: DateTime<Utc>,
    /// The email that a new person gets.
    pub letter: Letter,
    /// How many of them the day's limit leaves room for, when that is not all.
    pub quota_left: Option<u32>,
}

impl InviteCheck {
    /// How many messages or roles go out.
    pub fn to_send(&self) -> u32 {
        self.invitees.total + self.again.total + self.members.total
    }
}

keyed_enum! {
    /// How far a batch is.
    pub enum JobState {
        Waiting = "waiting",
        Sending = "sending",
        Finished = "finished",
        /// Somebody stopped it before its end.
        Stopped = "stopped",
    }
}

/// An address of a batch that got no invitation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotSent {
    /// Nothing before the batch exists.
    pub entry: Option<EntryId>,
    pub line: u32,
    /// As entered.
    pub text: String,
    pub outcome: EntryOutcome,
    /// The person's page, for those who are known here.
    pub user: Option<UserId>,
    pub name: String,
}

/// How many addresses of a batch had an outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutcomeCount {
    pub outcome: EntryOutcome,
    pub count: u32,
}

/// How far a batch is, for the stream of events.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobProgress {
    /// For how many addresses something is to be done.
    pub total: u32,
    /// How many of them are done, one way or the other.
    pub done: u32,
    /// Emails that the mail server has taken.
    pub sent: u32,
    /// How many came to nothing.
    pub failed: u32,
    pub finished: bool,
    /// Nothing goes on at the moment, because nothing can be written (R109).
    pub stands_still: bool,
}

impl JobProgress {
    /// Of 100.
    pub fn percent(&self) -> u32 {
        let percent = (u64::from(self.done) * 100).checked_div(u64::from(self.total));
        u32::try_from(percent.unwrap_or(100)).unwrap_or(100)
    }
}

/// A batch while it is sent, and its result.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobView {
    pub id: BatchId,
    pub state: JobState,
    /// Everything that was entered: the sum of the counts, once it is finished (R97).
    pub entered: u32,
    pub progress: JobProgress,
    /// Whether the result can be shown: of a few invitations while their emails are on their way.
    pub has_result: bool,
    /// Invitations made: sent, or on their way.
    pub invited: u32,
    /// Emails on their way.
    pub waiting: u32,
    /// Members who were given the role as well.
    pub roles_given: u32,
    pub counts: Vec<OutcomeCount>,
    /// The addresses that were to be invited and were not.
    pub failed: First<NotSent>,
    /// The addresses that were never to be invited.
    pub left_out: First<NotSent>,
    pub role: String,
    /// Labels of areas; empty for the whole organisation.
    pub areas: Vec<String>,
    pub area_label: String,
    pub started_by: String,
    #[serde(with = "chrono::serde::ts_microseconds")]
    pub started_at: DateTime<Utc>,
    #[serde(with = "chrono::serde::ts_microseconds_option")]
    pub finished_at: Option<DateTime<Utc>>,
    /// Whether whoever is looking may send more, try again or stop it.
    pub can_invite: bool,
}

impl JobView {
    pub fn count(&self, outcome: EntryOutcome) -> u32 {
        self.counts
            .iter()
            .find(|count| count.outcome == outcome)
            .map_or(0, |count| count.count)
    }

    /// How many could be tried again.
    pub fn can_try_again(&self) -> u32 {
        self.counts
            .iter()
            .filter(|count| count.outcome.can_try_again())
            .map(|count| count.count)
            .sum()
    }

    /// Whether everything that was to be done was done.
    pub fn all_done(&self) -> bool {
        self.failed.is_empty()
    }
}

/// A batch in the list of bulk work (F2).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobSummary {
    pub id: BatchId,
    pub state: JobState,
    /// For how many addresses something was to be done.
    pub total: u32,
    /// How many came to nothing.
    pub failed: u32,
    pub role: String,
    pub started_by: String,
    #[serde(with = "chrono::serde::ts_microseconds")]
    pub started_at: DateTime<Utc>,
}

/// An invitation that can be sent again or cancelled (E7).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SentInvitation {
    pub user: UserId,
    pub name: String,
    pub email: String,
    pub status: ShownStatus,
    /// Who sent the newest one.
    pub invited_by: String,
    #[serde(with = "chrono::serde::ts_microseconds_option")]
    pub invited_at: Option<DateTime<Utc>>,
    #[serde(with = "chrono::serde::ts_microseconds_option")]
    pub expires_at: Option<DateTime<Utc>>,
    /// When the link would end, if it were sent again now.
    #[serde(with = "chrono::serde::ts_microseconds")]
    pub new_expires_at: DateTime<Utc>,
    pub role: String,
    pub areas: Vec<String>,
    /// The email as it would be sent now.
    pub letter: Letter,
    /// The code of the reason why it cannot be sent again now; empty when it can.
    pub obstacle: String,
}

impl InviteDraft {
    /// The page before another, for the way back.
    pub fn step_before(
        &self,
        step: super::InviteStep,
        has_problems: bool,
        scope_allowed: bool,
    ) -> super::InviteStep {
        use super::InviteStep::{Areas, Emails, Message, Problems, Role};
        match step {
            Role if has_problems => Problems,
            Emails | Problems | Role => Emails,
            Message if scope_allowed => Areas,
            Areas | Message => Role,
            super::InviteStep::Check => Message,
        }
    }
}

/// `/o/{org}/users/{user}/email`: an invitation whose address was wrong (E3).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CorrectEmail {
    pub user: UserId,
    /// The address while there is no name.
    pub name: String,
    pub email: String,
    /// The domains that the organisation allows; none: any.
    pub domains: Vec<String>,
    /// When the new link would end, if it were sent now.
    #[serde(with = "chrono::serde::ts_microseconds")]
    pub expires_at: DateTime<Utc>,
    /// The code of the reason why it cannot be corrected; empty when it can.
    pub obstacle: String,
}

/// An invitation as the invited person sees it, before anything is asked (B1).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InvitationView {
    pub id: InvitationId,
    pub organisation_name: String,
    pub organisation_code: String,
    /// "Sam Okoro", or "Sam Okoro, Ward manager".
    pub invited_by: String,
    pub email: String,
    /// None when the invitation gives no role.
    pub roles: Vec<OfferedRole>,
    pub message: String,
    #[serde(with = "chrono::serde::ts_microseconds")]
    pub expires_at: DateTime<Utc>,
    /// Whether the address belongs to a user already, who signs in and joins instead of registering (R23).
    pub has_user: bool,
}

/// A role that an invitation offers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfferedRole {
    pub role: RoleSummary,
    /// Labels of areas; empty for the whole organisation.
    pub areas: Vec<String>,
    /// "From 3 January 2027 until 31 March 2027"; empty without dates.
    pub period: String,
}

/// What the link of an invitation leads to. Nothing is said about an invitation that is not open, except who
/// to ask (B7).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum InvitationLanding {
    Open(Box<InvitationView>),
    /// The time is over; a new one can be asked for, or was.
    Expired {
        asked: bool,
    },
    /// A newer link was sent.
    Replaced,
    Cancelled {
        ask: String,
    },
    /// The person said that it is not for them.
    Declined,
    /// It was used; the person can sign in.
    Accepted,
    /// Signed in as someone else.
    SomeoneElse {
        signed_in_as: String,
    },
    /// The inviter may no longer give what it offers; another administrator can be asked, or was.
    Waiting {
        organisation_name: String,
        asked: bool,
    },
    /// The organisation is closed.
    Closed,
    /// The organisation no longer allows the address (C27).
    OtherDomain {
        organisation_name: String,
        /// The address that was invited.
        email: String,
        /// How an address must end.
        domains: Vec<String>,
        /// Who sent it; empty when a command did.
        ask: String,
    },
}
