//! The build and test driver of Lanyard: `cargo xtask help`.
//!
//! It knows nothing of the product but the names of its crates. It does what `cargo` alone cannot:
//! the WebAssembly build, the style sheet, compressed twins with content hashes, a throw-away
//! PostgreSQL, the browser tests and the size budget.

mod bench;
mod build;
mod css;
mod dev;
mod e2e;
mod packs;
mod postgres;
mod run;
mod site;
mod size;
mod test;
mod tools;
mod trim;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Builds, runs and tests Lanyard.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Build everything and start Lanyard on this computer
    ///
    /// On a fresh computer this adds the WebAssembly target and installs the npm packages of the
    /// style sheet first. What follows `--` goes to `lanyard serve`.
    #[command(after_help = "Examples:\n  cargo xtask run\n  cargo xtask run -- --demo")]
    Run {
        /// Arguments for `lanyard serve`
        #[arg(last = true)]
        arguments: Vec<String>,
    },
    /// Run the tests: all of them, or one part
    Test {
        /// Which part; all of them when left out
        part: Option<test::Part>,
        /// Go on after a step has failed, and report all failures at the end
        #[arg(long)]
        keep_going: bool,
        /// Arguments for `cargo test` (unit, store, http) or Playwright (e2e)
        #[arg(last = true)]
        arguments: Vec<String>,
    },
    /// Build the server, the WebAssembly and the style sheet into target/
    Build {
        /// A quick build for development: not optimised, not hashed for release
        #[arg(long)]
        debug: bool,
    },
    /// Compile the style sheet and the other files of the site, without any Rust
    Css,
    /// Rebuild and restart whenever a source file changes
    Dev {
        /// Arguments for `lanyard serve`
        #[arg(last = true)]
        arguments: Vec<String>,
    },
    /// Compare what the browser must download with its budget
    Size,
    /// Let many people do the same thing at once, for long: what must always hold is looked at after
    /// each round
    Soak {
        /// How many rounds of each race; the test command does 50
        #[arg(default_value_t = 200)]
        rounds: u32,
    },
    /// Run the benchmarks
    #[command(
        after_help = "Example:\n  cargo xtask bench users_list -- --only \"search\" --keep /tmp/people"
    )]
    Bench {
        /// Only the benchmarks whose name contains this
        filter: Option<String>,
        /// Arguments for the benchmarks
        #[arg(last = true)]
        arguments: Vec<String>,
    },
}

fn main() -> ExitCode {
    let outcome = match Arguments::parse().command {
        Command::Run { arguments } => run::run(&arguments),
        Command::Test {
            part,
            keep_going,
            arguments,
        } => test::run(part, keep_going, &arguments),
        Command::Build { debug } => build::run(debug),
        Command::Css => css::run(),
        Command::Dev { arguments } => dev::run(&arguments),
        Command::Size => size::run(),
        Command::Soak { rounds } => test::soak(rounds),
        Command::Bench { filter, arguments } => bench::run(filter.as_deref(), &arguments),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("xtask: {failure}");
            ExitCode::FAILURE
        }
    }
}
