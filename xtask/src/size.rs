//! `cargo xtask size`: what a browser downloads at a first visit, against its budget.

use std::collections::BTreeMap;

use crate::build;
use crate::site::{self, Flavour};
use crate::tools::{self, Doing, Failure, Outcome};

/// WebAssembly and its JavaScript together, compressed with brotli, for the users list: what everybody loads and
/// the part that the list is in.
const USERS_BUDGET: u64 = 300_000;
/// The same for pages that are opened less often.
const PROGRAM_BUDGET: u64 = 392_000;
/// The style sheet, compressed with brotli.
const STYLE_BUDGET: u64 = 30_000;

/// Compressed sizes in bytes.
#[derive(Debug, PartialEq, Eq)]
pub struct Sizes {
    /// What everybody loads: glue and WebAssembly.
    shared: u64,
    /// What the pages of a part need besides.
    parts: BTreeMap<String, u64>,
    style: u64,
    focus: u64,
}

/// `cargo xtask size`
pub fn run() -> Outcome {
    build::site(Flavour::Release)?;
    let sizes = measure()?;
    print(&sizes);
    judge(&sizes)
}

/// Measures the release site as it was last built.
pub fn measure() -> Outcome<Sizes> {
    let site = site::Built::open(Flavour::Release)?;
    let glue = site.address("js")?;
    let beside = |name: &str| match glue.rsplit_once('/') {
        Some((folder, _)) => format!("{folder}/{name}"),
        None => name.to_owned(),
    };
    let needs: BTreeMap<String, Vec<String>> =
        serde_json::from_slice(&tools::read(&site.file(&beside("parts.json")))?)
            .doing(|| "parts.json cannot be read".into())?;
    let mut parts = BTreeMap::new();
    for (part, modules) in needs {
        let mut size = 0;
        for module in modules {
            size += site.compressed(&beside(&format!("{module}.wasm")))?;
        }
        parts.insert(part, size);
    }
    Ok(Sizes {
        shared: site.compressed(&glue)?
            + site.compressed(&beside("parts.js"))?
            + site.compressed(&site.address("wasm")?)?,
        parts,
        style: site.compressed(&site.address("css")?)?,
        focus: site.compressed(&site.address("focus")?)?,
    })
}

pub fn print(sizes: &Sizes) {
    println!("size of a first visit, compressed with brotli:");
    println!(
        "  shared by all pages     {:>9}",
        tools::kilobytes(sizes.shared)
    );
    for (part, size) in &sizes.parts {
        println!(
            "  with those of {part:<12} {:>8} of {:>9}",
            tools::kilobytes(sizes.shared + size),
            tools::kilobytes(budget(part)),
        );
    }
    println!(
        "  style sheet             {:>9} of {:>9}",
        tools::kilobytes(sizes.style),
        tools::kilobytes(STYLE_BUDGET)
    );
    println!(
        "  focus.js                {:>9}",
        tools::kilobytes(sizes.focus)
    );
}

fn budget(part: &str) -> u64 {
    if part == "users" {
        USERS_BUDGET
    } else {
        PROGRAM_BUDGET
    }
}

/// Fails when a budget is exceeded.
pub fn judge(sizes: &Sizes) -> Outcome {
    let mut over = Vec::new();
    for (part, size) in &sizes.parts {
        if let Some(excess) = (sizes.shared + size).checked_sub(budget(part) + 1) {
            let excess = tools::kilobytes(excess + 1);
            over.push(format!(
                "the program with the pages of {part} is {excess} too large"
            ));
        }
    }
    if sizes.style > STYLE_BUDGET {
        over.push(format!(
            "the style sheet is {} too large",
            tools::kilobytes(sizes.style - STYLE_BUDGET)
        ));
    }
    if over.is_empty() {
        Ok(())
    } else {
        Err(Failure(over.join("; ")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sizes(shared: u64) -> Sizes {
        Sizes {
            shared,
            parts: BTreeMap::from([("entrance".into(), 10_000), ("users".into(), 50_000)]),
            style: 30_000,
            focus: 400,
        }
    }

    #[test]
    fn the_budget_is_for_what_everybody_loads_and_one_part() {
        assert!(judge(&sizes(250_000)).is_ok());
        let over = judge(&sizes(250_001)).unwrap_err().0;
        assert!(
            over.contains("users") && !over.contains("entrance"),
            "{over}"
        );
    }
}
