//! `cargo xtask bench`: every benchmark of the workspace, in release mode, with a PostgreSQL of its
//! own.

use crate::postgres::{Postgres, TEST_POSTGRES};
use crate::tools::{self, NATIVE, Outcome};

/// Runs the benchmarks, or those whose name contains the filter.
pub fn run(filter: Option<&str>) -> Outcome {
    let mut benches = tools::targets("bench")?;
    benches.retain(|(_, bench)| filter.is_none_or(|wanted| bench.contains(wanted)));
    if benches.is_empty() {
        println!("there is no such benchmark");
        return Ok(());
    }
    let postgres = Postgres::start()?;
    for (package, bench) in benches {
        println!("\n{package}: {bench}");
        let mut command = tools::cargo();
        command.arg("bench").args(NATIVE);
        command.args(["--quiet", "--bench", &bench]);
        command.env(TEST_POSTGRES, postgres.url());
        tools::must(&mut command)?;
    }
    Ok(())
}
