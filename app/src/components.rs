//! Building blocks of pages. Each takes its values and shows them; none loads anything.
//!
//! Their HTML is that of nhsuk-frontend 10.6.1 (T-FIX-01), or of one of our own `app-` blocks where it has
//! nothing. No inline style, no raw HTML, nothing that the HTML parser would move.

pub mod button;
pub mod choices;
pub mod error_summary;
pub mod field;
pub mod form;
pub mod loaded;
pub mod password_input;
pub mod select;
pub mod text_input;
pub mod textarea;

pub use button::{Button, ButtonGroup, ButtonLink};
pub use choices::{Checkbox, Checkboxes, Choice, Radios, RowCheckbox};
pub use error_summary::ErrorSummary;
pub use field::{ErrorMessage, Fieldset, Text, kebab};
pub use password_input::PasswordInput;
pub use select::{Select, SelectOption};
pub use text_input::{CodeInput, TextInput, UsernameForManagers};
pub use textarea::{CharacterCount, Textarea};
