//! `cargo xtask size`: what a browser downloads at a first visit, against its budget.

use crate::build;
use crate::site::{self, Flavour};
use crate::tools::{self, Failure, Outcome};

/// WebAssembly and its JavaScript together, compressed with brotli.
const PROGRAM_BUDGET: u64 = 300_000;
/// The style sheet, compressed with brotli.
const STYLE_BUDGET: u64 = 30_000;

/// Compressed sizes in bytes.
#[derive(Debug, PartialEq, Eq)]
pub struct Sizes {
    wasm: u64,
    glue: u64,
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
    let found = site::compressed_sizes(Flavour::Release)?;
    let of = |key: &str| {
        found
            .iter()
            .find(|(name, _)| *name == key)
            .map_or(0, |(_, size)| *size)
    };
    Ok(Sizes {
        wasm: of("wasm"),
        glue: of("js"),
        style: of("css"),
        focus: of("focus"),
    })
}

pub fn print(sizes: &Sizes) {
    println!("size of a first visit, compressed with brotli:");
    println!(
        "  program  {:>9} of {:>9}  (wasm {}, glue {})",
        tools::kilobytes(sizes.wasm + sizes.glue),
        tools::kilobytes(PROGRAM_BUDGET),
        tools::kilobytes(sizes.wasm),
        tools::kilobytes(sizes.glue)
    );
    println!(
        "  style    {:>9} of {:>9}",
        tools::kilobytes(sizes.style),
        tools::kilobytes(STYLE_BUDGET)
    );
    println!("  focus.js {:>9}", tools::kilobytes(sizes.focus));
}

/// Fails when a budget is exceeded.
pub fn judge(sizes: &Sizes) -> Outcome {
    let mut over = Vec::new();
    if sizes.wasm + sizes.glue > PROGRAM_BUDGET {
        over.push(format!(
            "the program is {} too large",
            tools::kilobytes(sizes.wasm + sizes.glue - PROGRAM_BUDGET)
        ));
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

    #[test]
    fn the_budget_counts_wasm_and_glue_together() {
        let within = Sizes {
            wasm: 290_000,
            glue: 10_000,
            style: 30_000,
            focus: 400,
        };
        assert!(judge(&within).is_ok());
        assert!(
            judge(&Sizes {
                glue: 10_001,
                ..within
            })
            .unwrap_err()
            .0
            .contains("program")
        );
    }
}
