//! `cargo xtask bench`: every benchmark of the workspace in release mode, with a PostgreSQL of its
//! own, and then what is measured in Chromium (`end2end/bench`). Each prints its figure beside its
//! goal.

use crate::e2e;
use crate::postgres::{Postgres, TEST_POSTGRES};
use crate::tools::{self, NATIVE, Outcome};

/// What is measured in a browser, as the filter names it.
const IN_CHROMIUM: &str = "paste_in_chromium";

/// Runs the benchmarks, or those whose name contains the filter.
pub fn run(filter: Option<&str>, arguments: &[String]) -> Outcome {
    let chosen = |name: &str| filter.is_none_or(|wanted| name.contains(wanted));
    let mut benches = tools::targets("bench")?;
    let names = benches.iter().map(|(_, bench)| bench.clone());
    let names: Vec<String> = names.chain([IN_CHROMIUM.to_owned()]).collect();
    benches.retain(|(_, bench)| chosen(bench));
    if !names.iter().any(|name| chosen(name)) {
        println!("there is no such benchmark; there are {}", names.join(", "));
        return Ok(());
    }
    if !benches.is_empty() {
        let postgres = Postgres::start()?;
        for (package, bench) in benches {
            println!("\n{package}: {bench}");
            let mut command = tools::cargo();
            command.arg("bench").args(NATIVE);
            command.args(["--quiet", "--bench", &bench, "--"]);
            command.args(arguments);
            command.env(TEST_POSTGRES, postgres.url());
            tools::must(&mut command)?;
        }
    }
    if chosen(IN_CHROMIUM) {
        println!("\nend2end: {IN_CHROMIUM}");
        let browser = e2e::prepare()?;
        e2e::build()?;
        e2e::bench(&browser)?;
    }
    Ok(())
}
