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

/// Marks that make the text after them read from right to left: with them, an address can read otherwise than
/// it is. Marks of the usual direction do nothing and count as invisible.
pub(crate) fn is_right_to_left(c: char) -> bool {
    matches!(
        c,
        '\u{61c}' | '\u{200f}' | '\u{202b}' | '\u{202d}' | '\u{202e}' | '\u{2067}'
    )
}
