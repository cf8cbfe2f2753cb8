//! The store's contract: every scenario runs on SQLite and on PostgreSQL, and so executes every
//! statement on both. PostgreSQL is used when `LANYARD_TEST_POSTGRES` names a server, which the
//! test command starts; without it those tests pass over it and say so.

#![allow(
    clippy::unwrap_used,
    reason = "a scenario that cannot go on has failed"
)]
#![allow(
    clippy::assigning_clones,
    clippy::cast_possible_truncation,
    clippy::cloned_ref_to_slice_refs,
    clippy::needless_for_each,
    clippy::type_complexity,
    reason = "scenarios read better plain than thrifty"
)]

mod activity;
mod bulk_jobs;
mod changes;
mod harness;
mod holders;
mod home;
mod identity;
mod invariants;
mod invitations;
mod kernel;
mod listing;
mod outbox;
mod registrations;
mod schema;
mod terms;
