//! Lanyard's shared types and rules, without I/O: the same code runs in the browser and on the server.
//!
//! Text from outside becomes a type of this crate once, at the edge, by its `parse()`; forms are raw strings
//! with a `validate()`. What is wrong is a code of the message catalogue, never a sentence. Time comes in as
//! a parameter and randomness does not come in at all.

mod keyed;
mod text;

pub mod account;
pub mod activity;
pub mod area;
pub mod audit;
pub mod bulk;
pub mod code;
pub mod device;
pub mod email;
pub mod email_list;
pub mod form;
pub mod frame;
pub mod home;
pub mod id;
pub mod invitation;
pub mod letter;
pub mod listing;
pub mod membership;
pub mod mobile;
pub mod one_person;
pub mod organisation;
pub mod password;
pub mod permission;
pub mod person_name;
pub mod policy;
pub mod registration;
pub mod role;
pub mod search;
pub mod second_factor;
pub mod set_up_codes;
pub mod sign_in;
pub mod status;
pub mod task;
pub mod terms;
pub mod unicode;
pub mod user;
pub mod violation;
pub mod wording;

pub use area::{Area, AreaSelection, AreaTree};
pub use audit::AuditEventKind;
pub use code::{OneTimeCode, RecoveryCode};
pub use email::{EmailAddress, EmailProblem};
pub use email_list::EmailList;
pub use id::*;
pub use mobile::{MobileNumber, MobileRegion};
pub use organisation::{OrganisationCode, OrganisationName};
pub use password::{Password, check_password};
pub use permission::Permission;
pub use person_name::PersonName;
pub use policy::Policy;
pub use role::RoleSummary;
pub use second_factor::SecondFactorKind;
pub use status::{MembershipStatus, ShownStatus};
pub use violation::{Violation, Violations};
