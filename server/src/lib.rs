//! The server of Lanyard: composition root and doors. It knows every other crate and holds no
//! rule of its own.

pub mod commands;
pub mod config;
pub mod installation;
pub mod logging;
pub mod machine;
pub mod mail;
pub mod serving;
pub mod web;
pub mod worker;
