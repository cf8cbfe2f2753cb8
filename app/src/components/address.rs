//! Email addresses where there is little room: they are broken after their signs, not inside of words.

use leptos::prelude::*;

/// Text with places where an email address in it may go on in the next line. Other text is as it was.
pub fn breakable(text: String) -> AnyView {
    if !text.contains('@') {
        return text.into_any();
    }
    let pieces: Vec<AnyView> = text
        .split_inclusive(['@', '.', '-', '_', '+'])
        .map(|piece| view! { {piece.to_owned()} <wbr/> }.into_any())
        .collect();
    pieces.into_any()
}
