//! What the pages about invitations show.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{EntryOutcome, Invitee, MembersChoice, PendingChoice, ProblemFix, ProblemLine};
use crate::id::{BatchId, DraftId, EntryId, InvitationId, UserId};
use crate::keyed::keyed_enum;
use crate::role::RoleSummary;

/// Somebody in a pasted list who is known here already.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnownPerson {
    pub user: UserId,
    pub email: String,
    /// Empty when it is not known.
    pub name: String,
    pub roles: Vec<String>,
    /// When they were invited, for those who are Pending or Expired.
    pub invited_at: Option<DateTime<Utc>>,
}

/// The page of problems.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InviteProblems {
    pub draft: DraftId,
    /// Those who are ready to be invited, whatever is answered here.
    pub ready: Vec<Invitee>,
    pub lines: Vec<ProblemLine>,
    pub fixes: Vec<ProblemFix>,
    pub already_members: Vec<KnownPerson>,
    pub members: MembersChoice,
    pub already_pending: Vec<KnownPerson>,
    pub pending: PendingChoice,
    pub deactivated: Vec<KnownPerson>,
    /// Addresses that are not in an allowed domain.
    pub not_allowed: Vec<String>,
    pub repeated: u32,
    /// Whether whoever is looking may change the allowed domains.
    pub can_change_domains: bool,
}

impl InviteProblems {
    /// Whether there is anything to ask or to say.
    pub fn is_needed(&self) -> bool {
        let people = [
            &self.already_members,
            &self.already_pending,
            &self.deactivated,
        ];
        !self.lines.is_empty()
            || !self.not_allowed.is_empty()
            || self.repeated > 0
            || people.iter().any(|people| !people.is_empty())
    }
}

/// The last page before sending.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InviteCheck {
    pub draft: DraftId,
    pub invitees: Vec<Invitee>,
    /// Addresses that will not be invited, each with the outcome that it will have.
    pub not_invited: Vec<NotSent>,
    pub role: RoleSummary,
    /// Labels of areas; empty for the whole organisation.
    pub areas: Vec<String>,
    pub message: String,
    /// How long each link will work, in hours.
    pub ttl_hours: u32,
}

keyed_enum! {
    /// How far a batch is.
    pub enum JobState {
        Waiting = "waiting",
        Sending = "sending",
        Finished = "finished",
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

/// A batch while it is sent, and its result.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobView {
    pub id: BatchId,
    pub state: JobState,
    /// Everything that was entered.
    pub total: u32,
    /// Everything that has its outcome. An invitation has it when the mail system has taken the message.
    pub done: u32,
    pub sent: u32,
    pub counts: Vec<OutcomeCount>,
    /// The addresses that were not sent, in the order of the list; at most as many as a page shows.
    pub not_sent: Vec<NotSent>,
    pub role: String,
    /// Labels of areas; empty for the whole organisation.
    pub areas: Vec<String>,
    pub started_by: String,
    pub started_at: DateTime<Utc>,
    pub finished_at: Option<DateTime<Utc>>,
}

impl JobView {
    pub fn count(&self, outcome: EntryOutcome) -> u32 {
        self.counts
            .iter()
            .find(|count| count.outcome == outcome)
            .map_or(0, |count| count.count)
    }

    /// How many addresses are done without an invitation.
    pub fn not_sent_total(&self) -> u32 {
        self.done.saturating_sub(self.sent)
    }

    /// How many could be tried again.
    pub fn can_try_again(&self) -> u32 {
        self.counts
            .iter()
            .filter(|count| count.outcome.can_try_again())
            .map(|count| count.count)
            .sum()
    }

    /// Of 100.
    pub fn percent(&self) -> u32 {
        let percent = (u64::from(self.done) * 100)
            .checked_div(u64::from(self.total))
            .unwrap_or(100);
        u32::try_from(percent).unwrap_or(100)
    }
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
    /// Nothing when the invitation gives no role.
    pub role: Option<RoleSummary>,
    /// Labels of areas; empty for the whole organisation.
    pub areas: Vec<String>,
    pub message: String,
    pub expires_at: DateTime<Utc>,
    /// Whether the address belongs to a user already, who signs in and joins instead of registering (R23).
    pub has_user: bool,
}

/// What the link of an invitation leads to. Nothing is said about an invitation that is not open, except who
/// to ask (B7).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum InvitationLanding {
    Open(Box<InvitationView>),
    /// The time is over; a new one can be asked for.
    Expired,
    /// A newer link was sent.
    Replaced,
    Cancelled {
        ask: String,
    },
    /// It was used; the person can sign in.
    Accepted,
    /// Signed in as someone else.
    SomeoneElse {
        signed_in_as: String,
    },
    /// The inviter may no longer invite; another administrator has been asked.
    Waiting {
        organisation_name: String,
    },
    /// The organisation is closed.
    Closed,
}
