//! One file or folder for each aggregate. Pages own resources and actions, nothing else.

pub mod errors;
pub mod start;
