//! One file or folder for each aggregate. Pages own resources and actions, nothing else.

pub mod account;
pub mod activity;
pub mod bulk;
pub mod errors;
pub mod forgot_password;
pub mod home;
pub mod information;
pub mod invitations;
pub mod memberships;
pub mod one_person;
pub mod registration;
pub mod role;
pub mod roles;
pub mod set_up;
pub mod sign_in;
pub mod start;
pub mod user;
pub mod users;
