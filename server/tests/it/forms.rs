//! The forms of a page, filled in and submitted as a browser does.

use crate::html::{Piece, Tag, pieces, tidy};

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
}
