//! The values that the keys of a policy pack can have.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::{EmailDomains, TermsId};
use crate::keyed::keyed_enum;
use crate::status::ShownStatus;

keyed_enum! {
    /// How a new person gets their first password (C3).
    pub enum CredentialMode {
        Link = "link",
        LinkOrOneTimePassword = "link_or_one_time_password",
        SsoOnly = "sso_only",
    }
}

keyed_enum! {
    /// Who needs a second factor; never less than the platform asks of privileged roles (C10).
    pub enum SecondFactorRule {
        Required = "required",
        RequiredForPrivileged = "required_for_privileged",
        Optional = "optional",
    }
}

keyed_enum! {
    pub enum Switch {
        Off = "off",
        On = "on",
    }
}

keyed_enum! {
    /// A step of a person's first run (C14).
    pub enum FirstRunStep {
        Password = "password",
        SecondFactor = "second_factor",
        Terms = "terms",
        Profile = "profile",
        AccountSecret = "account_secret",
    }
}

keyed_enum! {
    /// Whether registration asks for a mobile number (C12).
    pub enum MobileAtRegistration {
        Required = "required",
        RequiredForSms = "required_for_sms",
        Optional = "optional",
    }
}

keyed_enum! {
    /// Which characters the derived form of a name has (C21); the name itself is always the real one.
    pub enum NameCharset {
        RealNames = "real_names",
        AsciiAlnum = "ascii_alnum",
    }
}

keyed_enum! {
    pub enum FieldUse {
        Hidden = "hidden",
        Optional = "optional",
        Required = "required",
    }
}

keyed_enum! {
    /// Who may change a field after the person was added (C19).
    pub enum MutableBy {
        Org = "org",
        Platform = "platform",
        Never = "never",
    }
}

keyed_enum! {
    /// When a new role starts to count (C9); removals always do at once.
    pub enum GrantEffective {
        Immediate = "immediate",
        NextSignIn = "next_sign_in",
    }
}

keyed_enum! {
    /// What a change of somebody's name by an administrator needs (C6).
    pub enum SharedNameEdit {
        Allow = "allow",
        PersonConfirms = "person_confirms",
    }
}

keyed_enum! {
    /// Whether a job title belongs to the person or to the membership (C6).
    pub enum JobTitleScope {
        Shared = "shared",
        Organisation = "organisation",
    }
}

keyed_enum! {
    /// Where people come from (C24).
    pub enum ManagedBy {
        Administrators = "administrators",
        Connector = "connector",
    }
}

keyed_enum! {
    /// What may be known of a person.
    pub enum Field {
        Title = "title",
        FirstName = "first_name",
        LastName = "last_name",
        DisplayName = "display_name",
        Email = "email",
        EmailAlias = "email_alias",
        JobTitle = "job_title",
        Mobile = "mobile",
        Telephone = "telephone",
        Pager = "pager",
        Fax = "fax",
        Unit = "unit",
        Site = "site",
        ClinicalSpeciality = "clinical_speciality",
        ClinicalRole = "clinical_role",
        WorkArea = "work_area",
        /// Whether they are registered with a professional body (V04).
        ClinicianStatus = "clinician_status",
        /// Their number there.
        RegistrationNumber = "registration_number",
        MedicalSecretary = "medical_secretary",
        Notes = "notes",
    }
}

/// How a field of a person is used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FieldRule {
    #[serde(rename = "use")]
    pub usage: FieldUse,
    #[serde(default = "FieldRule::by_org")]
    pub mutable_by: MutableBy,
    /// What the organisation calls the field, when not by our word: services change their minds
    /// about what a clinician status stands for (V05).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// What the field means, in a sentence beside it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
}

impl FieldRule {
    pub const REQUIRED: Self = Self::of(FieldUse::Required);
    pub const OPTIONAL: Self = Self::of(FieldUse::Optional);
    /// A field without a rule.
    pub const HIDDEN: Self = Self::of(FieldUse::Hidden);

    const fn of(usage: FieldUse) -> Self {
        Self {
            usage,
            mutable_by: MutableBy::Org,
            label: None,
            hint: None,
        }
    }

    const fn by_org() -> MutableBy {
        MutableBy::Org
    }
}

/// Which terms a person agrees to. In JSON `"none"`, `"platform"` or the id of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TermsChoice {
    None,
    Platform,
    Document(TermsId),
}

impl Serialize for TermsChoice {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::None => serializer.serialize_str("none"),
            Self::Platform => serializer.serialize_str("platform"),
            Self::Document(id) => id.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for TermsChoice {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match String::deserialize(deserializer)?.as_str() {
            "none" => Ok(Self::None),
            "platform" => Ok(Self::Platform),
            id => id.parse().map(Self::Document).map_err(de::Error::custom),
        }
    }
}

impl Serialize for EmailDomains {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Any => serializer.serialize_str("any"),
            Self::Only(rules) => rules.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for EmailDomains {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Spelling {
            Word(String),
            Rules(Vec<String>),
        }
        match Spelling::deserialize(deserializer)? {
            Spelling::Word(word) if word == "any" => Ok(Self::Any),
            Spelling::Word(_) => Err(de::Error::custom("expected \"any\" or a list of domains")),
            Spelling::Rules(rules) => Ok(Self::Only(rules)),
        }
    }
}

/// The words on status tags (C4).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct StatusLabels {
    pub active: String,
    pub pending: String,
    pub expired: String,
    pub inactive: String,
    pub email_failed: String,
    pub cancelled: String,
}

impl Default for StatusLabels {
    fn default() -> Self {
        Self {
            active: "Active".into(),
            pending: "Pending".into(),
            expired: "Expired".into(),
            inactive: "Inactive".into(),
            email_failed: "Email failed".into(),
            cancelled: "Cancelled".into(),
        }
    }
}

impl StatusLabels {
    pub fn label(&self, status: ShownStatus) -> &str {
        match status {
            ShownStatus::Active => &self.active,
            ShownStatus::Pending => &self.pending,
            ShownStatus::Expired => &self.expired,
            ShownStatus::Inactive => &self.inactive,
            ShownStatus::EmailFailed => &self.email_failed,
            ShownStatus::Cancelled => &self.cancelled,
        }
    }
}

/// What an organisation calls its areas, as in the middle of a sentence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AreaLabel {
    pub one: String,
    pub many: String,
}

impl Default for AreaLabel {
    fn default() -> Self {
        Self {
            one: "area".into(),
            many: "areas".into(),
        }
    }
}
