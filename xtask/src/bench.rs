//! `cargo xtask bench`: every benchmark of the workspace, in release mode.

use serde_json::Value;

use crate::tools::{self, Doing, Outcome};

/// Runs the benchmarks, or those whose name contains the filter.
pub fn run(filter: Option<&str>) -> Outcome {
    let metadata =
        tools::output(tools::cargo().args(["metadata", "--no-deps", "--format-version", "1"]))?;
    let metadata: Value =
        serde_json::from_str(&metadata).doing(|| "cargo metadata cannot be read".into())?;
    let benches: Vec<(String, String)> = benches(&metadata)
        .into_iter()
        .filter(|(_, bench)| filter.is_none_or(|wanted| bench.contains(wanted)))
        .collect();
    if benches.is_empty() {
        println!("there is no such benchmark");
        return Ok(());
    }
    for (package, bench) in benches {
        println!("\n{package}: {bench}");
        tools::must(tools::cargo().args(["bench", "--quiet", "-p", &package, "--bench", &bench]))?;
    }
    Ok(())
}

/// The package and the name of each benchmark.
fn benches(metadata: &Value) -> Vec<(String, String)> {
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let mut found = Vec::new();
    for package in list(&metadata["packages"]) {
        for target in list(&package["targets"]) {
            if list(&target["kind"]).iter().any(|kind| kind == "bench") {
                found.push((text(&package["name"]), text(&target["name"])));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_benchmarks_are_picked() {
        let metadata = serde_json::json!({"packages": [{"name": "domain", "targets": [
            {"name": "domain", "kind": ["lib"]}, {"name": "email_list", "kind": ["bench"]}]}]});
        assert_eq!(
            benches(&metadata),
            [("domain".to_owned(), "email_list".to_owned())]
        );
    }
}
