//! The only user of sqlx: SQLite and PostgreSQL behind one set of methods, without decisions,
//! without the clock and without randomness. One file per aggregate; every method takes the
//! organisation whose rows it may touch (R65).

mod account_links;
mod activity;
mod alone;
mod areas;
mod audit;
mod batches;
mod bulk_jobs;
mod challenges;
mod changes;
mod devices;
mod driver;
mod entries;
mod error;
mod form_drafts;
mod health;
mod holders;
mod home;
#[cfg(feature = "testing")]
mod invariants;
mod invitations;
mod journeys;
mod listing;
mod memberships;
mod organisations;
mod outbox;
mod registrations;
mod roles;
mod seats;
mod second_factors;
mod sessions;
mod sql;
mod terms;
mod throttles;
mod users;

pub use account_links::{AccountLinkRow, LinkPurpose};
pub use activity::{ActivityEventRow, ActivityPlace, ActivityQuery, OwnEventRow};
pub use alone::Alone;
pub use areas::AreaRow;
pub use audit::{AuditEventRow, ChainEnd, ChainOwner};
pub use batches::BatchRow;
pub use bulk_jobs::{BulkEntryRow, BulkJobRow, BulkResultRow, BulkSettled};
pub use challenges::ChallengeRow;
pub use changes::ChangeRow;
pub use devices::DeviceRow;
pub use driver::{Dialect, Store, Tx};
pub use entries::{EntryResultRow, EntryRow, Settled};
pub use error::{Conflict, StoreError};
pub use holders::{RoleCountRow, RoleHolderRow};
pub use home::{ActivityRow, AttentionRow, HolderRow, NewestActivity};
pub use invitations::{AddressRow, InvitationRow};
pub use journeys::JourneyRow;
pub use listing::{
    KeptCounts, ListReach, ListedMember, MOST_COUNTED, MemberCounts, MemberPage, MemberQuery,
};
pub use memberships::{DetailsRow, MembershipRow};
pub use organisations::OrganisationRow;
pub use outbox::{ClaimedMessageRow, OutboxCount, OutboxRow, WaitingRow};
pub use registrations::RegistrationRow;
pub use roles::{AssignmentRow, RoleRow, ServiceRow, TaskRow};
pub use second_factors::SecondFactorRow;
pub use sessions::SessionRow;
pub use terms::{TermsAcceptanceRow, TermsRow};
pub use throttles::ThrottleRow;
pub use users::UserRow;

/// Result of a store method.
pub type Result<T, E = StoreError> = std::result::Result<T, E>;
