//! The store's contract: every scenario runs on SQLite and on PostgreSQL, and so executes every
//! statement on both. PostgreSQL is used when `LANYARD_TEST_POSTGRES` names a server, which the
//! test command starts; without it those tests pass over it and say so.

#![allow(
    clippy::unwrap_used,
    reason = "a scenario that cannot go on has failed"
)]

mod harness;
mod home;
mod identity;
mod invitations;
mod kernel;
mod listing;
mod outbox;
mod registrations;
mod schema;
mod terms;
