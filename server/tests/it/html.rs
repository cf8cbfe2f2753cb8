//! Reading a page as far as a browser without JavaScript must: its words, its links, its forms.

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
fn tidy(text: &str) -> String {
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

/// One name and value that a form would post, or could.
#[derive(Clone, Debug)]
struct Control {
    name: String,
    value: String,
    kind: Kind,
}

#[derive(Clone, Debug, PartialEq)]
enum Kind {
    /// Posted as it is.
    Text,
    /// Posted when checked. Radios push each other out.
    Box { checked: bool, radio: bool },
    /// One of the options of a select.
    Choice { options: Vec<String> },
    /// Posted when it is the button that was pressed.
    Button { label: String },
}

/// A form of a page, to be filled in and submitted.
#[derive(Clone, Debug)]
pub struct Form {
    pub action: String,
    pub method: String,
    controls: Vec<Control>,
}

/// Every form of a page.
pub fn forms(html: &str) -> Vec<Form> {
    let mut forms: Vec<Form> = Vec::new();
    let mut inside = false;
    // Text is collected for a text area, a button or an option.
    let mut collecting: Option<(Tag, String)> = None;
    let mut select: Option<Control> = None;
    for piece in pieces(html) {
        match piece {
            Piece::Open(tag) if tag.name == "form" => {
                inside = true;
                forms.push(Form {
                    action: tag.attribute("action").unwrap_or("").to_owned(),
                    method: tag
                        .attribute("method")
                        .unwrap_or("get")
                        .to_ascii_lowercase(),
                    controls: Vec::new(),
                });
            }
            Piece::Close(name) if name == "form" => inside = false,
            Piece::Open(tag) if inside => {
                let Some(form) = forms.last_mut() else {
                    continue;
                };
                match tag.name.as_str() {
                    "input" => form.controls.extend(input(&tag)),
                    "textarea" | "button" => collecting = Some((tag, String::new())),
                    "option" => {
                        let value = tag.attribute("value").unwrap_or_default().to_owned();
                        if let Some(control) = &mut select {
                            if tag.attribute("selected").is_some() {
                                control.value.clone_from(&value);
                            }
                            if let Kind::Choice { options } = &mut control.kind {
                                options.push(value);
                            }
                        }
                    }
                    "select" => {
                        select = Some(Control {
                            name: tag.attribute("name").unwrap_or_default().to_owned(),
                            value: String::new(),
                            kind: Kind::Choice {
                                options: Vec::new(),
                            },
                        });
                    }
                    _ => {}
                }
            }
            Piece::Close(name) if name == "select" => {
                if let (Some(mut control), Some(form)) = (select.take(), forms.last_mut()) {
                    if let (true, Kind::Choice { options }) =
                        (control.value.is_empty(), &control.kind)
                    {
                        control.value = options.first().cloned().unwrap_or_default();
                    }
                    form.controls.push(control);
                }
            }
            Piece::Close(name) if name == "textarea" || name == "button" => {
                if let (Some((tag, text)), Some(form)) = (collecting.take(), forms.last_mut()) {
                    let named = tag.attribute("name").unwrap_or_default().to_owned();
                    let control = if name == "textarea" {
                        // The parser drops one line break behind the opening tag.
                        let text = text.strip_prefix('\n').unwrap_or(&text).to_owned();
                        Control {
                            name: named,
                            value: text,
                            kind: Kind::Text,
                        }
                    } else {
                        Control {
                            name: named,
                            value: tag.attribute("value").unwrap_or_default().to_owned(),
                            kind: Kind::Button { label: tidy(&text) },
                        }
                    };
                    form.controls.push(control);
                }
            }
            Piece::Text(text) => {
                if let Some((_, collected)) = &mut collecting {
                    collected.push_str(&text);
                }
            }
            _ => {}
        }
    }
    forms
}

fn input(tag: &Tag) -> Option<Control> {
    if tag.attribute("disabled").is_some() {
        return None;
    }
    let kind = match tag.attribute("type").unwrap_or("text") {
        "checkbox" | "radio" => Kind::Box {
            checked: tag.attribute("checked").is_some(),
            radio: tag.attribute("type") == Some("radio"),
        },
        "submit" => Kind::Button {
            label: tag.attribute("value").unwrap_or_default().to_owned(),
        },
        _ => Kind::Text,
    };
    Some(Control {
        name: tag.attribute("name").unwrap_or_default().to_owned(),
        value: tag.attribute("value").unwrap_or_default().to_owned(),
        kind,
    })
}

impl Form {
    /// Types into a field.
    pub fn fill(mut self, name: &str, value: &str) -> Self {
        match self
            .controls
            .iter_mut()
            .find(|control| control.name == name && control.kind == Kind::Text)
        {
            Some(control) => value.clone_into(&mut control.value),
            None => panic!("no field {name} in {:#?}", self.controls),
        }
        self
    }

    /// Selects a radio button, a check box or an option.
    pub fn choose(mut self, name: &str, value: &str) -> Self {
        let mut found = false;
        let mut is_radio = false;
        for control in &mut self.controls {
            if control.name != name {
                continue;
            }
            match &mut control.kind {
                Kind::Box { checked, radio } if control.value == value => {
                    *checked = true;
                    is_radio = *radio;
                    found = true;
                }
                Kind::Choice { options } if options.iter().any(|option| option == value) => {
                    value.clone_into(&mut control.value);
                    found = true;
                }
                _ => {}
            }
        }
        assert!(found, "no {name}={value} in {:#?}", self.controls);
        if is_radio {
            for control in &mut self.controls {
                if let Kind::Box { checked, .. } = &mut control.kind
                    && control.name == name
                    && control.value != value
                {
                    *checked = false;
                }
            }
        }
        self
    }

    /// Clears a check box.
    pub fn clear(mut self, name: &str, value: &str) -> Self {
        for control in &mut self.controls {
            if let Kind::Box { checked, .. } = &mut control.kind
                && control.name == name
                && control.value == value
            {
                *checked = false;
            }
        }
        self
    }

    /// The values that can be chosen in a group.
    pub fn options(&self, name: &str) -> Vec<String> {
        self.controls
            .iter()
            .filter(|control| control.name == name && matches!(control.kind, Kind::Box { .. }))
            .map(|control| control.value.clone())
            .collect()
    }

    /// What is in a field now.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.controls
            .iter()
            .find(|control| {
                control.name == name && !matches!(control.kind, Kind::Box { checked: false, .. })
            })
            .map(|control| control.value.as_str())
    }

    /// The names and values that are posted when the button with this label is pressed; with an
    /// empty label, the first button.
    pub fn pressed(&self, label: &str) -> Vec<(String, String)> {
        let button = self.controls.iter().find(|control| match &control.kind {
            Kind::Button { label: own } => label.is_empty() || own.contains(label),
            _ => false,
        });
        assert!(
            label.is_empty() || button.is_some(),
            "no button {label} in {:#?}",
            self.controls
        );
        let mut pairs: Vec<(String, String)> = self
            .controls
            .iter()
            .filter(|control| match control.kind {
                Kind::Text | Kind::Choice { .. } => true,
                Kind::Box { checked, .. } => checked,
                Kind::Button { .. } => false,
            })
            .map(|control| {
                let value = if control.kind
                    == (Kind::Box {
                        checked: true,
                        radio: false,
                    })
                    && control.value.is_empty()
                {
                    "on".to_owned()
                } else {
                    control.value.clone()
                };
                (control.name.clone(), value)
            })
            .collect();
        if let Some(button) = button {
            pairs.push((button.name.clone(), button.value.clone()));
        }
        pairs.retain(|(name, _)| !name.is_empty());
        pairs
    }
}

/// Names and values as the body of a form or as a query.
pub fn urlencoded(pairs: &[(String, String)]) -> String {
    fn encode(text: &str, out: &mut String) {
        for byte in text.bytes() {
            match byte {
                b' ' => out.push('+'),
                b if b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b'*') => {
                    out.push(char::from(b));
                }
                b => out.push_str(&format!("%{b:02X}")),
            }
        }
    }
    let mut out = String::new();
    for (name, value) in pairs {
        if !out.is_empty() {
            out.push('&');
        }
        encode(name, &mut out);
        out.push('=');
        // Browsers send line breaks as CR LF.
        encode(&value.replace("\r\n", "\n").replace('\n', "\r\n"), &mut out);
    }
    out
}

#[test]
fn a_form_posts_what_a_browser_would() {
    let html = r#"<p>Before</p><form action="/fn/x" method="POST">
        <input type="hidden" name="once" value="1 &amp; 2">
        <input name="email"><textarea name="list">
first
second</textarea>
        <input type="radio" name="how" value="app"><input type="radio" name="how" value="sms" checked>
        <input type="checkbox" name="areas" value="a"><input type="checkbox" name="areas" value="b">
        <select name="size"><option value="s">S<option value="m" selected>M</select>
        <button name="action" value="go">Go on</button><button name="action" value="stop">Stop</button>
        <input name="off" disabled value="x"></form>"#;
    let forms = forms(html);
    assert_eq!(forms.len(), 1);
    let form = forms[0]
        .clone()
        .fill("email", "a@b.uk")
        .choose("how", "app")
        .choose("areas", "b");
    assert_eq!(
        urlencoded(&form.pressed("Stop")),
        "once=1+%26+2&email=a%40b.uk&list=first%0D%0Asecond&how=app&areas=b&size=m&action=stop"
    );
    assert_eq!(form.value("size"), Some("m"));
    assert_eq!(text("<p>a<b>b</b></p><p>c&nbsp;d</p>"), "ab c d");
    assert_eq!(
        texts_of("<h1 class='x'>One <span>two</span></h1>", "h1"),
        ["One two"]
    );
}
