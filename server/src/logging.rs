//! Log lines: one JSON object each, on standard error, with nothing in them that could pretend to
//! be another line or another colour (R104).

use std::io::{self, Write};

use tracing_subscriber::{
    Layer, filter::Targets, fmt::MakeWriter, layer::SubscriberExt, util::SubscriberInitExt,
};

/// Starts logging with a filter that `config.rs` has checked. Later calls change nothing.
pub fn start(filter: &str) {
    let filter: Targets = filter.parse().unwrap_or_default();
    let layer = tracing_subscriber::fmt::layer()
        .json()
        .flatten_event(true)
        .with_current_span(true)
        .with_span_list(false)
        .with_writer(Escaped(io::stderr))
        .with_filter(filter);
    let _ = tracing_subscriber::registry().with(layer).try_init();
    std::panic::set_hook(Box::new(|info| {
        let payload = info.payload();
        let what = payload
            .downcast_ref::<&str>()
            .copied()
            .or_else(|| payload.downcast_ref::<String>().map(String::as_str))
            .unwrap_or("no message");
        let place = info
            .location()
            .map_or_else(String::new, ToString::to_string);
        tracing::error!(what, "panicked at {place}");
    }));
}

/// Writes log lines with escapes for what JSON lets through: DEL and C1 controls, line separators
/// and marks that turn the direction of text.
#[derive(Clone)]
pub struct Escaped<M>(pub M);

impl<'a, M: MakeWriter<'a>> MakeWriter<'a> for Escaped<M> {
    type Writer = EscapedWriter<M::Writer>;

    fn make_writer(&'a self) -> Self::Writer {
        EscapedWriter(self.0.make_writer())
    }
}

/// See [`Escaped`].
pub struct EscapedWriter<W>(W);

impl<W: Write> Write for EscapedWriter<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // A whole line comes in one call.
        let text = String::from_utf8_lossy(bytes);
        if text.chars().any(is_risky) {
            let mut safe = String::with_capacity(text.len() + 16);
            for c in text.chars() {
                if is_risky(c) {
                    safe.push_str(&format!("\\u{:04x}", u32::from(c)));
                } else {
                    safe.push(c);
                }
            }
            self.0.write_all(safe.as_bytes())?;
        } else {
            self.0.write_all(text.as_bytes())?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// All of these are below U+10000, so one escape each is right.
fn is_risky(c: char) -> bool {
    (c.is_control() && c != '\n')
        || matches!(c, '\u{2028}' | '\u{2029}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use std::{
        io::Write,
        sync::{Arc, Mutex},
    };

    use super::{Escaped, EscapedWriter};
    use tracing_subscriber::layer::SubscriberExt;

    #[derive(Clone, Default)]
    struct Kept(Arc<Mutex<Vec<u8>>>);

    impl Write for Kept {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    /// R104: whatever somebody types, one event is one line of JSON.
    #[test]
    fn an_event_is_one_line() {
        let kept = Kept::default();
        let writer = kept.clone();
        let layer = tracing_subscriber::fmt::layer()
            .json()
            .flatten_event(true)
            .with_writer(Escaped(move || writer.clone()));
        let name = "a\nb\r\u{1b}[31mc\u{85}d\u{2028}e\u{202e}f\u{7f}";
        tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), || {
            tracing::info!(name, "typed");
        });
        let bytes = kept.0.lock().unwrap().clone();
        let text = String::from_utf8(bytes).unwrap();
        assert_eq!(text.matches('\n').count(), 1, "{text:?}");
        assert!(text.trim_end().chars().all(|c| !c.is_control()), "{text:?}");
        assert!(!text.contains(['\u{2028}', '\u{202e}']), "{text:?}");
        let read: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(read["name"], name);
    }

    #[test]
    fn plain_text_passes() {
        let mut out = Vec::new();
        EscapedWriter(&mut out)
            .write_all("naïve “quotes”\n".as_bytes())
            .unwrap();
        assert_eq!(out, "naïve “quotes”\n".as_bytes());
    }
}
