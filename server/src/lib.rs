//! The server of Lanyard: composition root and doors.

pub mod config;
pub mod web;
