//! The commands of `lanyard`, one file each.

mod administrator;
mod check;
mod demo;
mod migrate;
mod organisation;
mod serve;
mod verify_audit;

use std::fmt;

use clap::{Parser, Subcommand};

use crate::config::Config;

/// Lanyard manages who may use an organisation's services: it invites people, registers them with
/// a second factor and gives them roles.
///
/// Settings are variables of the environment, such as LANYARD_ADDR; all have defaults. The README
/// lists them, and `lanyard check` tries them.
#[derive(Parser, Debug)]
#[command(name = "lanyard", version, arg_required_else_help = true)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// Start the web server and send queued messages, until Ctrl+C
    ///
    /// The database and the key file are made when they are missing. With an empty database a link
    /// is printed with which the first administrator sets Lanyard up.
    Serve(serve::Serve),
    /// Bring the database to this version, then end
    ///
    /// `lanyard serve` does this too.
    Migrate,
    /// Fill an empty database with made-up organisations, one or two of each preset, then end
    ///
    /// Prints whom to sign in as. A database with organisations is left as it is.
    Demo,
    /// Make organisations
    #[command(subcommand)]
    Organisation(organisation::Organisation),
    /// Invite the first administrator of an organisation, and print the link
    ///
    /// The link is for the person with this address, works for 1 hour and is sent to nobody. A
    /// newer one takes its place.
    #[command(
        after_help = "Example:\n  lanyard create-administrator --organisation RX1 --email sam@hollybrook.example"
    )]
    CreateAdministrator(administrator::Administrator),
    /// Try the settings, the database and the mail connection
    ///
    /// Prints one line for each, and fails when one does not work. Nothing is sent or changed,
    /// except for the database and the key file, which are made when they are missing.
    Check,
    /// Find out whether what was recorded was tampered with
    ///
    /// Every organisation has a chain of events in which each holds the fingerprint of the one
    /// before it. This walks all chains and prints one line for each: that it is whole, or the first
    /// event that was altered, removed, inserted or moved. It ends with 0 when all are whole, else
    /// with 1. Nothing is changed; the server may be at work meanwhile.
    #[command(
        after_help = "Example, with what it printed kept on another computer and used a month later:\n  lanyard verify-audit > november.txt\n  lanyard verify-audit --earlier november.txt"
    )]
    VerifyAudit(verify_audit::VerifyAudit),
}

/// Why a command did not do its work: one line for a person.
#[derive(Debug)]
pub struct Failure(pub String);

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<E: std::error::Error> From<E> for Failure {
    fn from(error: E) -> Self {
        Self(error.to_string())
    }
}

/// An audit entry says that a command did it.
fn request() -> service::RequestInfo {
    service::RequestInfo::internal("command line")
}

/// Does what was asked on the command line.
///
/// # Errors
/// When it could not be done.
pub async fn run(arguments: Arguments) -> Result<(), Failure> {
    let config = Config::from_environment()?;
    crate::logging::start(&config.log);
    match arguments.command {
        Command::Serve(serve) => serve.run(config).await,
        Command::Migrate => migrate::run(&config).await,
        Command::Demo => demo::run(&config).await,
        Command::Organisation(organisation) => organisation.run(&config).await,
        Command::CreateAdministrator(administrator) => administrator.run(&config).await,
        Command::Check => check::run(&config).await,
        Command::VerifyAudit(verify) => verify.run(&config).await,
    }
}

#[cfg(test)]
mod tests {
    use super::Arguments;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        Arguments::command().debug_assert();
    }
}
