//! What all forms have in common.

use std::fmt;

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{self, MapAccess, Visitor},
    ser::SerializeMap,
};

/// The end of a form, flattened into it: refuses every field that the form does not have (R21). A
/// forged post is turned away before anything looks at it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NothingElse;

impl Serialize for NothingElse {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_map(Some(0))?.end()
    }
}

impl<'de> Deserialize<'de> for NothingElse {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Nothing;

        impl<'de> Visitor<'de> for Nothing {
            type Value = NothingElse;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("no other field")
            }

            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<NothingElse, M::Error> {
                match map.next_key::<String>()? {
                    None => Ok(NothingElse),
                    // The name is not repeated: it may be anything.
                    Some(_) => Err(de::Error::custom("a field that the form does not have")),
                }
            }
        }

        deserializer.deserialize_map(Nothing)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Accept {
        token: String,
        #[serde(flatten)]
        rest: NothingElse,
    }

    /// R21.
    #[test]
    fn a_form_has_the_fields_it_has() {
        let form = Accept {
            token: "inv_x".to_owned(),
            rest: NothingElse,
        };
        let json = serde_json::to_string(&form).unwrap();
        assert_eq!(json, r#"{"token":"inv_x"}"#);
        assert_eq!(serde_json::from_str::<Accept>(&json).unwrap(), form);
        for forged in [
            r#"{"token":"inv_x","email":"a@b.c"}"#,
            r#"{"token":"inv_x","token":"inv_y"}"#,
            r#"{"token":["inv_x"]}"#,
            r#"{"token[]":"inv_x"}"#,
            "{}",
        ] {
            assert!(serde_json::from_str::<Accept>(forged).is_err(), "{forged}");
        }
    }
}
