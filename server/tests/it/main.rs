//! Tests at the doors of the server: HTTP as a browser without JavaScript speaks it, mail as it is
//! sent, the layering of the workspace.

mod harness;
mod html;
mod invitations;
mod layering;
mod live;
mod mail;
mod registration;
mod security;
mod sign_in;
mod smtp_sink;
