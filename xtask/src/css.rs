//! The style sheet: `style/main.scss` compiled with dart-sass from npm.

use std::fs;

use crate::site::{Flavour, Site};
use crate::tools::{self, Doing, Failure, Outcome};

/// What must never come into the style sheet: fonts and files of others' brands.
const FORBIDDEN: [&str; 3] = ["assets.nhs.uk", "Frutiger", "@font-face"];

/// `cargo xtask css`: the site's files that need no Rust.
pub fn run() -> Outcome {
    tools::ensure_npm_packages(&tools::root().join("style"))?;
    for flavour in [Flavour::Release, Flavour::Debug] {
        if flavour == Flavour::Debug && !flavour.site_dir().exists() {
            continue;
        }
        let mut site = Site::open(flavour)?;
        add(&mut site, flavour)?;
        site.finish()?;
    }
    println!(
        "style sheet in {}",
        tools::shown(&Flavour::Release.site_dir().join("pkg"))
    );
    Ok(())
}

/// Puts the style sheet and `public/` into the site.
pub fn add(site: &mut Site, flavour: Flavour) -> Outcome {
    let sheet = compile(flavour)?;
    site.put_hashed("css", "pkg/", "lanyard", "css", &sheet)?;
    site.put_public()
}

/// Compiles the style sheet, unless nothing changed since the last time.
fn compile(flavour: Flavour) -> Outcome<Vec<u8>> {
    let folder = tools::root().join("style");
    let style = if flavour == Flavour::Release {
        "--style=compressed"
    } else {
        "--style=expanded"
    };
    let mut inputs = vec![style.as_bytes().to_vec()];
    for file in tools::files_below(&folder) {
        inputs.push(tools::shown(&file).into_bytes());
        inputs.push(tools::read(&file)?);
    }
    let key = tools::hash(inputs.iter().map(Vec::as_slice));
    let (key_file, sheet) = (
        flavour.cache_dir().join("css.key"),
        flavour.cache_dir().join("lanyard.css"),
    );
    if fs::read_to_string(&key_file).is_ok_and(|found| found == key) && sheet.is_file() {
        return tools::read(&sheet);
    }
    println!("compiling the style sheet");
    fs::create_dir_all(flavour.cache_dir()).doing(|| "cannot make the cache folder".into())?;
    tools::must(
        tools::program(folder.join("node_modules/.bin/sass"))
            .current_dir(&folder)
            .args([
                "--load-path=node_modules",
                "--quiet-deps",
                "--no-source-map",
                "--no-charset",
                "--stop-on-error",
                style,
                "main.scss",
            ])
            .arg(&sheet),
    )?;
    let text = tools::read(&sheet)?;
    let readable = String::from_utf8_lossy(&text);
    if let Some(word) = FORBIDDEN.into_iter().find(|word| readable.contains(word)) {
        return Err(Failure(format!(
            "the style sheet must not contain `{word}`"
        )));
    }
    tools::write(&key_file, key.as_bytes())?;
    Ok(text)
}
