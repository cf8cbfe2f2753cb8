//! `cargo xtask build`: the server, the WebAssembly and everything else that a browser gets.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use wasm_bindgen_cli_support::Bindgen;
use wasm_split_cli_support::Options;

use crate::packs;
use crate::site::{Flavour, Site};
use crate::tools::{self, Doing, Outcome, WASM_TARGET};
use crate::{css, size, trim};

/// What the generated files are called.
const OUTPUT_NAME: &str = "lanyard";

/// What `wasm-opt` is told: to go on until nothing more can be saved. The features are those that rustc emits for this target by default.
const WASM_OPT: [&str; 12] = [
    "-Oz",
    "--converge",
    "--enable-bulk-memory",
    "--enable-bulk-memory-opt",
    "--enable-call-indirect-overlong",
    "--enable-multivalue",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-sign-ext",
    "--strip-debug",
    "--strip-producers",
];

/// `cargo xtask build`
pub fn run(debug: bool) -> Outcome {
    let flavour = if debug {
        Flavour::Debug
    } else {
        Flavour::Release
    };
    let server = server(flavour)?;
    site(flavour)?;
    if flavour == Flavour::Release {
        size::print(&size::measure()?);
    }
    println!(
        "server: {}\nsite:   {}",
        tools::shown(&server),
        tools::shown(&flavour.site_dir())
    );
    Ok(())
}

/// Builds the server and returns the binary.
pub fn server(flavour: Flavour) -> Outcome<PathBuf> {
    println!(
        "building the server ({})",
        if flavour == Flavour::Release {
            "release"
        } else {
            "debug"
        }
    );
    let mut command = tools::cargo();
    command.arg("build").args(tools::NATIVE);
    command.args(["--bin", "lanyard"]);
    command.arg(if flavour == Flavour::Release {
        "--release"
    } else {
        tools::WITH_TESTS
    });
    tools::must(&mut command)?;
    let folder = if flavour == Flavour::Release {
        "release"
    } else {
        "debug"
    };
    Ok(tools::target_dir()
        .join(folder)
        .join("lanyard")
        .with_extension(std::env::consts::EXE_EXTENSION))
}

/// Fills the site folder: WebAssembly with its glue, the style sheet and `public/`.
pub fn site(flavour: Flavour) -> Outcome<PathBuf> {
    tools::ensure_wasm_target()?;
    tools::ensure_npm_packages(&tools::root().join("style"))?;
    let built = wasm(flavour)?;
    let mut site = Site::open(flavour)?;
    site.put_program(
        &built,
        &format!("{OUTPUT_NAME}.js"),
        &format!("{OUTPUT_NAME}_bg.wasm"),
    )?;
    css::add(&mut site, flavour)?;
    site.finish()?;
    Ok(flavour.site_dir())
}

/// Compiles `frontend`, makes its JavaScript glue and optimises it. Returns the folder with the results.
fn wasm(flavour: Flavour) -> Outcome<PathBuf> {
    let (profile, folder) = match flavour {
        Flavour::Release => ("wasm-release", "wasm-release"),
        Flavour::Debug => ("dev", "debug"),
    };
    println!("building the WebAssembly ({profile})");
    tools::must(tools::cargo().args([
        "build",
        "-p",
        "frontend",
        "--lib",
        "--target",
        WASM_TARGET,
        "--profile",
        profile,
    ]))?;
    let compiled = tools::target_dir()
        .join(WASM_TARGET)
        .join(folder)
        .join("frontend.wasm");

    let lock = tools::read(&tools::root().join("style/package-lock.json"))?;
    let options = WASM_OPT.join(" ");
    let key = tools::hash([
        tools::read(&compiled)?.as_slice(),
        lock.as_slice(),
        options.as_bytes(),
        env!("CARGO_PKG_VERSION").as_bytes(),
        include_bytes!("packs.rs"),
    ]);
    let results = flavour.cache_dir().join("wasm");
    let key_file = results.join("key");
    if fs::read_to_string(&key_file).is_ok_and(|found| found == key) {
        return Ok(results);
    }
    let _ = fs::remove_dir_all(&results);
    let main = results.join("main.wasm");
    let parts = split(&compiled, &main, &results)?;
    bind(&main, &results, flavour)?;
    fs::remove_file(&main).doing(|| format!("cannot remove {}", tools::shown(&main)))?;
    if flavour == Flavour::Release {
        let started = Instant::now();
        println!("optimising the WebAssembly (wasm-opt, about a minute)");
        optimise(&results.join(format!("{OUTPUT_NAME}_bg.wasm")))?;
        for part in parts {
            let mut module = walrus::Module::from_file(&part)
                .map_err(|error| format!("{error:#}"))
                .doing(|| format!("cannot read {}", tools::shown(&part)))?;
            trim::cut(&mut module);
            tools::write(&part, &module.emit_wasm())?;
            optimise(&part)?;
        }
        println!("optimised in {}", tools::spoken(started.elapsed()));
    }
    packs::pack(&results)?;
    tools::write(&key_file, key.as_bytes())?;
    Ok(results)
}

/// Cuts the program where `frontend` says so. Writes the part that everybody loads to `main`, the
/// others beside it with the script that loads them, and a list of what each one needs.
fn split(compiled: &Path, main: &Path, results: &Path) -> Outcome<Vec<PathBuf>> {
    println!("splitting the WebAssembly into parts");
    let input = tools::read(compiled)?;
    let glue = format!("./{OUTPUT_NAME}.js");
    let mut options = Options::new(&input);
    options.output_dir = results;
    options.main_out_path = main;
    options.link_name = "./parts.js";
    options.main_module = &glue;
    let parts = wasm_split_cli_support::transform(options)
        .map_err(|error| format!("{error:#}"))
        .doing(|| "the WebAssembly cannot be split".into())?;
    let needs: BTreeMap<_, _> = parts.prefetch_map.into_iter().collect();
    let needs = serde_json::to_string_pretty(&needs).doing(|| "cannot list the parts".into())?;
    tools::write(&results.join("parts.json"), needs.as_bytes())?;
    Ok(parts.split_modules)
}

fn bind(compiled: &Path, results: &Path, flavour: Flavour) -> Outcome {
    println!("making the JavaScript glue");
    let what = || "wasm-bindgen failed".to_owned();
    let release = flavour == Flavour::Release;
    let mut output = Bindgen::new()
        .input_path(compiled)
        .out_name(OUTPUT_NAME)
        .web(true)
        .doing(what)?
        .typescript(false)
        .keep_debug(!release)
        // The parts use them.
        .keep_lld_exports(true)
        .remove_producers_section(true)
        // The page names the .wasm file itself.
        .omit_default_module_path(true)
        .generate_output()
        .map_err(|error| format!("{error:#}"))
        .doing(what)?;
    if release {
        trim::cut(output.wasm_mut());
    }
    output
        .emit(results)
        .map_err(|error| format!("{error:#}"))
        .doing(what)
}

fn optimise(file: &Path) -> Outcome {
    let optimised = file.with_extension("optimised");
    tools::must(
        tools::program(tools::root().join("style/node_modules/.bin/wasm-opt"))
            .args(WASM_OPT)
            .arg(file)
            .arg("-o")
            .arg(&optimised),
    )?;
    fs::rename(&optimised, file).doing(|| format!("cannot replace {}", tools::shown(file)))
}
