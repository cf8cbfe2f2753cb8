//! Puts the many small modules that parts share into few files.
//!
//! The program is cut into a module for each set of parts that needs the same functions: a hundred of them, most
//! with less than a kilobyte. Each would be a request of its own, and compressed by itself. In one file they are a
//! fifth smaller.

use std::{collections::BTreeMap, fs, path::Path};

use crate::tools::{self, Doing, Outcome};

/// The part that is opened most often: what it shares with others is one file.
const OFTEN: &str = "users";
/// Smaller modules, in bytes, are put together, whoever needs them.
const SMALL: usize = 4_000;

/// What the loader asks in the place of a file for each module.
const PIECE: &str = r#"
const packs = new Map();
/** A module out of a file with several. */
function piece(file, from, to) {
    let bytes = packs.get(file);
    if (bytes === undefined) {
        bytes = fetch(new URL(file, import.meta.url)).then((answer) => {
            if (!answer.ok) throw new Error(`${file}: ${answer.status}`);
            return answer.arrayBuffer();
        });
        packs.set(file, bytes);
        // What could not be fetched is tried again the next time.
        bytes.catch(() => packs.delete(file));
    }
    const type = { headers: { "content-type": "application/wasm" } };
    return bytes.then((all) => new Response(all.slice(from, to), type));
}
"#;

/// Which modules each part needs.
type Needs = BTreeMap<String, Vec<String>>;

/// Puts the shared modules in `folder` together, and tells its loader and its list of parts.
pub fn pack(folder: &Path) -> Outcome {
    let (list, script) = (folder.join("parts.json"), folder.join("parts.js"));
    let needs: Needs = serde_json::from_slice(&tools::read(&list)?)
        .doing(|| "parts.json cannot be read".into())?;
    let mut modules = BTreeMap::new();
    for name in needs.values().flatten() {
        modules.insert(name.clone(), tools::read(&folder.join(file(name)))?);
    }
    let loader = String::from_utf8(tools::read(&script)?)
        .doing(|| "the loader of the parts is no text".into())?;
    let packed = packed(&needs, &modules, loader)?;
    for (name, bytes) in &packed.files {
        tools::write(&folder.join(file(name)), bytes)?;
    }
    for name in &packed.gone {
        let path = folder.join(file(name));
        fs::remove_file(&path).doing(|| format!("cannot remove {}", tools::shown(&path)))?;
    }
    let needs =
        serde_json::to_string_pretty(&packed.needs).doing(|| "cannot list the parts".into())?;
    tools::write(&list, needs.as_bytes())?;
    tools::write(&script, packed.loader.as_bytes())
}

struct Packed {
    files: BTreeMap<&'static str, Vec<u8>>,
    gone: Vec<String>,
    needs: Needs,
    loader: String,
}

fn packed(
    needs: &Needs,
    modules: &BTreeMap<String, Vec<u8>>,
    mut loader: String,
) -> Outcome<Packed> {
    let often = needs.get(OFTEN).map(Vec::as_slice).unwrap_or_default();
    let mut files: BTreeMap<&'static str, Vec<u8>> = BTreeMap::new();
    let mut homes = BTreeMap::new();
    for (name, bytes) in modules {
        let pack = if !name.starts_with("chunk") {
            continue;
        } else if often.contains(name) {
            "often"
        } else if bytes.len() < SMALL {
            "small"
        } else {
            continue;
        };
        let pieces = files.entry(pack).or_default();
        let from = pieces.len();
        pieces.extend_from_slice(bytes);
        let alone = format!(r#"fetch(new URL("./{}", import.meta.url))"#, file(name));
        let together = format!(r#"piece("./{}", {from}, {})"#, file(pack), pieces.len());
        if loader.matches(&alone).count() != 1 {
            return Err(tools::Failure(format!(
                "the loader of the parts does not fetch {name} once"
            )));
        }
        loader = loader.replace(&alone, &together);
        homes.insert(name.clone(), pack);
    }
    loader.push_str(PIECE);
    let needs = needs.iter().map(|(part, names)| {
        let mut files: Vec<String> = Vec::new();
        for name in names {
            let file = homes.get(name).map_or(name.as_str(), |pack| pack);
            if !files.iter().any(|known| known == file) {
                files.push(file.to_owned());
            }
        }
        (part.clone(), files)
    });
    Ok(Packed {
        needs: needs.collect(),
        files,
        gone: homes.into_keys().collect(),
        loader,
    })
}

fn file(module: &str) -> String {
    format!("{module}.wasm")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shared_modules_are_pieces_of_few_files() {
        let fetched = |name: &str| format!(r#"fetch(new URL("./{name}.wasm", import.meta.url));"#);
        let names = ["chunk_1", "chunk_2", "chunk_3", "split_users"];
        let loader = names.map(fetched).join("\n");
        let needs = Needs::from([
            (
                "users".to_owned(),
                vec!["chunk_1".into(), "split_users".into()],
            ),
            (
                "members".to_owned(),
                vec!["chunk_1".into(), "chunk_2".into(), "chunk_3".into()],
            ),
        ]);
        let modules = BTreeMap::from([
            ("chunk_1".to_owned(), vec![1; 5_000]),
            ("chunk_2".to_owned(), vec![2; 10]),
            ("chunk_3".to_owned(), vec![3; 6_000]),
            ("split_users".to_owned(), vec![4; 10]),
        ]);
        let packed = packed(&needs, &modules, loader).ok().unwrap();
        assert_eq!(packed.needs["users"], ["often", "split_users"]);
        assert_eq!(packed.needs["members"], ["often", "small", "chunk_3"]);
        assert_eq!(packed.gone, ["chunk_1", "chunk_2"]);
        assert!(packed.loader.contains(r#"piece("./often.wasm", 0, 5000)"#));
        assert!(packed.loader.contains(r#"piece("./small.wasm", 0, 10)"#));
        assert!(packed.loader.contains(&fetched("chunk_3")));
    }

    #[test]
    fn a_loader_of_another_kind_is_refused() {
        let needs = Needs::from([("users".to_owned(), vec!["chunk_1".into()])]);
        let modules = BTreeMap::from([("chunk_1".to_owned(), vec![1])]);
        assert!(packed(&needs, &modules, "import(…)".to_owned()).is_err());
    }
}
