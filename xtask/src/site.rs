//! The folder that the server serves: hashed names, compressed twins and the manifest.
//!
//! `target/site` (or `target/site-debug`) holds
//! `pkg/lanyard.<hash>.js`, `pkg/lanyard_bg.<hash>.wasm`, `pkg/lanyard.<hash>.css`,
//! `pkg/focus.<hash>.js`, the files of `public/` under their own names, each with a `.br` and a `.gz` twin where that is
//! smaller, and `manifest.json`, which tells the server the hashed names.
//! What is in `pkg/` may be cached for ever; the rest may not.

use std::collections::BTreeSet;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use crate::tools::{self, Doing, Failure, Outcome};

/// The four hashed addresses of the manifest.
pub const MANIFEST_KEYS: [&str; 4] = ["js", "wasm", "css", "focus"];

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

    /// Stores files that generated code imports by fixed names (`pkg/snippets/...`), and removes older ones.
    pub fn put_folder(&self, from: &Path, to: &str) -> Outcome {
        let target = self.folder.join(to);
        if target.exists() {
            fs::remove_dir_all(&target)
                .doing(|| format!("cannot remove {}", tools::shown(&target)))?;
        }
        for file in tools::files_below(from) {
            let path = file
                .strip_prefix(from)
                .unwrap_or(&file)
                .to_string_lossy()
                .replace('\\', "/");
            self.put(&format!("{to}/{path}"), &tools::read(&file)?)?;
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

/// The compressed size of each file of the manifest, by its key.
pub fn compressed_sizes(flavour: Flavour) -> Outcome<Vec<(&'static str, u64)>> {
    let folder = flavour.site_dir();
    let manifest: Map<String, Value> =
        serde_json::from_slice(&tools::read(&folder.join("manifest.json"))?)
            .doing(|| "manifest.json cannot be read".into())?;
    let mut sizes = Vec::new();
    for key in MANIFEST_KEYS {
        let Some(path) = manifest.get(key).and_then(Value::as_str) else {
            return Err(Failure(format!(
                "manifest.json has no `{key}`: run cargo xtask build"
            )));
        };
        let file = folder.join(path.trim_start_matches('/'));
        let twin = with_suffix(&file, ".br");
        let size = fs::metadata(&twin)
            .or_else(|_| fs::metadata(&file))
            .doing(|| format!("cannot find {}", tools::shown(&file)))?;
        sizes.push((key, size.len()));
    }
    Ok(sizes)
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
