//! Tests at the doors of the server: HTTP as a browser without JavaScript speaks it, mail as it is
//! sent, the layering of the workspace.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on has failed"
)]

mod access_matrix;
mod account;
mod account_email;
mod activity;
mod browser;
mod bulk;
mod check;
mod faults;
mod forms;
mod full_roles;
mod harness;
mod html;
mod hydration;
mod invitations;
mod layering;
mod live;
mod mail;
mod memberships;
mod one_person;
mod panics;
mod periods;
mod process;
mod races;
mod registration;
mod security;
mod sign_in;
mod smtp_sink;
mod timeline;
mod verify_audit;
