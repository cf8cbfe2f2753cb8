//! What comes from the machine: randomness, and the key file (`LANYARD_KEY_FILE`).

use std::{
    fs::{self, OpenOptions},
    io::{self, Write},
    path::Path,
};

use service::{Keys, Random};

use crate::config::KEY_FILE;

/// The key file cannot be used. Its text is one line.
#[derive(Debug, thiserror::Error)]
#[error("{KEY_FILE} {wrong}. Example: {KEY_FILE}=/srv/lanyard/key")]
pub struct KeyTrouble {
    wrong: String,
}

fn trouble(wrong: String) -> KeyTrouble {
    KeyTrouble { wrong }
}

/// A generator seeded by the operating system.
///
/// # Errors
/// When the operating system has no randomness.
pub fn random() -> io::Result<Random> {
    Ok(Random::from_seed(seed()?))
}

#[allow(
    clippy::disallowed_methods,
    reason = "the one place that asks the operating system"
)]
fn seed() -> io::Result<[u8; 32]> {
    let mut seed = [0; 32];
    getrandom::fill(&mut seed).map_err(io::Error::other)?;
    Ok(seed)
}

/// The keys of the installation: from the key file, which is made when there is none. Only its
/// owner may read it.
///
/// # Errors
/// When the file cannot be read or made, is open to others or does not hold a key.
pub fn keys(file: &Path) -> Result<Keys, KeyTrouble> {
    let shown = file.display();
    match fs::read_to_string(file) {
        Ok(text) => {
            refuse_if_open(file)?;
            let root = parse(text.trim()).ok_or_else(|| {
                trouble(format!(
                    "names {shown}, which does not hold 64 hexadecimal digits"
                ))
            })?;
            Ok(Keys::derive(&root))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let root = make(file).map_err(|error| {
                trouble(format!("names {shown}, which cannot be made: {error}"))
            })?;
            Ok(Keys::derive(&root))
        }
        Err(error) => Err(trouble(format!(
            "names {shown}, which cannot be read: {error}"
        ))),
    }
}

/// Makes a folder that only its owner may look into; one that is there stays as it is.
///
/// # Errors
/// When it cannot be made.
pub fn private_folder(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

fn make(file: &Path) -> io::Result<[u8; 32]> {
    let root = seed()?;
    if let Some(folder) = file.parent() {
        private_folder(folder)?;
    }
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut out = options.open(file)?;
    let text: String = root.iter().map(|byte| format!("{byte:02x}")).collect();
    writeln!(out, "{text}")?;
    out.sync_all()?;
    Ok(root)
}

fn parse(text: &str) -> Option<[u8; 32]> {
    let digits: Vec<u8> = text
        .chars()
        .map(|c| c.to_digit(16).and_then(|digit| u8::try_from(digit).ok()))
        .collect::<Option<_>>()?;
    let bytes: Vec<u8> = digits
        .chunks_exact(2)
        .map(|pair| pair.iter().fold(0, |sum, digit| sum * 16 + digit))
        .collect();
    if digits.len() == 64 {
        bytes.try_into().ok()
    } else {
        None
    }
}

#[cfg(unix)]
fn refuse_if_open(file: &Path) -> Result<(), KeyTrouble> {
    use std::os::unix::fs::PermissionsExt;
    let shown = file.display();
    let mode = fs::metadata(file)
        .map_err(|error| trouble(format!("names {shown}, which cannot be read: {error}")))?
        .permissions()
        .mode();
    if mode & 0o077 != 0 {
        return Err(trouble(format!(
            "names {shown}, which others may read (mode {:o}): run chmod 600 {shown}",
            mode & 0o777
        )));
    }
    Ok(())
}

#[cfg(not(unix))]
#[allow(clippy::unnecessary_wraps, reason = "the other half of a pair")]
fn refuse_if_open(_: &Path) -> Result<(), KeyTrouble> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::keys;

    #[cfg(unix)]
    #[test]
    fn a_key_is_made_once_and_only_its_owner_reads_it() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("data").join("key");
        let first = keys(&file).unwrap().digest("test", b"value");
        let mode = std::fs::metadata(&file).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert_eq!(keys(&file).unwrap().digest("test", b"value"), first);

        std::fs::set_permissions(&file, PermissionsExt::from_mode(0o640)).unwrap();
        let problem = keys(&file).err().unwrap().to_string();
        assert!(problem.starts_with("LANYARD_KEY_FILE names"), "{problem}");
        assert!(problem.contains("chmod 600"), "{problem}");
    }

    #[cfg(unix)]
    #[test]
    fn a_damaged_key_is_not_used() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("key");
        for text in [
            "",
            "00",
            &"0".repeat(63),
            &"g".repeat(64),
            &"0".repeat(66),
            &"é".repeat(64),
        ] {
            std::fs::write(&file, text).unwrap();
            std::fs::set_permissions(&file, PermissionsExt::from_mode(0o600)).unwrap();
            let problem = keys(&file).err().unwrap().to_string();
            assert!(problem.contains("64 hexadecimal digits"), "{problem}");
            assert!(
                text.is_empty() || !problem.contains(&text[..2]) || text == "00",
                "{problem}"
            );
        }
    }
}
