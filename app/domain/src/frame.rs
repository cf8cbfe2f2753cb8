//! What surrounds every page: who is signed in and where.

use serde::{Deserialize, Serialize};

/// The frame of a page.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Frame {
    /// The name of the service, for titles and the header.
    pub service_name: String,
    /// Who is signed in completely.
    pub viewer: Option<Viewer>,
    /// The organisation of the page, when the viewer belongs to it.
    pub organisation: Option<FrameOrganisation>,
    /// A message left by the last action, shown once.
    pub notice: Option<Notice>,
}

/// The person who is signed in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Viewer {
    /// First and last name.
    pub name: String,
    /// How many organisations they can act in.
    pub organisations: u32,
    /// How long they stay signed in.
    pub session: SessionTime,
}

/// How long somebody stays signed in, as a page is told that warns of the end (`ux.md` 6.24).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionTime {
    /// How many seconds may pass without a request.
    pub idle_seconds: u32,
    /// How many seconds are left at most.
    pub seconds_left: u32,
}

/// The organisation that a page is about.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FrameOrganisation {
    /// Its name.
    pub name: String,
    /// Its code as shown (`RX1`).
    pub code: String,
    /// Its code in addresses (`rx1`).
    pub slug: String,
    /// What the viewer may do there, as permission names.
    pub permissions: Vec<String>,
    /// Who can change that, by name; empty for whoever can do it themselves.
    pub whom_to_ask: Vec<String>,
}

/// A message for the next page: a code of the catalogue and its values.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// Code of the message catalogue.
    pub code: String,
    /// Values for the sentence.
    pub params: Vec<String>,
    /// The change that can be taken back; empty for none.
    #[serde(default)]
    pub undo: String,
    /// What taking it back does, as it stands in brackets after "Undo".
    #[serde(default)]
    pub back: String,
}
