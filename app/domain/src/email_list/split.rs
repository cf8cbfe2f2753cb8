//! Cuts a pasted text into entries: what each address, and each thing that is not one, stretches over.

/// A piece of the input that holds at most one address.
pub(super) struct Entry<'a> {
    /// From 1.
    pub line: u32,
    /// Where it begins in the input, in bytes.
    pub start: usize,
    pub text: &'a str,
    /// The name in the other columns of a spreadsheet's row.
    pub column_name: Option<String>,
}

/// A stretch of one line, in bytes from the start of the line.
#[derive(Clone, Copy)]
struct Stretch {
    start: usize,
    end: usize,
    /// Whether a comma ended it.
    comma: bool,
}

/// How many stretches are looked at together: `Carlton, Jane, Dr <jane@nhs.net>`.
const MOST_AHEAD: usize = 3;

/// Endings that follow a comma typed for a full stop: `jane@nhs,net`.
const ENDINGS: &[&str] = &[
    "net", "uk", "com", "org", "nhs.uk", "co.uk", "ac.uk", "gov.uk", "org.uk", "scot", "wales",
];

/// Gives every entry of the input, in order. Entries may still turn out to be nothing but decoration.
pub(super) fn entries<'a>(input: &'a str, found: &mut impl FnMut(Entry<'a>)) {
    let mut line = 1;
    let mut start = 0;
    let bytes = input.as_bytes();
    for (index, byte) in bytes.iter().enumerate() {
        let ends = *byte == b'\n' || (*byte == b'\r' && bytes.get(index + 1) != Some(&b'\n'));
        if ends {
            read_line(&input[start..index], start, line, found);
            start = index + 1;
            line += 1;
        }
    }
    read_line(&input[start..], start, line, found);
}

fn read_line<'a>(text: &'a str, offset: usize, line: u32, found: &mut impl FnMut(Entry<'a>)) {
    let mut emit = |start: usize, text: &'a str, column_name: Option<String>| {
        let trimmed = text.trim();
        if !trimmed.is_empty() {
            let start = start + (text.len() - text.trim_start().len());
            found(Entry {
                line,
                start,
                text: trimmed,
                column_name,
            });
        }
    };
    if text.trim().contains('\t') {
        read_row(text, offset, &mut emit);
    } else {
        read_list(text, offset, &mut |start, text| emit(start, text, None));
    }
}

/// A row of a spreadsheet: the cells with an `@` are lists of addresses, the others may be a name. A row
/// without any `@`, such as one of headings, is one entry.
fn read_row<'a>(
    text: &'a str,
    offset: usize,
    emit: &mut impl FnMut(usize, &'a str, Option<String>),
) {
    if !text.contains('@') {
        emit(offset, text, None);
        return;
    }
    let is_name = |cell: &&str| {
        !cell.contains('@') && cell.chars().filter(|c| c.is_alphabetic()).take(2).count() == 2
    };
    let alone = text.bytes().filter(|byte| *byte == b'@').take(2).count() == 1;
    let names: Vec<&str> = text
        .split('\t')
        .map(str::trim)
        .filter(is_name)
        .take(3)
        .collect();
    let name = (alone && matches!(names.len(), 1 | 2)).then(|| names.join(" "));
    let mut start = offset;
    for cell in text.split('\t') {
        if cell.contains('@') {
            let name = name.clone();
            read_list(cell, start, &mut |start, text| {
                emit(start, text, name.clone());
            });
        }
        start += cell.len() + 1;
    }
}

/// A list on one line, or in one cell.
fn read_list<'a>(text: &'a str, offset: usize, emit: &mut impl FnMut(usize, &'a str)) {
    // By far the most lines are one address.
    if !text.contains([',', ';', '<', '"', ' ']) && text.is_ascii() {
        emit(offset, text);
        return;
    }
    let mut stretches = Stretches {
        text,
        start: 0,
        index: 0,
        ended: false,
    };
    let mut ahead: Vec<Stretch> = Vec::with_capacity(MOST_AHEAD);
    loop {
        ahead.extend(stretches.by_ref().take(MOST_AHEAD - ahead.len()));
        let Some(stretch) = ahead.first() else { return };
        let (start, end) = (stretch.start, stretch.end);
        // Carlton, Jane <jane@nhs.net> and jane@nhs,net are one entry each.
        let last = name_with_commas(text, &ahead)
            .or_else(|| comma_for_full_stop(text, &ahead))
            .unwrap_or(0);
        let end = ahead.get(last).map_or(end, |last| last.end);
        split_at_spaces(&text[start..end], offset + start, emit);
        ahead.drain(..=last);
    }
}

/// Whether the next stretch is only cut off by a comma that was typed for a full stop.
fn comma_for_full_stop(text: &str, ahead: &[Stretch]) -> Option<usize> {
    let [first, next, ..] = ahead else {
        return None;
    };
    let address =
        first.comma && next.start == first.end + 1 && text[first.start..first.end].contains('@');
    (address && ENDINGS.contains(&text[next.start..next.end].trim_end())).then_some(1)
}

/// How many stretches further the address is, when what begins here is a name with commas in it.
fn name_with_commas(text: &str, ahead: &[Stretch]) -> Option<usize> {
    for (index, stretch) in ahead.iter().enumerate() {
        let piece = &text[stretch.start..stretch.end];
        match piece.find('<') {
            Some(bracket) => {
                let only_name_before =
                    !piece[..bracket].contains('@') && piece[bracket..].contains('@');
                return (index > 0 && only_name_before).then_some(index);
            }
            None if !stretch.comma
                || piece.contains('@')
                || !piece.contains(char::is_alphabetic) =>
            {
                return None;
            }
            None => {}
        }
    }
    None
}

/// Cuts at commas and semicolons, and after `<address>`, but not inside quoted names and not inside brackets.
struct Stretches<'a> {
    text: &'a str,
    start: usize,
    index: usize,
    ended: bool,
}

impl Iterator for Stretches<'_> {
    type Item = Stretch;

    fn next(&mut self) -> Option<Stretch> {
        if self.ended {
            return None;
        }
        let start = self.start;
        // Whether nothing but decoration has been seen since the start.
        let mut fresh = true;
        while let Some(c) = self.text[self.index..].chars().next() {
            let at = self.index;
            self.index += c.len_utf8();
            match c {
                ',' | ';' | '\u{ff0c}' | '\u{ff1b}' | '\u{3001}' | '\u{b}' | '\u{c}' | '\u{85}'
                | '\u{2028}' | '\u{2029}' => {
                    self.start = self.index;
                    return Some(Stretch {
                        start,
                        end: at,
                        comma: c == ',',
                    });
                }
                '<' => {
                    if let Some(end) = bracketed_address(self.text, self.index) {
                        (self.start, self.index) = (end, end);
                        return Some(Stretch {
                            start,
                            end,
                            comma: false,
                        });
                    }
                }
                _ if fresh && is_double_quote(c) => {
                    if let Some(end) = quoted_name(self.text, self.index) {
                        self.index = end;
                        fresh = false;
                    }
                }
                _ => fresh &= !c.is_alphanumeric(),
            }
        }
        self.ended = true;
        Some(Stretch {
            start,
            end: self.text.len(),
            comma: false,
        })
    }
}

/// The end of a quoted name that begins at `start`: it has no `@` in it, or an address in brackets after it.
fn quoted_name(text: &str, start: usize) -> Option<usize> {
    let length = text[start..].find(is_double_quote)?;
    let content = &text[start..start + length];
    let end = start
        + length
        + text[start + length..]
            .chars()
            .next()
            .map_or(0, char::len_utf8);
    (!content.contains('@') || text[end..].trim_start().starts_with('<')).then_some(end)
}

/// The end of an address in `<` and `>` whose content begins at `start`.
fn bracketed_address(text: &str, start: usize) -> Option<usize> {
    let length = text[start..].find(['<', '>'])?;
    let content = &text[start..start + length];
    let closed = text[start + length..].starts_with('>');
    (closed && content.bytes().filter(|byte| *byte == b'@').count() == 1)
        .then_some(start + length + 1)
}

pub(super) fn is_double_quote(c: char) -> bool {
    matches!(
        c,
        '"' | '\u{201c}'..='\u{201f}' | '\u{ab}' | '\u{bb}' | '\u{ff02}'
    )
}

/// Cuts at spaces between two things that both contain an `@`, whatever joins them ("and", "-").
fn split_at_spaces<'a>(text: &'a str, offset: usize, emit: &mut impl FnMut(usize, &'a str)) {
    // What stands before a bracket: addresses of their own, then perhaps a name. In quotes, all is the name.
    let bracket = text.find('<');
    let before = &text[..bracket.unwrap_or(text.len())];
    let quoted = bracket.is_some() && before.trim_start().starts_with(is_double_quote);
    if quoted || !before.contains('@') {
        emit(offset, text);
        return;
    }
    let mut start = 0;
    let mut address_end = None;
    for (from, to) in words(before) {
        let word = &text[from..to];
        let has_at = word.contains('@');
        if let Some(end) = address_end
            && (has_at || bracket.is_some())
        {
            emit(offset + start, &text[start..end]);
            start = from;
        }
        if has_at {
            address_end = Some(to);
        } else if bracket.is_some() || !is_joining_word(word) {
            address_end = None;
        }
    }
    emit(offset + start, &text[start..]);
}

fn is_joining_word(word: &str) -> bool {
    !word.contains(char::is_alphanumeric) && !word.contains(['(', '[', ')', ']'])
        || word.eq_ignore_ascii_case("and")
        || word.eq_ignore_ascii_case("or")
}

/// Where the words are.
fn words(text: &str) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    let mut start = None;
    for (index, c) in text.char_indices() {
        match (c.is_whitespace(), start) {
            (false, None) => start = Some(index),
            (true, Some(from)) => {
                found.push((from, index));
                start = None;
            }
            _ => {}
        }
    }
    found.extend(start.map(|from| (from, text.len())));
    found
}
