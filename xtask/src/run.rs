//! `cargo xtask run`: from a fresh clone to a running Lanyard in one command.

use std::path::Path;
use std::process::Command;

use crate::build;
use crate::site::Flavour;
use crate::tools::{self, Outcome};

/// Tells the server where the site folder is.
pub const SITE_DIR: &str = "LANYARD_SITE_DIR";

/// Builds everything as it is deployed, then becomes the server.
pub fn run(arguments: &[String]) -> Outcome {
    let site = build::site(Flavour::Release)?;
    let server = build::server(Flavour::Release)?;
    println!("starting {}", tools::shown(&server));
    become_server(serve(&server, &site, arguments))
}

/// `lanyard serve` with the arguments of the command line, and the site that was just built.
pub fn serve(server: &Path, site: &Path, arguments: &[String]) -> Command {
    let mut command = tools::program(server);
    command.arg("serve").args(arguments).env(SITE_DIR, site);
    command
}

/// The server takes the place of xtask, so that signals and the terminal are its own.
#[cfg(unix)]
fn become_server(mut command: Command) -> Outcome {
    use std::os::unix::process::CommandExt;
    let error = command.exec();
    Err(tools::Failure(format!("cannot start the server: {error}")))
}

/// Ctrl+C reaches both: the server ends, then xtask does.
#[cfg(not(unix))]
fn become_server(mut command: Command) -> Outcome {
    tools::must(&mut command)
}
