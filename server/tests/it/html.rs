//! Reading a page as far as a browser without JavaScript must: its words and its links.

use std::collections::BTreeMap;

/// An element's opening tag.
#[derive(Clone, Debug, Default)]
pub struct Tag {
    pub name: String,
    pub attributes: BTreeMap<String, String>,
}

impl Tag {
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.get(name).map(String::as_str)
    }
}

/// A piece of a document.
#[derive(Clone, Debug)]
pub enum Piece {
    Open(Tag),
    Close(String),
    Text(String),
}

/// Takes a document apart. Comments, the document type, scripts and styles are left out.
pub fn pieces(html: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        let (text, from) = rest.split_at(at);
        if !text.is_empty() {
            pieces.push(Piece::Text(decoded(text)));
        }
        if let Some(comment) = from.strip_prefix("<!--") {
            rest = comment.split_once("-->").map_or("", |(_, rest)| rest);
            continue;
        }
        let (tag, after) = read_tag(from);
        rest = after;
        match tag {
            TagText::Close(name) => pieces.push(Piece::Close(name)),
            TagText::Open(tag) => {
                let raw = matches!(tag.name.as_str(), "script" | "style");
                if raw {
                    let end = format!("</{}>", tag.name);
                    rest = rest.split_once(&end).map_or("", |(_, rest)| rest);
                } else {
                    pieces.push(Piece::Open(tag));
                }
            }
            TagText::Other => {}
        }
    }
    if !rest.is_empty() {
        pieces.push(Piece::Text(decoded(rest)));
    }
    pieces
}

enum TagText {
    Open(Tag),
    Close(String),
    Other,
}

/// Reads the tag that `text` starts with, and gives what follows it.
fn read_tag(text: &str) -> (TagText, &str) {
    let mut end = text.len();
    let mut quote = None;
    for (at, c) in text.char_indices() {
        match (quote, c) {
            (None, '"' | '\'') => quote = Some(c),
            (Some(open), c) if open == c => quote = None,
            (None, '>') => {
                end = at;
                break;
            }
            _ => {}
        }
    }
    let inside = &text[1..end.max(1)];
    let after = text.get(end + 1..).unwrap_or("");
    if inside.starts_with('!') || inside.starts_with('?') {
        return (TagText::Other, after);
    }
    if let Some(name) = inside.strip_prefix('/') {
        return (TagText::Close(name.trim().to_ascii_lowercase()), after);
    }
    let inside = inside.trim_end_matches('/');
    let (name, mut rest) = inside
        .split_once(|c: char| c.is_whitespace())
        .unwrap_or((inside, ""));
    let mut tag = Tag {
        name: name.to_ascii_lowercase(),
        ..Tag::default()
    };
    loop {
        rest = rest.trim_start();
        if rest.is_empty() {
            break;
        }
        let name_end = rest
            .find(|c: char| c == '=' || c.is_whitespace())
            .unwrap_or(rest.len());
        let (name, after_name) = rest.split_at(name_end);
        let value;
        if let Some(after_equals) = after_name.trim_start().strip_prefix('=') {
            let after_equals = after_equals.trim_start();
            if let Some(quote) = after_equals
                .chars()
                .next()
                .filter(|c| matches!(c, '"' | '\''))
            {
                let inner = &after_equals[1..];
                let close = inner.find(quote).unwrap_or(inner.len());
                value = decoded(&inner[..close]);
                rest = inner.get(close + 1..).unwrap_or("");
            } else {
                let close = after_equals
                    .find(char::is_whitespace)
                    .unwrap_or(after_equals.len());
                value = decoded(&after_equals[..close]);
                rest = &after_equals[close..];
            }
        } else {
            value = String::new();
            rest = after_name;
        }
        tag.attributes.insert(name.to_ascii_lowercase(), value);
    }
    (TagText::Open(tag), after)
}

/// Text without character references.
pub fn decoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let Some(end) = rest.find(';').filter(|end| *end <= 10) else {
            out.push('&');
            rest = &rest[1..];
            continue;
        };
        let name = &rest[1..end];
        let number = |text: &str, radix| u32::from_str_radix(text, radix).ok();
        let c = match name {
            "amp" => Some('&'),
            "lt" => Some('<'),
            "gt" => Some('>'),
            "quot" => Some('"'),
            "apos" => Some('\''),
            "nbsp" => Some('\u{a0}'),
            _ => name
                .strip_prefix("#x")
                .and_then(|hex| number(hex, 16))
                .or_else(|| name.strip_prefix('#').and_then(|text| number(text, 10)))
                .and_then(char::from_u32),
        };
        match c {
            Some(c) => {
                out.push(c);
                rest = &rest[end + 1..];
            }
            None => {
                out.push('&');
                rest = &rest[1..];
            }
        }
    }
    out.push_str(rest);
    out
}

/// Text with single spaces.
pub fn tidy(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// All words of a document, in order.
pub fn text(html: &str) -> String {
    let mut out = String::new();
    for piece in pieces(html) {
        match piece {
            Piece::Text(text) => out.push_str(&text),
            Piece::Open(tag) if is_block(&tag.name) => out.push(' '),
            Piece::Close(name) if is_block(&name) => out.push(' '),
            _ => {}
        }
    }
    tidy(&out)
}

fn is_block(name: &str) -> bool {
    !matches!(
        name,
        "a" | "abbr"
            | "b"
            | "bdi"
            | "code"
            | "em"
            | "i"
            | "small"
            | "span"
            | "strong"
            | "time"
            | "wbr"
    )
}

/// The words of each element with this name.
pub fn texts_of(html: &str, name: &str) -> Vec<String> {
    elements(html, |tag| tag.name == name)
        .into_iter()
        .map(|(_, text)| text)
        .collect()
}

/// The elements whose opening tag fits, with their words.
pub fn elements(html: &str, fits: impl Fn(&Tag) -> bool) -> Vec<(Tag, String)> {
    let mut found: Vec<(Tag, String)> = Vec::new();
    // Which of `found` are open, and how deep elements of the same name are nested in each.
    let mut open: Vec<(usize, u32)> = Vec::new();
    for piece in pieces(html) {
        match piece {
            Piece::Open(tag) => {
                for (at, depth) in &mut open {
                    if found[*at].0.name == tag.name {
                        *depth += 1;
                    } else if is_block(&tag.name) {
                        found[*at].1.push(' ');
                    }
                }
                if fits(&tag) {
                    open.push((found.len(), 1));
                    found.push((tag, String::new()));
                }
            }
            Piece::Close(name) => open.retain_mut(|(at, depth)| {
                if found[*at].0.name == name {
                    *depth -= 1;
                } else if is_block(&name) {
                    found[*at].1.push(' ');
                }
                *depth > 0
            }),
            Piece::Text(text) => {
                for (at, _) in &open {
                    found[*at].1.push_str(&text);
                }
            }
        }
    }
    found
        .into_iter()
        .map(|(tag, text)| (tag, tidy(&text)))
        .collect()
}

#[test]
fn a_page_reads_as_it_is_shown() {
    assert_eq!(text("<p>a<b>b</b></p><p>c&nbsp;d</p>"), "ab c d");
    assert_eq!(
        texts_of("<h1 class='x'>One <span>two</span></h1>", "h1"),
        ["One two"]
    );
}
