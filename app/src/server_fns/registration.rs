//! Accepting an invitation: doorways of the journey from the link to the last page. The journey
//! hangs on the cookie `registration` (R29); no form but the first names anything (R21).

use domain::{
    form::NothingElse,
    invitation::InvitationLanding,
    registration::{
        ConfirmCodeView, JoinView, RecoveryCodesView, RegistrationDone, RegistrationTerms,
        RegistrationView,
    },
};
use leptos::prelude::*;
use leptos::server_fn::codec::GetUrl;

use crate::{error::AppError, wire::Wire};

#[cfg(feature = "ssr")]
use {
    super::{Posted, checked, doorway, host_cookie, log, request, services, set_cookie},
    domain::{
        id::InvitationId,
        registration::{CodesMethodForm, RegistrationDetailsForm, RegistrationStep},
        sign_in::CodeForm,
    },
    service::{
        registration::{Begun, Finished, Joining, LIFETIME},
        request::Authentication,
    },
};

/// The cookie of the journey.
#[cfg(feature = "ssr")]
const COOKIE: &str = "registration";

/// The value of the journey's cookie; empty for none.
#[cfg(feature = "ssr")]
fn flow() -> String {
    host_cookie(COOKIE).unwrap_or_default()
}

/// Keeps the journey's cookie for as long as its answers are kept (R29).
#[cfg(feature = "ssr")]
fn keep(flow: &str) {
    set_cookie(COOKIE, flow, u32::try_from(LIFETIME.num_seconds()).ok());
}

/// The invitation that a page's address names.
#[cfg(feature = "ssr")]
fn page(invitation: &str) -> Result<InvitationId, AppError> {
    invitation.parse().map_err(|_| AppError::NotFound)
}

/// The address of a step.
#[cfg(feature = "ssr")]
fn path(invitation: InvitationId, step: &str) -> String {
    format!("/invitations/{invitation}/{step}")
}

/// Where a refused form of the journey goes back to: these pages send no `Referer`.
#[cfg(feature = "ssr")]
async fn posted_at(step: &str) -> Result<Posted, AppError> {
    let page = services()?.registration_page(&flow()).await;
    Ok(Posted::new().on_page(match page {
        Ok(invitation) => path(invitation, step),
        Err(_) => "/invitations/start-again".to_owned(),
    }))
}

/// Ends a step: keeps the cookie and opens the page of the next one.
#[cfg(feature = "ssr")]
async fn go_on(posted: Posted, result: service::Result<RegistrationStep>) -> Result<(), AppError> {
    let Some(step) = checked(posted, result).await? else {
        return Ok(());
    };
    let flow = flow();
    let invitation = services()?.registration_page(&flow).await.map_err(log)?;
    keep(&flow);
    super::redirect(&path(invitation, step.as_str()));
    Ok(())
}

/// Opens the first page of a journey.
#[cfg(feature = "ssr")]
pub(super) fn begin(begun: &Begun) {
    keep(&begun.flow);
    let step = if begun.has_user {
        "join"
    } else {
        RegistrationStep::Details.as_str()
    };
    super::redirect(&path(begun.invitation, step));
}

/// What the link of an invitation leads to. Nothing changes, however often it is read (R18).
///
/// # Errors
/// Not found, for what is no link; slow down, after too many of those.
#[server(prefix = "/fn", endpoint = "registration/read-invitation", input = GetUrl, output = Wire)]
pub async fn read_invitation(token: String) -> Result<InvitationLanding, AppError> {
    let door = doorway()?;
    let landing = door
        .services
        .invitation_landing(&token, &door.authentication, &door.request)
        .await;
    landing.map_err(|error| AppError::from(log(error)))
}

/// Begins to accept.
///
/// # Errors
/// Whatever the invitation's standing says; wrong person; slow down.
#[server(prefix = "/fn", endpoint = "registration/accept")]
pub async fn accept_invitation(
    token: String,
    #[server(flatten)] rest: NothingElse,
) -> Result<(), AppError> {
    let _ = rest;
    let door = doorway()?;
    let posted = Posted::new().on_page(format!("/invitations/{token}"));
    let result = door
        .services
        .accept_invitation(&token, &door.authentication, &door.request)
        .await;
    if let Some(begun) = checked(posted, result).await? {
        begin(&begun);
    }
    Ok(())
}

/// "This is not for me."
///
/// # Errors
/// Whatever the invitation's standing says.
#[server(prefix = "/fn", endpoint = "registration/decline")]
pub async fn decline_invitation(token: String) -> Result<(), AppError> {
    let posted = Posted::new().on_page(format!("/invitations/{token}/not-for-me"));
    let result = services()?.decline_invitation(&token, &request()?).await;
    if checked(posted, result).await?.is_some() {
        super::redirect(&format!("/invitations/{token}"));
    }
    Ok(())
}

/// Asks for a new invitation.
///
/// # Errors
/// Stale, when there is nothing to ask for.
#[server(prefix = "/fn", endpoint = "registration/ask-for-a-new-one")]
pub async fn ask_for_new_invitation(token: String) -> Result<(), AppError> {
    let posted = Posted::new().on_page(format!("/invitations/{token}"));
    let result = services()?
        .ask_for_new_invitation(&token, &request()?)
        .await;
    if checked(posted, result).await?.is_some() {
        super::redirect(&format!("/invitations/{token}/ask-for-a-new-one"));
    }
    Ok(())
}

/// Signs out, to come back to a page of the invitation as nobody.
///
/// # Errors
/// When the database is away.
#[server(prefix = "/fn", endpoint = "registration/sign-out")]
pub async fn sign_out_for_invitation(invitation: String) -> Result<(), AppError> {
    let door = doorway()?;
    let done = door.services.sign_out(&door.authentication).await;
    done.map_err(|error| AppError::from(log(error)))?;
    set_cookie("session", "", Some(0));
    super::redirect(&format!("/invitations/{invitation}"));
    Ok(())
}

/// What the pages of the journey show.
///
/// # Errors
/// Expired (`registration`); whatever the invitation's standing says.
#[server(prefix = "/fn", endpoint = "registration/read", input = GetUrl, output = Wire)]
pub async fn read_registration(invitation: String) -> Result<RegistrationView, AppError> {
    let view = services()?.registration(&flow(), page(&invitation)?).await;
    view.map_err(|error| AppError::from(log(error)))
}

/// The person's own details (B13). The email address is the invitation's (B14).
///
/// # Errors
/// What is wrong with them.
#[server(prefix = "/fn", endpoint = "registration/details")]
pub async fn give_details(
    first_name: String,
    last_name: String,
    #[server(default)] mobile: String,
    password: String,
    #[server(flatten)] rest: NothingElse,
) -> Result<(), AppError> {
    let _ = rest;
    let posted = posted_at(RegistrationStep::Details.as_str())
        .await?
        .with("first_name", &first_name)
        .with("last_name", &last_name)
        .with("mobile", &mobile);
    let form = RegistrationDetailsForm {
        first_name,
        last_name,
        mobile,
        password,
    };
    let result = services()?.give_registration_details(&flow(), form).await;
    go_on(posted, result).await
}

/// How codes come (B15).
///
/// # Errors
/// What is wrong with the choice; slow down.
#[server(prefix = "/fn", endpoint = "registration/codes-method")]
pub async fn choose_codes_method(
    #[server(default)] codes_method: String,
    #[server(default)] mobile: String,
    #[server(flatten)] rest: NothingElse,
) -> Result<(), AppError> {
    let _ = rest;
    let posted = posted_at(RegistrationStep::CodesMethod.as_str())
        .await?
        .with("codes_method", &codes_method)
        .with("mobile", &mobile);
    let form = CodesMethodForm {
        codes_method,
        mobile,
    };
    let result = services()?.choose_codes_method(&flow(), &form).await;
    go_on(posted, result).await
}

/// What the page of the first code shows.
///
/// # Errors
/// As [`read_registration`].
#[server(prefix = "/fn", endpoint = "registration/read-code", input = GetUrl, output = Wire)]
pub async fn read_confirm_code(invitation: String) -> Result<ConfirmCodeView, AppError> {
    let view = services()?
        .confirm_code_page(&flow(), page(&invitation)?)
        .await;
    view.map_err(|error| AppError::from(log(error)))
}

/// The first code (R51).
///
/// # Errors
/// `code.wrong`, `code.expired`, `code.used_up`; slow down.
#[server(prefix = "/fn", endpoint = "registration/confirm-code")]
pub async fn confirm_code(code: String) -> Result<(), AppError> {
    let posted = posted_at(RegistrationStep::ConfirmCode.as_str()).await?;
    let form = CodeForm { code };
    let result = services()?.confirm_registration_code(&flow(), &form).await;
    go_on(posted, result).await
}

/// Sends a new code.
///
/// # Errors
/// Too soon; slow down.
#[server(prefix = "/fn", endpoint = "registration/send-code")]
pub async fn send_registration_code() -> Result<(), AppError> {
    let posted = posted_at("code-not-received").await?;
    let result = services()?.send_registration_code(&flow()).await;
    let result = result.map(|()| RegistrationStep::ConfirmCode);
    if result.is_ok() {
        super::leave_notice("code.sent", Vec::new());
    }
    go_on(posted, result).await
}

/// The recovery codes, as long as they are shown (R45).
///
/// # Errors
/// As [`read_registration`].
#[server(prefix = "/fn", endpoint = "registration/read-recovery-codes", input = GetUrl, output = Wire)]
pub async fn read_recovery_codes(invitation: String) -> Result<RecoveryCodesView, AppError> {
    let view = services()?
        .recovery_codes_page(&flow(), page(&invitation)?)
        .await;
    view.map_err(|error| AppError::from(log(error)))
}

/// The recovery codes were kept.
///
/// # Errors
/// Step missing.
#[server(prefix = "/fn", endpoint = "registration/keep-recovery-codes")]
pub async fn keep_recovery_codes() -> Result<(), AppError> {
    let posted = posted_at(RegistrationStep::RecoveryCodes.as_str()).await?;
    let result = services()?.keep_recovery_codes(&flow()).await;
    go_on(posted, result).await
}

/// The terms to agree to.
///
/// # Errors
/// As [`read_registration`]; sign in, for somebody who joins.
#[server(prefix = "/fn", endpoint = "registration/read-terms", input = GetUrl, output = Wire)]
pub async fn read_registration_terms(invitation: String) -> Result<RegistrationTerms, AppError> {
    let door = doorway()?;
    let view = door
        .services
        .registration_terms(&flow(), page(&invitation)?, &door.authentication)
        .await;
    view.map_err(|error| AppError::from(log(error)))
}

/// Agrees to the terms of this version, and finishes (B16).
///
/// # Errors
/// Step missing; already used; stale; whatever the invitation's standing says.
#[server(prefix = "/fn", endpoint = "registration/finish")]
pub async fn finish_registration(
    #[server(default)] version: String,
    #[server(flatten)] rest: NothingElse,
) -> Result<(), AppError> {
    let _ = rest;
    let posted = posted_at(RegistrationStep::Terms.as_str()).await?;
    let door = doorway()?;
    let result = door
        .services
        .finish_registration(&flow(), &version, &door.authentication, &door.request)
        .await;
    if let Some(finished) = checked(posted, result).await? {
        arrive(&finished);
    }
    Ok(())
}

/// The page after the end: the last one of the journey, or the organisation for who is signed in.
#[cfg(feature = "ssr")]
fn arrive(finished: &Finished) {
    if finished.joined {
        set_cookie(COOKIE, "", Some(0));
        super::leave_notice(
            "organisation.joined",
            vec![finished.organisation_name.clone()],
        );
        super::redirect(&format!("/o/{}", finished.organisation_slug));
    } else {
        super::redirect(&path(finished.invitation, RegistrationStep::Done.as_str()));
    }
}

/// The end of the journey.
///
/// # Errors
/// Step missing; expired (`registration`).
#[server(prefix = "/fn", endpoint = "registration/read-done", input = GetUrl, output = Wire)]
pub async fn read_registration_done(invitation: String) -> Result<RegistrationDone, AppError> {
    let view = services()?
        .registration_done(&flow(), page(&invitation)?)
        .await;
    view.map_err(|error| AppError::from(log(error)))
}

/// The page on which the owner of an account joins; nothing while somebody else is signed in.
///
/// # Errors
/// Sign in; as [`read_registration`].
#[server(prefix = "/fn", endpoint = "registration/read-join", input = GetUrl, output = Wire)]
pub async fn read_join(invitation: String) -> Result<JoinView, AppError> {
    let door = doorway()?;
    let view = door
        .services
        .joining(&flow(), page(&invitation)?, &door.authentication)
        .await;
    view.map_err(|error| AppError::from(log(error)))
}

/// "Join."
///
/// # Errors
/// As [`finish_registration`].
#[server(prefix = "/fn", endpoint = "registration/join")]
pub async fn join_organisation() -> Result<(), AppError> {
    let posted = posted_at("join").await?;
    let door = doorway()?;
    let result = door
        .services
        .join(&flow(), &door.authentication, &door.request)
        .await;
    match checked(posted, result).await? {
        Some(Joining::Terms(invitation)) => super::redirect(&path(invitation, "terms")),
        Some(Joining::Joined(finished)) => arrive(&finished),
        None => {}
    }
    Ok(())
}

/// "Decline", instead of joining.
///
/// # Errors
/// As [`join_organisation`].
#[server(prefix = "/fn", endpoint = "registration/decline-joining")]
pub async fn decline_joining() -> Result<(), AppError> {
    let posted = posted_at("join").await?;
    let door = doorway()?;
    let result = door
        .services
        .decline_joining(&flow(), &door.authentication, &door.request)
        .await;
    if checked(posted, result).await?.is_some() {
        set_cookie(COOKIE, "", Some(0));
        let start = match &door.authentication {
            Authentication::Complete(actor) => services()?.start(actor).await.map_err(log)?,
            _ => "/".to_owned(),
        };
        super::leave_notice("invitation.declined", Vec::new());
        super::redirect(&start);
    }
    Ok(())
}
