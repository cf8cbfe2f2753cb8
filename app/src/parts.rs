//! The parts that the program in the browser is split into. Each part is loaded when one of its
//! pages is opened, so that nobody waits for the pages of other people.
//!
//! Whoever is invited needs registration and the entrance; an administrator has the rest fetched while
//! they read their first page. On the server there is one program, and nothing is loaded.
//!
//! Only [`AnyPage::view`] and the browser's half name the views: whatever else did would put them
//! into the part that everybody loads.

use leptos::prelude::*;

use crate::pages::{
    account::{
        AccountPage, ChooseOrganisationPage, ConfirmPasswordPage, DevicesPage, EmailCodesPage,
        LeavePage, MobileCodePage, NewTermsPage, OwnAccessPage, OwnActivityPage, OwnAppPage,
        OwnEmailPage, OwnMobilePage, OwnNamePage, OwnPasswordPage, OwnRecoveryCodesPage,
        OwnSecurityPage, StepUpCodePage,
    },
    activity::ActivityListPage,
    bulk::BulkPage,
    forgot_password::{CheckYourEmailPage, ForgotPasswordPage, ResetPasswordPage},
    home::HomePage,
    information::InformationPage,
    invitations::{
        AddUsersPage, CorrectEmailPage, InviteAreasPage, InviteCheckPage, InviteEmailsPage,
        InviteMessagePage, InviteProblemsPage, InviteRolePage, JobPage, JobsPage,
        SentInvitationPage,
    },
    memberships::{
        AddRolePage, ChangeDetailsPage, ChangeRolePage, CheckDetailsPage, CheckRolePage,
        DeactivatePage, DeactivatedPage, MemberSecurityPage, ReactivatePage, ReactivatedPage,
        RemoveRolePage, SecurityActionPage,
    },
    one_person::{
        AddAddressPage, AddAreasPage, AddCheckPage, AddDatesPage, AddDetailsPage, AddEmailPage,
        AddRolePage as AddPersonsRolePage, AddedPage, ExistingPersonPage,
    },
    registration::{
        AskedForNewOnePage, ChooseCodesMethodPage, CodeNotSentPage, ConfirmCodePage,
        InvitationPage, JoinPage, NotForMePage, RecoveryCodesPage, RegistrationDonePage,
        StartAgainPage, TermsPage, YourDetailsPage,
    },
    role::RolePage,
    roles::RolesPage,
    set_up::SetUpPage,
    sign_in::{
        CheckYourCodePage, ChooseMethodPage, CodeNotReceivedPage, NoOrganisationPage,
        SetUpCodesPage, SignInPage, SignedOutPage, TimedOutPage, UseRecoveryCodePage,
    },
    start::StartPage,
    user::PersonPage,
    users::{Selecting, UsersListPage},
};

/// A page, by the part that has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AnyPage {
    /// What people see who are not signed in, and what belongs to nobody's organisation.
    Entrance(Entrance),
    /// From the link of an invitation to the end.
    Registration(Registration),
    /// The users list.
    Users(Users),
    /// An organisation, a person and the roles.
    Organisation(Organisation),
    /// Adding one person.
    Adding(Adding),
    /// Inviting people.
    Inviting(Inviting),
    /// Changing what a person is and has.
    Members(Members),
    /// Changing many, and bulk work.
    Many(Many),
}

impl AnyPage {
    /// The name of the part, as the build has it.
    pub const fn part(self) -> &'static str {
        match self {
            Self::Entrance(_) => "entrance",
            Self::Registration(_) => "registration",
            Self::Users(_) => "users",
            Self::Organisation(_) => "organisation",
            Self::Adding(_) => "adding",
            Self::Inviting(_) => "inviting",
            Self::Members(_) => "members",
            Self::Many(_) => "many",
        }
    }

    /// The page. For the server, which has all parts.
    pub fn view(self) -> AnyView {
        match self {
            Self::Entrance(page) => page.view(),
            Self::Registration(page) => page.view(),
            Self::Users(page) => page.view(),
            Self::Organisation(page) => page.view(),
            Self::Adding(page) => page.view(),
            Self::Inviting(page) => page.view(),
            Self::Members(page) => page.view(),
            Self::Many(page) => page.view(),
        }
    }
}

/// Pages of the entrance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "named as their views")]
pub enum Entrance {
    Account,
    CheckYourCode,
    CheckYourEmail,
    ChooseMethod,
    ChooseOrganisation,
    CodeNotReceived,
    ConfirmPassword,
    StepUpCode,
    Devices,
    EmailCodes,
    ForgotPassword,
    Information(&'static str),
    MobileCode,
    NewTerms,
    NoOrganisation,
    OwnApp,
    OwnEmail,
    OwnMobile,
    OwnName,
    OwnPassword,
    OwnRecoveryCodes,
    OwnSecurity,
    OwnAccess,
    OwnActivity,
    Leave,
    ResetPassword,
    SetUpCodes,
    SignIn,
    SignedOut,
    Start,
    TimedOut,
    UseRecoveryCode,
}

impl Entrance {
    /// The page.
    pub fn view(self) -> AnyView {
        match self {
            Self::Account => view! { <AccountPage/> }.into_any(),
            Self::CheckYourCode => view! { <CheckYourCodePage/> }.into_any(),
            Self::CheckYourEmail => view! { <CheckYourEmailPage/> }.into_any(),
            Self::ChooseMethod => view! { <ChooseMethodPage/> }.into_any(),
            Self::ChooseOrganisation => view! { <ChooseOrganisationPage/> }.into_any(),
            Self::CodeNotReceived => view! { <CodeNotReceivedPage/> }.into_any(),
            Self::StepUpCode => view! { <StepUpCodePage/> }.into_any(),
            Self::ConfirmPassword => view! { <ConfirmPasswordPage/> }.into_any(),
            Self::EmailCodes => view! { <EmailCodesPage/> }.into_any(),
            Self::OwnEmail => view! { <OwnEmailPage/> }.into_any(),
            Self::Devices => view! { <DevicesPage/> }.into_any(),
            Self::ForgotPassword => view! { <ForgotPasswordPage/> }.into_any(),
            Self::Information(name) => view! { <InformationPage name/> }.into_any(),
            Self::NewTerms => view! { <NewTermsPage/> }.into_any(),
            Self::NoOrganisation => view! { <NoOrganisationPage/> }.into_any(),
            Self::MobileCode => view! { <MobileCodePage/> }.into_any(),
            Self::OwnApp => view! { <OwnAppPage/> }.into_any(),
            Self::OwnRecoveryCodes => view! { <OwnRecoveryCodesPage/> }.into_any(),
            Self::OwnSecurity => view! { <OwnSecurityPage/> }.into_any(),
            Self::OwnAccess => view! { <OwnAccessPage/> }.into_any(),
            Self::OwnActivity => view! { <OwnActivityPage/> }.into_any(),
            Self::Leave => view! { <LeavePage/> }.into_any(),
            Self::OwnMobile => view! { <OwnMobilePage/> }.into_any(),
            Self::OwnName => view! { <OwnNamePage/> }.into_any(),
            Self::OwnPassword => view! { <OwnPasswordPage/> }.into_any(),
            Self::ResetPassword => view! { <ResetPasswordPage/> }.into_any(),
            Self::SetUpCodes => view! { <SetUpCodesPage/> }.into_any(),
            Self::SignIn => view! { <SignInPage/> }.into_any(),
            Self::SignedOut => view! { <SignedOutPage/> }.into_any(),
            Self::Start => view! { <StartPage/> }.into_any(),
            Self::TimedOut => view! { <TimedOutPage/> }.into_any(),
            Self::UseRecoveryCode => view! { <UseRecoveryCodePage/> }.into_any(),
        }
    }
}

/// Pages of accepting an invitation, and of setting up the first organisation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "named as their views")]
pub enum Registration {
    AskedForNewOne,
    ChooseCodesMethod,
    CodeNotSent,
    ConfirmCode,
    Invitation,
    Join,
    NotForMe,
    RecoveryCodes,
    RegistrationDone,
    SetUp,
    StartAgain,
    Terms,
    YourDetails,
}

impl Registration {
    /// The page.
    pub fn view(self) -> AnyView {
        match self {
            Self::AskedForNewOne => view! { <AskedForNewOnePage/> }.into_any(),
            Self::ChooseCodesMethod => view! { <ChooseCodesMethodPage/> }.into_any(),
            Self::CodeNotSent => view! { <CodeNotSentPage/> }.into_any(),
            Self::ConfirmCode => view! { <ConfirmCodePage/> }.into_any(),
            Self::Invitation => view! { <InvitationPage/> }.into_any(),
            Self::Join => view! { <JoinPage/> }.into_any(),
            Self::NotForMe => view! { <NotForMePage/> }.into_any(),
            Self::RecoveryCodes => view! { <RecoveryCodesPage/> }.into_any(),
            Self::RegistrationDone => view! { <RegistrationDonePage/> }.into_any(),
            Self::SetUp => view! { <SetUpPage/> }.into_any(),
            Self::StartAgain => view! { <StartAgainPage/> }.into_any(),
            Self::Terms => view! { <TermsPage/> }.into_any(),
            Self::YourDetails => view! { <YourDetailsPage/> }.into_any(),
        }
    }
}

/// The list, which is open most of the time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "named as their views")]
pub enum Users {
    List,
}

impl Users {
    /// The page.
    pub fn view(self) -> AnyView {
        match self {
            Self::List => view! { <UsersListPage/> }.into_any(),
        }
    }
}

/// Pages about an organisation, its people and its roles.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "named as their views")]
pub enum Organisation {
    Activity,
    Home,
    Person,
    Role,
    Roles,
}

impl Organisation {
    /// The page.
    pub fn view(self) -> AnyView {
        match self {
            Self::Activity => view! { <ActivityListPage/> }.into_any(),
            Self::Home => view! { <HomePage/> }.into_any(),
            Self::Person => view! { <PersonPage/> }.into_any(),
            Self::Role => view! { <RolePage/> }.into_any(),
            Self::Roles => view! { <RolesPage/> }.into_any(),
        }
    }
}

/// Pages of inviting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "named as their views")]
pub enum Inviting {
    AddUsers,
    Areas,
    Check,
    Emails,
    Message,
    Problems,
    Role,
    Sent,
}

impl Inviting {
    /// The page.
    pub fn view(self) -> AnyView {
        match self {
            Self::AddUsers => view! { <AddUsersPage/> }.into_any(),
            Self::Areas => view! { <InviteAreasPage/> }.into_any(),
            Self::Check => view! { <InviteCheckPage/> }.into_any(),
            Self::Emails => view! { <InviteEmailsPage/> }.into_any(),
            Self::Message => view! { <InviteMessagePage/> }.into_any(),
            Self::Problems => view! { <InviteProblemsPage/> }.into_any(),
            Self::Role => view! { <InviteRolePage/> }.into_any(),
            Self::Sent => view! { <SentInvitationPage/> }.into_any(),
        }
    }
}

/// Pages of adding one person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "named as their views")]
pub enum Adding {
    Address,
    Areas,
    Check,
    CorrectEmail,
    Dates,
    Details,
    Done,
    Email,
    Existing,
    Role,
}

impl Adding {
    /// The page.
    pub fn view(self) -> AnyView {
        match self {
            Self::Address => view! { <AddAddressPage/> }.into_any(),
            Self::Areas => view! { <AddAreasPage/> }.into_any(),
            Self::Check => view! { <AddCheckPage/> }.into_any(),
            Self::CorrectEmail => view! { <CorrectEmailPage/> }.into_any(),
            Self::Dates => view! { <AddDatesPage/> }.into_any(),
            Self::Details => view! { <AddDetailsPage/> }.into_any(),
            Self::Done => view! { <AddedPage/> }.into_any(),
            Self::Email => view! { <AddEmailPage/> }.into_any(),
            Self::Existing => view! { <ExistingPersonPage/> }.into_any(),
            Self::Role => view! { <AddPersonsRolePage/> }.into_any(),
        }
    }
}

/// Pages of changing what a person is and has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "named as their views")]
pub enum Members {
    AddRole,
    ChangeDetails,
    ChangeRole,
    CheckDetails,
    CheckRole,
    Deactivate,
    Deactivated,
    Reactivate,
    Reactivated,
    RemoveRole,
    SecurityAction,
    Security,
}

impl Members {
    /// The page.
    pub fn view(self) -> AnyView {
        match self {
            Self::AddRole => view! { <AddRolePage/> }.into_any(),
            Self::ChangeDetails => view! { <ChangeDetailsPage/> }.into_any(),
            Self::ChangeRole => view! { <ChangeRolePage/> }.into_any(),
            Self::CheckDetails => view! { <CheckDetailsPage/> }.into_any(),
            Self::CheckRole => view! { <CheckRolePage/> }.into_any(),
            Self::Deactivate => view! { <DeactivatePage/> }.into_any(),
            Self::Deactivated => view! { <DeactivatedPage/> }.into_any(),
            Self::Reactivate => view! { <ReactivatePage/> }.into_any(),
            Self::Reactivated => view! { <ReactivatedPage/> }.into_any(),
            Self::RemoveRole => view! { <RemoveRolePage/> }.into_any(),
            Self::SecurityAction => view! { <SecurityActionPage/> }.into_any(),
            Self::Security => view! { <MemberSecurityPage/> }.into_any(),
        }
    }
}

/// Pages of changing many people at once, and of bulk work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "named as their views")]
pub enum Many {
    Bulk,
    Job,
    Jobs,
    /// No page: what a browser adds to the users list for selecting several people.
    Selecting,
}

impl Many {
    /// The page.
    pub fn view(self) -> AnyView {
        match self {
            Self::Bulk => view! { <BulkPage/> }.into_any(),
            Self::Job => view! { <JobPage/> }.into_any(),
            Self::Jobs => view! { <JobsPage/> }.into_any(),
            Self::Selecting => view! { <Selecting/> }.into_any(),
        }
    }
}
