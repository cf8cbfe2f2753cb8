//! What the frame of every page shows: who is signed in, where, and a message left for them.

use leptos::prelude::*;
use leptos::server_fn::codec::GetUrl;

use domain::frame::Frame;

use crate::{error::AppError, wire::Wire};

/// The frame for a page of `organisation` (its slug; empty outside of organisations).
///
/// # Errors
/// When the database is away.
#[server(prefix = "/fn", endpoint = "frame/read", input = GetUrl, output = Wire)]
pub async fn read_frame(organisation: String) -> Result<Frame, AppError> {
    let door = super::doorway()?;
    let frame = door
        .services
        .frame(&door.authentication, &organisation)
        .await
        .map_err(|error| AppError::from(super::log(error)))?;
    Ok(Frame {
        notice: super::take_notice(),
        ..frame
    })
}
