//! Comma-separated values as spreadsheets read them.

/// Adds a row. A cell that a spreadsheet would take for a formula gets an apostrophe in front
/// (R99); quotes are doubled; lines end with CR LF.
pub fn push_row<T: AsRef<str>>(text: &mut String, cells: impl IntoIterator<Item = T>) {
    for (index, cell) in cells.into_iter().enumerate() {
        if index > 0 {
            text.push(',');
        }
        push_cell(text, cell.as_ref());
    }
    text.push_str("\r\n");
}

fn push_cell(text: &mut String, cell: &str) {
    let formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\0']);
    let quoted = cell.contains([',', '"', '\n', '\r', ';', '\t']);
    if quoted {
        text.push('"');
    }
    if formula {
        text.push('\'');
    }
    for c in cell.chars() {
        if c == '"' {
            text.push('"');
        }
        if c != '\0' {
            text.push(c);
        }
    }
    if quoted {
        text.push('"');
    }
}

#[cfg(test)]
mod tests {
    use super::push_row;

    fn row(cells: &[&str]) -> String {
        let mut text = String::new();
        push_row(&mut text, cells);
        text
    }

    /// R99.
    #[test]
    fn no_cell_is_a_formula() {
        for cell in ["=1+1", "+44", "-2", "@SUM(A1)", "\tx", "\rx", "\0=x"] {
            let text = row(&[cell]);
            assert!(
                text.starts_with('\'') || text.starts_with("\"'"),
                "{cell:?} became {text:?}"
            );
        }
        assert_eq!(row(&["jane@nhs.net", "a=b"]), "jane@nhs.net,a=b\r\n");
    }

    #[test]
    fn cells_are_quoted_when_they_must_be() {
        assert_eq!(
            row(&["Carlton, Jane", "say \"hi\"", "two\nlines", ""]),
            "\"Carlton, Jane\",\"say \"\"hi\"\"\",\"two\nlines\",\r\n"
        );
        assert_eq!(
            row(&["=HYPERLINK(\"x\",1)"]),
            "\"'=HYPERLINK(\"\"x\"\",1)\"\r\n"
        );
    }
}
