//! The folder that the server serves: hashed names, compressed twins and the manifest.
//!
//! `target/site` (or `target/site-debug`) holds
//! `pkg/program/<hash>/` with `lanyard.js`, `lanyard_bg.wasm` and the parts that are loaded when they are needed,
//! `pkg/lanyard.<hash>.css`, `pkg/focus.<hash>.js`, the files of `public/` under their own names, each with a `.br` and a `.gz` twin where that is
//! smaller, and `manifest.json`, which tells the server the hashed names.
//! What is in `pkg/` may be cached for ever; the rest may not.

use std::collections::BTreeSet;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use crate::tools::{self, Doing, Failure, Outcome};

/// Where the folders of programs are.
const PROGRAM: &str = "pkg/program/";

/// How carefully to build.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Flavour {
    /// As it is deployed: optimised and compressed.
    Release,
    /// As fast as possible to make: for `cargo xtask dev`.
    Debug,
}

impl Flavour {
    pub fn site_dir(self) -> PathBuf {
        tools::target_dir().join(match self {
            Self::Release => "site",
            Self::Debug => "site-debug",
        })
    }

    /// Where results of slow steps are kept, each beside the hash of what it was made from.
    pub fn cache_dir(self) -> PathBuf {
        tools::target_dir().join(match self {
            Self::Release => "site-cache/release",
            Self::Debug => "site-cache/debug",
        })
    }
}

/// The site folder while it is being filled.
pub struct Site {
    folder: PathBuf,
    flavour: Flavour,
    manifest: Map<String, Value>,
}

impl Site {
    /// Opens the site folder of a flavour. What an earlier build put there stays until it is replaced.
    pub fn open(flavour: Flavour) -> Outcome<Self> {
        let folder = flavour.site_dir();
        fs::create_dir_all(&folder).doing(|| format!("cannot make {}", tools::shown(&folder)))?;
        let manifest = fs::read(folder.join("manifest.json"))
            .ok()
            .and_then(|text| serde_json::from_slice(&text).ok())
            .unwrap_or_default();
        Ok(Self {
            folder,
            flavour,
            manifest,
        })
    }

    /// Stores a file under a name that carries the hash of its content, enters its address into the
    /// manifest and removes its predecessors.
    pub fn put_hashed(
        &mut self,
        key: &str,
        folder: &str,
        stem: &str,
        extension: &str,
        content: &[u8],
    ) -> Outcome {
        let hash = &tools::hash([content])[..16];
        let path = format!("{folder}{stem}.{hash}.{extension}");
        self.put(&path, content)?;
        for file in tools::files_below(&self.folder.join(folder)) {
            if is_hashed(&file, stem, extension)
                && !starts_with_name(&file, &format!("{stem}.{hash}.{extension}"))
            {
                fs::remove_file(&file)
                    .doing(|| format!("cannot remove {}", tools::shown(&file)))?;
            }
        }
        self.manifest
            .insert(key.into(), Value::String(format!("/{path}")));
        Ok(())
    }

    /// Stores a file under its own name, with its twins. Does nothing when it is there already.
    pub fn put(&self, path: &str, content: &[u8]) -> Outcome {
        let file = self.folder.join(path);
        if fs::read(&file).is_ok_and(|found| found == content) {
            return Ok(());
        }
        if self.flavour == Flavour::Release && is_compressible(path) {
            store_if_smaller(&with_suffix(&file, ".br"), brotli(content)?, content)?;
            store_if_smaller(&with_suffix(&file, ".gz"), gzip(content)?, content)?;
        }
        tools::write(&file, content)
    }

    /// Copies `public/`; `focus.js` gets a hashed name. Files that are no longer there are removed.
    pub fn put_public(&mut self) -> Outcome {
        let public = tools::root().join("public");
        let mut kept = BTreeSet::from(["manifest.json".to_owned()]);
        for file in tools::files_below(&public) {
            let content = tools::read(&file)?;
            let path = file
                .strip_prefix(&public)
                .unwrap_or(&file)
                .to_string_lossy()
                .replace('\\', "/");
            if path == "focus.js" {
                self.put_hashed("focus", "pkg/", "focus", "js", &content)?;
            } else {
                self.put(&path, &content)?;
                kept.insert(path);
            }
        }
        for file in tools::files_below(&self.folder) {
            let path = file
                .strip_prefix(&self.folder)
                .unwrap_or(&file)
                .to_string_lossy()
                .replace('\\', "/");
            let original = path
                .strip_suffix(".br")
                .or_else(|| path.strip_suffix(".gz"))
                .unwrap_or(&path);
            if !original.starts_with("pkg/") && !kept.contains(original) {
                fs::remove_file(&file)
                    .doing(|| format!("cannot remove {}", tools::shown(&file)))?;
            }
        }
        Ok(())
    }

    /// Stores the program: its glue, its WebAssembly and its parts, which name one another, in a folder
    /// whose name carries the hash of them all. Older programs are removed.
    pub fn put_program(&mut self, from: &Path, glue: &str, wasm: &str) -> Outcome {
        let mut files = Vec::new();
        for file in tools::files_below(from) {
            let path = file
                .strip_prefix(from)
                .unwrap_or(&file)
                .to_string_lossy()
                .replace('\\', "/");
            if path != "key" {
                files.push((path, tools::read(&file)?));
            }
        }
        files.sort();
        let all = files
            .iter()
            .flat_map(|(path, content)| [path.as_bytes(), content.as_slice()]);
        let folder = format!("{PROGRAM}{}", &tools::hash(all)[..16]);
        for (path, content) in &files {
            self.put(&format!("{folder}/{path}"), content)?;
        }
        let programs = self.folder.join(PROGRAM);
        for entry in fs::read_dir(&programs).into_iter().flatten().flatten() {
            let old = entry.path();
            if !self.folder.join(&folder).starts_with(&old) {
                fs::remove_dir_all(&old)
                    .doing(|| format!("cannot remove {}", tools::shown(&old)))?;
            }
        }
        for (key, name) in [("js", glue), ("wasm", wasm)] {
            self.manifest
                .insert(key.into(), Value::String(format!("/{folder}/{name}")));
        }
        Ok(())
    }

    /// Writes the manifest.
    pub fn finish(self) -> Outcome {
        let text = serde_json::to_string_pretty(&self.manifest)
            .doing(|| "cannot write the manifest".into())?;
        tools::write(
            &self.folder.join("manifest.json"),
            format!("{text}\n").as_bytes(),
        )
    }
}

/// A site that was built.
pub struct Built {
    folder: PathBuf,
    manifest: Map<String, Value>,
}

impl Built {
    pub fn open(flavour: Flavour) -> Outcome<Self> {
        let folder = flavour.site_dir();
        let manifest = serde_json::from_slice(&tools::read(&folder.join("manifest.json"))?)
            .doing(|| "manifest.json cannot be read".into())?;
        Ok(Self { folder, manifest })
    }

    /// The address of a file of the manifest.
    pub fn address(&self, key: &str) -> Outcome<String> {
        let address = self.manifest.get(key).and_then(Value::as_str);
        address.map(ToOwned::to_owned).ok_or_else(|| {
            Failure(format!(
                "manifest.json has no `{key}`: run cargo xtask build"
            ))
        })
    }

    /// Where the file of an address is.
    pub fn file(&self, address: &str) -> PathBuf {
        self.folder.join(address.trim_start_matches('/'))
    }

    /// The size of a file in bytes as browsers get it.
    pub fn compressed(&self, address: &str) -> Outcome<u64> {
        let file = self.file(address);
        let size = fs::metadata(with_suffix(&file, ".br"))
            .or_else(|_| fs::metadata(&file))
            .doing(|| format!("cannot find {}", tools::shown(&file)))?;
        Ok(size.len())
    }
}

/// `stem.<16 hexadecimal digits>.extension`, or a twin of such a file.
fn is_hashed(file: &Path, stem: &str, extension: &str) -> bool {
    let name = file
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    let Some(rest) = name
        .strip_prefix(stem)
        .and_then(|rest| rest.strip_prefix('.'))
    else {
        return false;
    };
    let Some((hash, rest)) = rest.split_once('.') else {
        return false;
    };
    hash.len() == 16
        && hash.bytes().all(|byte| byte.is_ascii_hexdigit())
        && rest
            .strip_prefix(extension)
            .is_some_and(|twin| matches!(twin, "" | ".br" | ".gz"))
}

fn starts_with_name(file: &Path, name: &str) -> bool {
    file.file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .starts_with(name)
}

fn is_compressible(path: &str) -> bool {
    let extension = path.rsplit('.').next().unwrap_or_default();
    matches!(
        extension,
        "js" | "wasm" | "css" | "svg" | "txt" | "json" | "html"
    )
}

fn with_suffix(file: &Path, suffix: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

fn store_if_smaller(file: &Path, compressed: Vec<u8>, original: &[u8]) -> Outcome {
    if compressed.len() < original.len() {
        return tools::write(file, &compressed);
    }
    if file.exists() {
        fs::remove_file(file).doing(|| format!("cannot remove {}", tools::shown(file)))?;
    }
    Ok(())
}

fn brotli(content: &[u8]) -> Outcome<Vec<u8>> {
    let mut writer = ::brotli::CompressorWriter::new(Vec::new(), 1 << 16, 11, 22);
    writer
        .write_all(content)
        .doing(|| "cannot compress".into())?;
    Ok(writer.into_inner())
}

fn gzip(content: &[u8]) -> Outcome<Vec<u8>> {
    let mut writer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    writer
        .write_all(content)
        .and_then(|()| writer.finish())
        .doing(|| "cannot compress".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_files_of_the_same_name_are_taken_for_predecessors() {
        let is = |name: &str| is_hashed(Path::new(name), "lanyard", "css");
        assert!(is("lanyard.0123456789abcdef.css"));
        assert!(is("lanyard.0123456789abcdef.css.br"));
        assert!(!is("lanyard.0123456789abcdef.js"));
        assert!(!is("lanyard_bg.0123456789abcdef.css"));
        assert!(!is("lanyard.css"));
    }

    #[test]
    fn twins_hold_what_the_original_holds() {
        let text = "calm and aligned ".repeat(200);
        let mut unpacked = Vec::new();
        let packed = brotli(text.as_bytes()).unwrap();
        ::brotli::BrotliDecompress(&mut packed.as_slice(), &mut unpacked).unwrap();
        assert_eq!(unpacked, text.as_bytes());
        assert!(packed.len() < 100);
        assert!(gzip(text.as_bytes()).unwrap().len() < 150);
    }
}
