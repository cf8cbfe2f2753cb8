//! Query strings, as forms make them.

/// The pairs of a query string, with or without its question mark. Broken escapes are taken as they stand.
pub fn decode_query(query: &str) -> Vec<(String, String)> {
    let query = query.strip_prefix('?').unwrap_or(query);
    query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decode(name), decode(value))
        })
        .collect()
}

fn decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut index = 0;
    while let Some(byte) = bytes.get(index) {
        let escaped = (*byte == b'%')
            .then(|| bytes.get(index + 1..index + 3))
            .flatten()
            .and_then(|hex| Some(hex_digit(hex[0])? << 4 | hex_digit(hex[1])?));
        if let Some(escaped) = escaped {
            decoded.push(escaped);
            index += 3;
        } else {
            decoded.push(if *byte == b'+' { b' ' } else { *byte });
            index += 1;
        }
    }
    String::from_utf8_lossy(&decoded).into_owned()
}

fn hex_digit(byte: u8) -> Option<u8> {
    char::from(byte)
        .to_digit(16)
        .and_then(|digit| u8::try_from(digit).ok())
}

/// A query string with its question mark; nothing for no pairs.
pub fn encode_query<V: AsRef<str>>(pairs: &[(&str, V)]) -> String {
    let mut query = String::new();
    for (name, value) in pairs {
        query.push(if query.is_empty() { '?' } else { '&' });
        encode(&mut query, name);
        query.push('=');
        encode(&mut query, value.as_ref());
    }
    query
}

fn encode(query: &mut String, text: &str) {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'*' | b'~' => {
                query.push(char::from(byte));
            }
            b' ' => query.push('+'),
            _ => {
                query.push('%');
                query.push(char::from(HEX[usize::from(byte >> 4)]));
                query.push(char::from(HEX[usize::from(byte & 15)]));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn broken_escapes_are_taken_as_they_stand() {
        assert_eq!(decode("a+b%20c%2"), "a b c%2");
        assert_eq!(decode("%zz%é%"), "%zz%é%");
        assert_eq!(decode("%ff"), "\u{fffd}");
        assert_eq!(decode_query("?a=1&&b&=c&d=1=2").len(), 4);
    }

    proptest! {
        #[test]
        fn any_text_survives_the_way_into_a_url_and_back(name in any::<String>(), value in any::<String>()) {
            let query = encode_query(&[(name.as_str(), value.as_str())]);
            prop_assert!(query.is_ascii());
            prop_assert_eq!(decode_query(&query), vec![(name, value)]);
        }

        #[test]
        fn any_query_string_can_be_read(query in any::<String>()) {
            decode_query(&query);
        }
    }
}
