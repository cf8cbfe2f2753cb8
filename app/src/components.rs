//! Building blocks of pages. Each takes its values and shows them; none loads anything.
//!
//! Their HTML is that of nhsuk-frontend 10.6.1 (T-FIX-01), or of one of our own `app-` blocks where it has
//! nothing. No inline style, no raw HTML, nothing that the HTML parser would move.

mod address;
pub mod area_tree;
pub mod areas_question;
pub mod button;
pub mod choices;
pub mod codes;
pub mod date_input;
pub(crate) mod debounce;
pub mod details;
pub mod details_fields;
pub mod email_counter;
pub mod email_preview;
pub mod error_summary;
pub mod field;
pub mod filter;
pub mod form;
pub(crate) mod icon;
pub mod layout;
pub mod loaded;
pub mod navigation;
pub mod page;
pub mod pagination;
pub mod panels;
pub mod password_input;
pub mod permissions;
pub mod progress;
pub mod role_picker;
pub mod search;
pub mod select;
pub mod summary_list;
pub mod table;
pub mod tag;
pub mod task_list;
mod terms;
pub mod text_input;
pub mod textarea;
pub mod timeline;
pub mod timeout;
pub mod undo;

pub use address::breakable;
pub use area_tree::{AreaPicker, area_lines};
pub use areas_question::{AreasQuestion, areas_hint};
pub use button::{Button, ButtonGroup, ButtonLink};
pub use choices::{Checkbox, Checkboxes, Choice, Radios, RowCheckbox};
pub use codes::{CopyButton, QrCode, RecoveryCodes, SetUpKey};
pub use date_input::{DATE_FIELDS, DateInput, Period, dates_typed};
pub use details::{Details, Expander};
pub use details_fields::{DetailsFields, clinician_question, details_of, details_rule};
pub use email_counter::EmailCounter;
pub use email_preview::{EmailPreview, PrintedBy};
pub use error_summary::ErrorSummary;
pub use field::{ErrorMessage, Fieldset, Text, kebab};
pub use filter::{FilterGroup, Filters, ResultSummary, SelectedFilters, filter_group};
pub use layout::{
    Caption, Footer, Header, OrganisationBar, PhaseBanner, ShownFrame, Surroundings, Top,
};
pub use navigation::{BackLink, Breadcrumb, Link, NavigationItem, SecondaryNavigation, SkipLink};
pub use page::{Page, PageTitle};
pub use pagination::{NewerOlder, Pagination};
pub use panels::{
    ImportantBanner, InsetText, InterruptionPanel, Panel, SuccessBanner, WarningCallout,
};
pub use password_input::PasswordInput;
pub use permissions::{PermissionsList, RolePermissions};
pub use progress::{Meanwhile, OutcomeFigures, Progress};
pub use role_picker::{RolePicker, who_holds};
pub use search::SearchInput;
pub use select::{Select, SelectOption};
pub use summary_list::{Card, CardAction, LinkCard, SummaryList, SummaryRow, lines};
pub use table::{Column, Table};
pub use tag::{StatusTag, Tag, status_word};
pub use task_list::{TaskItem, TaskList, TaskState};
pub use terms::TermsText;
pub use text_input::{CodeInput, TextInput, UsernameForManagers};
pub use textarea::{CharacterCount, Textarea};
pub use timeline::{Moment, Timeline, TimelineItem};
pub use undo::UndoButton;
