//! Setting up codes: the picture for an authenticator app with the key to type instead, and recovery codes to
//! keep (ux B4).

use super::{Choice, field::waiting};
use domain::{SecondFactorKind, second_factor::AuthenticatorSetUp};
use leptos::{
    prelude::*,
    wasm_bindgen::{JsCast, JsValue},
    web_sys::js_sys::{Function, Reflect},
};

const SMALL: &str = "nhsuk-button nhsuk-button--secondary nhsuk-button--small";
/// White around the picture, in modules: scanners need it.
const QUIET: usize = 4;

/// The ways to get codes as radios (B3); `mobile` asks for a number under "Text message".
pub fn code_choices(
    methods: Vec<SecondFactorKind>,
    email_hint: &'static str,
    mut mobile: Option<AnyView>,
) -> Vec<Choice> {
    methods
        .into_iter()
        .map(|kind| {
            let (label, hint) = match kind {
                SecondFactorKind::Sms => ("Text message", "Needs signal. The least safe of these"),
                SecondFactorKind::Email => ("Email", email_hint),
                SecondFactorKind::Authenticator | SecondFactorKind::Passkey => (
                    "Authenticator app",
                    "The safest of these. Works without signal",
                ),
            };
            let choice = Choice::new(kind.as_str().to_owned(), label).hint(hint);
            match mobile.take_if(|_| kind == SecondFactorKind::Sms) {
                Some(field) => choice.reveals(field),
                None => choice,
            }
        })
        .collect()
}

/// What an authenticator app has to be given, step by step.
#[component]
pub fn AppSetUp(app: AuthenticatorSetUp) -> impl IntoView {
    let width = app.qr.size.max(1) as usize;
    let matrix: Vec<Vec<bool>> = app
        .qr
        .squares
        .as_bytes()
        .chunks(width)
        .map(|row| row.iter().map(|square| *square == b'1').collect())
        .collect();
    view! {
        <ol class="nhsuk-list nhsuk-list--number">
            <li>"Open your authenticator app, or install one on your phone."</li>
            <li>"Add an account in the app, then scan this picture."</li>
            <li>"Enter the code that the app shows."</li>
        </ol>
        <QrCode matrix/>
        <p>"If you cannot scan it, enter this key in the app instead:"</p>
        <SetUpKey key=app.key/>
    }
}

/// What to check when no code has come (A4); `own` is what only this journey can say.
#[component]
pub fn CodeChecks(is_text: bool, own: &'static str) -> impl IntoView {
    let checks = if is_text {
        [
            "Check that your phone has signal and is not in flight mode.",
            "Wait a few minutes. Text messages can be slow when a network is busy.",
            own,
            "Check that you have not blocked messages from numbers you do not know.",
        ]
    } else {
        [
            "Wait a few minutes. Email can be slow.",
            "Look in your spam or junk folder.",
            own,
            "If you asked for more than one code, use the newest. Older ones no longer work.",
        ]
    };
    let checks: Vec<AnyView> = checks
        .into_iter()
        .map(|check| view! { <li>{check}</li> }.into_any())
        .collect();
    view! { <ol class="nhsuk-list nhsuk-list--number">{checks}</ol> }
}

/// A QR code as one path. The picture says what it is; the key beside it says the same in letters.
#[component]
pub fn QrCode(
    /// Rows of dark and light.
    matrix: Vec<Vec<bool>>,
    #[prop(default = "QR code to scan with your authenticator app".into(), into)] title: String,
) -> impl IntoView {
    let side = (matrix.len() + 2 * QUIET).to_string();
    let view_box = ["0 0 ", &side, " ", &side].concat();
    view! {
        <div class="app-qr">
            <svg xmlns="http://www.w3.org/2000/svg" viewBox=view_box role="img" aria-label=title focusable="false" shape-rendering="crispEdges">
                <path d=path_of(&matrix) fill="#000"></path>
            </svg>
        </div>
    }
}

/// Every run of dark modules as a rectangle of one module's height.
fn path_of(matrix: &[Vec<bool>]) -> String {
    let mut path = String::new();
    for (y, row) in matrix.iter().enumerate() {
        let mut x = 0;
        while x < row.len() {
            let run = row[x..].iter().take_while(|dark| **dark).count();
            if run > 0 {
                let (left, top, width) = (
                    (x + QUIET).to_string(),
                    (y + QUIET).to_string(),
                    run.to_string(),
                );
                for part in ["M", &left, " ", &top, "h", &width, "v1h-", &width, "z"] {
                    path.push_str(part);
                }
            }
            x += run.max(1);
        }
    }
    path
}

/// The key of an authenticator app, in groups of 4, to type where a camera cannot be used.
#[component]
pub fn SetUpKey(#[prop(into)] key: String) -> impl IntoView {
    view! {
        <p class="app-key"><code>{grouped(&key)}</code></p>
        <CopyButton text=key words="Copy key" done="Key copied"/>
    }
}

fn grouped(key: &str) -> String {
    let mut text = String::new();
    for (index, letter) in key
        .chars()
        .filter(|letter| !letter.is_whitespace())
        .enumerate()
    {
        if index > 0 && index % 4 == 0 {
            text.push(' ');
        }
        text.push(letter);
    }
    text
}

/// Recovery codes, shown once: to copy, to keep as a file, to print.
#[component]
pub fn RecoveryCodes(
    codes: Vec<String>,
    #[prop(default = "Lanyard".into(), into)] service_name: String,
) -> impl IntoView {
    let text = codes.join("\n");
    let mut file = [&service_name, " recovery codes\r\nEach works once.\r\n\r\n"].concat();
    file.push_str(&codes.join("\r\n"));
    file.push_str("\r\n");
    let href = ["data:text/plain;charset=utf-8,", &percent_encoded(&file)].concat();
    let items: Vec<AnyView> = codes
        .into_iter()
        .map(|code| view! { <li>{code}</li> }.into_any())
        .collect();
    view! {
        <ul class="app-recovery-codes">{items}</ul>
        <div class="nhsuk-button-group">
            <a class=SMALL href=href download="recovery-codes.txt">
                "Download codes"
            </a>
            <CopyButton text words="Copy codes" done="Codes copied"/>
            <button
                class=waiting(SMALL)
                type="button"
                on:click=move |_| _ = window().print()
            >
                "Print codes"
            </button>
        </div>
    }
}

/// Letters and digits as they are, everything else as `%XX`.
fn percent_encoded(text: &str) -> String {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    let mut encoded = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || byte == b'-' {
            encoded.push(char::from(byte));
        } else {
            encoded.push('%');
            encoded.push(char::from(HEX[usize::from(byte >> 4)]));
            encoded.push(char::from(HEX[usize::from(byte & 15)]));
        }
    }
    encoded
}

/// Copies a text; hidden until it works. What it did is spoken and shown on the button.
#[component]
pub fn CopyButton(text: String, words: &'static str, done: &'static str) -> impl IntoView {
    let (copied, set_copied) = signal(false);
    let copy = move |_| {
        if copy_text(&text).is_some() {
            set_copied.set(true);
        }
    };
    let shown = Signal::derive(move || if copied.get() { done } else { words });
    let spoken = Signal::derive(move || if copied.get() { done } else { "" });
    view! {
        <button
            class=waiting(SMALL)
            type="button"
            on:click=copy
        >
            {shown}
        </button>
        <span class="nhsuk-u-visually-hidden" role="status">{spoken}</span>
    }
}

/// `navigator.clipboard.writeText(text)`; nothing where the browser has no clipboard for this page.
fn copy_text(text: &str) -> Option<()> {
    let get = |from: &JsValue, name: &str| {
        Reflect::get(from, &JsValue::from_str(name))
            .ok()
            .filter(|found| !found.is_undefined())
    };
    let clipboard = get(&get(&window(), "navigator")?, "clipboard")?;
    let write: Function = get(&clipboard, "writeText")?.dyn_into().ok()?;
    write
        .call1(&clipboard, &JsValue::from_str(text))
        .ok()
        .map(|_| ())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_of_modules_is_one_rectangle() {
        let matrix = vec![vec![true, true, false, true], vec![false; 4]];
        assert_eq!(path_of(&matrix), "M4 4h2v1h-2zM7 4h1v1h-1z");
    }

    #[test]
    fn a_key_is_easy_to_read() {
        assert_eq!(grouped("JBSWY3DPEHPK3PXP"), "JBSW Y3DP EHPK 3PXP");
        assert_eq!(grouped("JBSW Y3DP"), "JBSW Y3DP");
    }

    #[test]
    fn the_file_is_text_in_an_address() {
        assert_eq!(percent_encoded("A-1 é\r\n"), "A-1%20%C3%A9%0D%0A");
    }
}
