//! The texts themselves, and how they are read: empty lines end a piece, `## ` starts a heading, `- ` an item of a
//! list, `| ` a row of a table.

use super::{Block, Document};

/// A text that comes with this version of Lanyard.
struct Built {
    /// Its address without the slash.
    name: &'static str,
    title: &'static str,
    version: &'static str,
    approved_by: &'static str,
    approved_on: &'static str,
    contents: bool,
    body: &'static str,
}

/// A topic of the help.
const fn topic(name: &'static str, title: &'static str, body: &'static str) -> Built {
    Built {
        name,
        title,
        version: "1.1",
        approved_by: "service owner",
        approved_on: "28 November 2026",
        contents: true,
        body,
    }
}

static BUILT_IN: [Built; 10] = [
    Built {
        name: "help",
        title: "Help",
        version: "1.1",
        approved_by: "service owner",
        approved_on: "28 November 2026",
        contents: false,
        body: include_str!("help.txt"),
    },
    topic(
        "help/invitations",
        "Accept an invitation",
        include_str!("help/invitations.txt"),
    ),
    topic(
        "help/signing-in",
        "Sign in",
        include_str!("help/signing-in.txt"),
    ),
    topic(
        "help/managing-users",
        "Manage users",
        include_str!("help/managing-users.txt"),
    ),
    topic(
        "help/keyboard",
        "Use the keyboard",
        include_str!("help/keyboard.txt"),
    ),
    Built {
        name: "contact",
        title: "Contact us",
        version: "1.0",
        approved_by: "service owner",
        approved_on: "22 November 2026",
        contents: false,
        body: include_str!("contact.txt"),
    },
    Built {
        name: "accessibility-statement",
        title: "Accessibility statement",
        version: "1.0",
        approved_by: "service owner",
        approved_on: "22 November 2026",
        contents: false,
        body: include_str!("accessibility.txt"),
    },
    Built {
        name: "cookies",
        title: "Cookies",
        version: "1.0",
        approved_by: "head of information governance",
        approved_on: "22 November 2026",
        contents: false,
        body: include_str!("cookies.txt"),
    },
    Built {
        name: "privacy",
        title: "Privacy",
        version: "1.0",
        approved_by: "head of information governance",
        approved_on: "22 November 2026",
        contents: false,
        body: include_str!("privacy.txt"),
    },
    Built {
        name: "third-party-notices",
        title: "Third-party notices",
        version: "1.0",
        approved_by: "service owner",
        approved_on: "22 November 2026",
        contents: false,
        body: include_str!("notices.txt"),
    },
];

/// A text by its address; nothing when there is none.
pub(crate) fn document(name: &str) -> Option<Document> {
    let built = BUILT_IN.iter().find(|built| built.name == name)?;
    Some(Document {
        title: built.title.to_owned(),
        version: built.version.to_owned(),
        approved_by: built.approved_by.to_owned(),
        approved_on: built.approved_on.to_owned(),
        is_topic: built.name.starts_with("help/"),
        contents: built.contents,
        blocks: blocks(built.body),
    })
}

fn blocks(body: &str) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let mut ended = true;
    for line in body.lines().map(str::trim) {
        if line.is_empty() {
            ended = true;
            continue;
        }
        if let Some(words) = line.strip_prefix("## ") {
            blocks.push(Block::Heading(words.to_owned()));
            ended = true;
            continue;
        }
        match (
            line.strip_prefix("- "),
            line.strip_prefix("| "),
            blocks.last_mut(),
        ) {
            (Some(item), _, Some(Block::List(items))) if !ended => items.push(item.to_owned()),
            (Some(item), _, _) => blocks.push(Block::List(vec![item.to_owned()])),
            (_, Some(row), Some(Block::Table(rows))) if !ended => rows.push(cells(row)),
            (_, Some(row), _) => blocks.push(Block::Table(vec![cells(row)])),
            (None, None, Some(Block::Paragraph(words))) if !ended => {
                words.push(' ');
                words.push_str(line);
            }
            (None, None, _) => blocks.push(Block::Paragraph(line.to_owned())),
        }
        ended = false;
    }
    blocks
}

fn cells(row: &str) -> Vec<String> {
    row.trim_end_matches('|')
        .split('|')
        .map(|cell| cell.trim().to_owned())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::{Path, PathBuf};

    /// A20: every text has a version, an approver and a date.
    #[test]
    fn every_text_has_a_version_an_approver_and_a_date() {
        for built in &BUILT_IN {
            let text = document(built.name).unwrap();
            assert!(
                !text.version.is_empty() && !text.approved_by.is_empty(),
                "{}",
                built.name
            );
            assert!(
                text.approved_on.ends_with(" 2026") || text.approved_on.len() > 10,
                "{}",
                built.name
            );
            assert!(text.blocks.len() > 2, "{}", built.name);
        }
        assert_eq!(document("nothing"), None);
    }

    #[test]
    fn the_texts_keep_to_the_style() {
        for built in BUILT_IN
            .iter()
            .filter(|built| built.name != "third-party-notices")
        {
            let text = built.body.to_lowercase();
            for word in [
                "please",
                "sorry",
                "successfully",
                "invalid",
                "log in",
                "login",
                "can't",
                "don't",
                "mfa",
                " click ",
            ] {
                assert!(!text.contains(word), "{} says “{word}”", built.name);
            }
        }
    }

    #[test]
    fn a_text_is_read_in_pieces() {
        let read = blocks("One\nline.\n\n## Head\n\n- a\n- b\n\n- c\n\n| x | y |\n| 1 | 2 |");
        let list =
            |items: &[&str]| Block::List(items.iter().map(|item| (*item).to_owned()).collect());
        assert_eq!(
            read,
            [
                Block::Paragraph("One line.".into()),
                Block::Heading("Head".into()),
                list(&["a", "b"]),
                list(&["c"]),
                Block::Table(vec![
                    vec!["x".into(), "y".into()],
                    vec!["1".into(), "2".into()]
                ]),
            ]
        );
    }

    /// The cookies page names every cookie that is set.
    #[test]
    fn every_cookie_is_on_the_cookies_page() {
        let page = BUILT_IN
            .iter()
            .find(|built| built.name == "cookies")
            .unwrap()
            .body;
        let mut names = Vec::new();
        for file in rust_files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src")) {
            let source = std::fs::read_to_string(file).unwrap();
            names.extend(
                source
                    .split("set_cookie(\"")
                    .skip(1)
                    .filter_map(|rest| rest.split_once('"').map(|(name, _)| name.to_owned())),
            );
        }
        names.retain(|name| !name.is_empty());
        // Signing out ends them all, by name.
        let doorway = include_str!("../../server_fns/doorway.rs");
        let ended = doorway.split("pub fn forget_browser()").nth(1);
        let ended = ended.and_then(|rest| rest.split(']').next()).unwrap();
        names.extend(ended.split('"').skip(1).step_by(2).map(str::to_owned));
        assert!(names.contains(&"visitor".to_owned()), "{names:?}");
        for name in names {
            assert!(
                page.contains(&format!("| __Host-{name} |")),
                "the cookie {name} is not explained"
            );
        }
    }

    /// Every topic is on the page of help, and every address of help that a page has is a topic.
    #[test]
    fn every_topic_of_help_is_found() {
        let page = BUILT_IN[0].body;
        let names: Vec<&str> = BUILT_IN.iter().map(|built| built.name).collect();
        let topics = names.iter().filter(|name| name.starts_with("help/"));
        for topic in topics {
            assert!(page.contains(&format!("](/{topic})")), "{topic}");
        }
        let mut found = 0;
        for file in rust_files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src")) {
            let source = std::fs::read_to_string(file).unwrap();
            for rest in source.split("\"/help/").skip(1) {
                let topic = rest.split(['"', '#']).next().unwrap_or_default();
                if topic.starts_with(':') || topic.is_empty() {
                    continue;
                }
                found += 1;
                assert!(names.contains(&&*format!("help/{topic}")), "{topic}");
            }
        }
        assert!(found > 3);
    }

    /// Every library that is named is still one that is used.
    #[test]
    fn the_notices_name_libraries_that_are_used() {
        let lock =
            std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../Cargo.lock"))
                .unwrap();
        let notices = BUILT_IN
            .iter()
            .find(|built| built.name == "third-party-notices")
            .unwrap()
            .body;
        let lists = notices
            .lines()
            .filter_map(|line| line.strip_prefix("- ")?.split_once(": "));
        let named: Vec<&str> = lists
            .filter(|(licence, _)| licence.contains("License"))
            .flat_map(|(_, names)| names.split(", "))
            .collect();
        assert!(named.len() > 100 && named.contains(&"leptos"), "{named:?}");
        for name in named {
            assert!(
                lock.contains(&format!("name = \"{name}\"\n")),
                "{name} is not used any more"
            );
        }
    }

    fn rust_files(folder: &Path) -> Vec<PathBuf> {
        let entries = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path());
        entries
            .flat_map(|path| {
                if path.is_dir() {
                    rust_files(&path)
                } else if path.extension().is_some_and(|extension| extension == "rs")
                    && !path.ends_with("documents.rs")
                {
                    vec![path]
                } else {
                    Vec::new()
                }
            })
            .collect()
    }
}
