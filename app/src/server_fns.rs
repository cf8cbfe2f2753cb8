//! Doorways: each server function gets the actor, validates the form, calls one service method,
//! maps the error and redirects. `doorway.rs` is the only user of Leptos contexts and of
//! `leptos_axum` on that way.

pub mod account;
pub mod account_changes;
pub mod account_email;
pub mod account_security;
pub mod activity;
pub mod bulk;
#[cfg(feature = "ssr")]
mod doorway;
pub mod form_drafts;
pub mod frame;
pub mod home;
pub mod information;
pub mod invitations;
pub mod member_security;
pub mod memberships;
pub mod one_person;
pub mod password_reset;
pub mod registration;
pub mod roles;
pub mod set_up;
pub mod set_up_codes;
pub mod sign_in;
pub mod step_up;
pub mod user;
pub mod users;

#[cfg(feature = "ssr")]
pub use doorway::*;
