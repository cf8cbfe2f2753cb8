//! Characters that cannot be seen, for every parser that must refuse or drop them.

/// Controls, direction marks and overrides, zero-width characters and the like: what hides inside text, or
/// makes it read otherwise than it is.
pub(crate) fn is_unseen(c: char) -> bool {
    c.is_control() || is_invisible(c)
}

/// What cannot be seen and is no control: it may be dropped without changing what a person reads, except for
/// the marks of direction.
pub(crate) fn is_invisible(c: char) -> bool {
    c >= '\u{ad}'
        && matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

/// One line of plain text, trimmed, spaces collapsed, without anything unseen; nothing when it is longer than
/// `most` characters.
pub(crate) fn plain_line(text: &str, most: usize) -> Option<String> {
    if text.len() > most * 64 {
        return None;
    }
    let seen: String = text
        .chars()
        .map(|c| if c.is_whitespace() { ' ' } else { c })
        .filter(|c| *c == ' ' || !is_unseen(*c))
        .collect();
    let line = seen.split_whitespace().collect::<Vec<_>>().join(" ");
    let line = crate::unicode::nfc(&line);
    (line.chars().count() <= most).then_some(line)
}

/// Lines of plain text, with plain line ends and without anything unseen; nothing when it is longer than `most`
/// characters.
pub(crate) fn plain_text(text: &str, most: usize) -> Option<String> {
    if text.len() > most * 64 {
        return None;
    }
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let text: String = crate::unicode::nfc(text.trim())
        .chars()
        .filter(|c| *c == '\n' || !is_unseen(*c))
        .collect();
    (text.chars().count() <= most).then_some(text)
}

/// Marks that make the text after them read from right to left: with them, an address can read otherwise than
/// it is. Marks of the usual direction do nothing and count as invisible.
pub(crate) fn is_right_to_left(c: char) -> bool {
    matches!(
        c,
        '\u{61c}' | '\u{200f}' | '\u{202b}' | '\u{202d}' | '\u{202e}' | '\u{2067}'
    )
}
