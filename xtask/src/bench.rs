//! `cargo xtask bench`: every benchmark of the workspace, in release mode.

use crate::tools::{self, Outcome};

/// Runs the benchmarks, or those whose name contains the filter.
pub fn run(filter: Option<&str>) -> Outcome {
    let mut benches = tools::targets("bench")?;
    benches.retain(|(_, bench)| filter.is_none_or(|wanted| bench.contains(wanted)));
    if benches.is_empty() {
        println!("there is no such benchmark");
    }
    for (package, bench) in benches {
        println!("\n{package}: {bench}");
        tools::must(tools::cargo().args(["bench", "--quiet", "-p", &package, "--bench", &bench]))?;
    }
    Ok(())
}
