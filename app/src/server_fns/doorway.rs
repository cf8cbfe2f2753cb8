//! What every doorway uses: the request, its cookies, redirects, and refused forms.

use std::collections::BTreeMap;

use domain::{id::DraftId, listing::encode_query, sign_in::LostAccess};
use http::{HeaderName, HeaderValue, StatusCode, header, request::Parts};
use leptos::prelude::*;
use leptos_axum::ResponseOptions;
use service::{
    Actor, RequestInfo, Services,
    request::{Authentication, SecondStep},
    sign_in::{Cookies, Next, SignedIn},
};

use crate::error::AppError;

/// What the web server knows about a request before a page or server function runs. It comes
/// with the request's extensions.
#[derive(Clone)]
pub struct Doorway {
    /// The use cases.
    pub services: Services,
    /// Who is there, decided for this request.
    pub authentication: Authentication,
    /// Facts of the request.
    pub request: RequestInfo,
    /// The nonce of this response's content security policy.
    pub nonce: String,
    /// File names of this build.
    pub assets: std::sync::Arc<Assets>,
}

/// File names with content hashes, as the build wrote them.
#[derive(Clone, Debug, Default)]
pub struct Assets {
    /// Style sheet.
    pub css: String,
    /// Glue that loads the wasm module.
    pub js: String,
    /// The wasm module.
    pub wasm: String,
    /// The modules that the pages of each part need besides, by the part's name.
    pub parts: BTreeMap<String, Vec<String>>,
    /// The script that focuses an error summary or banner at load.
    pub focus: String,
}

fn parts() -> Result<Parts, AppError> {
    use_context::<Parts>().ok_or(AppError::Unavailable)
}

/// What the web server found out about this request.
pub fn doorway() -> Result<Doorway, AppError> {
    parts()?
        .extensions
        .get::<Doorway>()
        .cloned()
        .ok_or(AppError::Unavailable)
}

/// The use cases.
pub fn services() -> Result<Services, AppError> {
    Ok(doorway()?.services)
}

/// Facts of the request.
pub fn request() -> Result<RequestInfo, AppError> {
    Ok(doorway()?.request)
}

/// The person who is signed in completely.
pub fn actor() -> Result<Actor, AppError> {
    match doorway()?.authentication {
        Authentication::Complete(actor) => Ok(actor),
        Authentication::SecondStep(_) => Err(AppError::SecondFactorRequired),
        Authentication::Anonymous => Err(AppError::SignInRequired),
    }
}

/// Somebody whose password was right and whose second step is missing.
pub fn second_step() -> Result<SecondStep, AppError> {
    match doorway()?.authentication {
        Authentication::SecondStep(step) => Ok(step),
        _ => Err(AppError::SignInRequired),
    }
}

/// The value of a cookie of this request.
pub fn cookie(name: &str) -> Option<String> {
    let parts = parts().ok()?;
    parts
        .headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(key, _)| *key == name)
        .map(|(_, value)| value.to_owned())
}

/// Sets a cookie that only the server reads (R54). `max_age` in seconds; `None` ends with the
/// browser, 0 removes it. The name gets the `__Host-` prefix.
pub fn set_cookie(name: &str, value: &str, max_age: Option<u32>) {
    let age = max_age.map_or_else(String::new, |seconds| format!("; Max-Age={seconds}"));
    let text = format!("__Host-{name}={value}; Path=/; Secure; HttpOnly; SameSite=Lax{age}");
    if let (Some(response), Ok(value)) = (
        use_context::<ResponseOptions>(),
        HeaderValue::from_str(&text),
    ) {
        response.append_header(header::SET_COOKIE, value);
    }
}

/// The value of a cookie set by [`set_cookie`].
pub fn host_cookie(name: &str) -> Option<String> {
    cookie(&format!("__Host-{name}"))
}

/// Leaves a message of the catalogue for the next page, shown once.
pub fn leave_notice(code: &str, params: Vec<String>) {
    keep_notice(&domain::frame::Notice {
        code: code.to_owned(),
        params,
        ..domain::frame::Notice::default()
    });
}

/// What was done to somebody, with the way to take it back; nothing where nothing was changed.
pub fn leave_undo(code: &str, changed: domain::membership::Changed) {
    let Some(change) = changed.change else {
        return;
    };
    keep_notice(&domain::frame::Notice {
        code: code.to_owned(),
        params: vec![changed.name],
        undo: change.to_string(),
        back: changed.back,
    });
}

fn keep_notice(notice: &domain::frame::Notice) {
    set_cookie("notice", &service::frame::encode_notice(notice), Some(120));
}

/// The message left for this page; it is gone once it was read.
pub fn take_notice() -> Option<domain::frame::Notice> {
    let text = host_cookie("notice")?;
    set_cookie("notice", "", Some(0));
    service::frame::decode_notice(&text)
}

/// Sets a header of the response.
pub fn set_header(name: HeaderName, value: &'static str) {
    if let Some(response) = use_context::<ResponseOptions>() {
        response.insert_header(name, HeaderValue::from_static(value));
    }
}

/// Sets the status of the response.
pub fn set_status(code: u16) {
    if let (Some(response), Ok(status)) =
        (use_context::<ResponseOptions>(), StatusCode::from_u16(code))
    {
        response.set_status(status);
    }
}

/// Sends the client to a path of this origin; anything else becomes the start page (R89).
pub fn redirect(path: &str) {
    leptos_axum::redirect(&local(path));
    if accepts_html() {
        // After a POST the browser must GET the next page.
        set_status(303);
    }
}

/// `path` when it is a path of this origin, else `/`.
pub fn local(path: &str) -> String {
    let fine = path.starts_with('/')
        && !path.starts_with("//")
        && !path.contains(['\\', '\r', '\n'])
        && !path.contains("/../")
        && path.is_ascii();
    if fine {
        path.to_owned()
    } else {
        "/".to_owned()
    }
}

/// Whether the answer goes to a page that posts without wasm.
pub fn accepts_html() -> bool {
    parts().is_ok_and(|parts| {
        parts
            .headers
            .get(header::ACCEPT)
            .and_then(|value| value.to_str().ok())
            .is_some_and(|value| value.contains("text/html"))
    })
}

/// The cookies that signing in looks at.
pub struct SignInCookies {
    session: Option<String>,
    device: Option<String>,
}

/// The cookies that signing in looks at.
pub fn cookies() -> SignInCookies {
    SignInCookies {
        session: host_cookie("session"),
        device: host_cookie("device"),
    }
}

impl SignInCookies {
    /// As the use cases take them.
    pub fn given(&self) -> Cookies<'_> {
        Cookies {
            session: self.session.as_deref(),
            device: self.device.as_deref(),
        }
    }
}

/// Ends a step of signing in: sets its cookies and opens what comes next. Whoever guesses too
/// fast sees a page that says when to try again.
pub async fn go_on(posted: Posted, result: service::Result<SignedIn>) -> Result<(), AppError> {
    if let Err(service::Error::SlowDown {
        retry_after_seconds,
    }) = result
    {
        return Err(AppError::SlowDown {
            retry_after_seconds,
        });
    }
    let Some(signed_in) = checked(posted, result).await? else {
        return Ok(());
    };
    if let Some(session) = &signed_in.session {
        set_cookie("session", session.expose(), None);
    }
    if let Some(device) = &signed_in.device {
        set_cookie("device", device.expose(), Some(DEVICE_SECONDS));
    }
    if let Next::NoOrganisation(lost) = &signed_in.next {
        keep_lost_access(lost);
    }
    redirect(next_page(&signed_in));
    Ok(())
}

/// The page after a step of signing in.
pub fn next_page(signed_in: &SignedIn) -> &str {
    match &signed_in.next {
        Next::Code => "/sign-in/check-your-code",
        Next::RecoveryCode => "/sign-in/use-recovery-code",
        Next::SetUpCodes => "/sign-in/set-up-codes",
        Next::NoOrganisation(_) => "/sign-in/no-organisation",
        Next::Open(path) => path,
    }
}

/// Tells the page of those who belong nowhere any more what to say: nobody is signed in there.
fn keep_lost_access(lost: &[LostAccess]) {
    set_cookie(
        "lost-access",
        &service::lost_access::encode(lost),
        Some(120),
    );
}

/// What was kept for the page of those who belong nowhere any more.
pub fn lost_access() -> Vec<LostAccess> {
    let kept = host_cookie("lost-access").unwrap_or_default();
    service::lost_access::decode(&kept)
}

/// Keeps the cookies of a session that goes on under another name.
pub fn keep_renewed(renewed: &service::account::Renewed) {
    set_cookie("session", renewed.session.expose(), None);
    if let Some(device) = &renewed.device {
        set_cookie("device", device.expose(), Some(DEVICE_SECONDS));
    }
}

/// A known device is remembered for 90 days.
const DEVICE_SECONDS: u32 = 90 * 24 * 60 * 60;

/// Ends every cookie of this service, and has the browser drop what it keeps (R57).
pub fn forget_browser() {
    for name in [
        "session",
        "registration",
        "visitor",
        "notice",
        "mobile",
        "email",
        "app",
        "codes",
        "set-up",
        "lost-access",
    ] {
        set_cookie(name, "", Some(0));
    }
    set_header(
        HeaderName::from_static("clear-site-data"),
        "\"cache\", \"cookies\", \"storage\"",
    );
}

/// A path to come back to after signing in: a page of this origin (R89), never a door or the
/// way out. Empty for anything else.
pub fn return_path(path: &str) -> String {
    const NEVER: [&str; 4] = ["/fn/", "/sign-", "/timed-out", "/dev/"];
    let fine = path.len() <= 1_000
        && local(path) == path
        && path != "/"
        && !NEVER.iter().any(|start| path.starts_with(start));
    if fine { path.to_owned() } else { String::new() }
}

/// The owner of form drafts and other anonymous state: a cookie, made when first needed.
pub fn visitor() -> Result<String, AppError> {
    if let Some(visitor) = host_cookie("visitor") {
        return Ok(visitor);
    }
    let visitor = services()?.new_visitor();
    set_cookie("visitor", &visitor, None);
    Ok(visitor)
}

/// The values of a form as it was posted, to be shown again when it is refused. Secrets
/// (passwords, codes) are never put in.
#[derive(Clone, Debug, Default)]
pub struct Posted {
    values: BTreeMap<String, Vec<String>>,
    page: Option<String>,
}

impl Posted {
    /// A form without values worth keeping.
    pub fn new() -> Self {
        Self::default()
    }

    /// Keeps a single value.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.values.insert(name.to_owned(), vec![value.to_owned()]);
        self
    }

    /// Keeps the values of a group of check boxes.
    #[must_use]
    pub fn with_all(mut self, name: &str, values: &[String]) -> Self {
        self.values.insert(name.to_owned(), values.to_vec());
        self
    }

    /// Keeps one more value, for a field that may have several.
    #[must_use]
    pub fn and(mut self, name: &str, value: &str) -> Self {
        let values = self.values.entry(name.to_owned()).or_default();
        values.push(value.to_owned());
        self
    }

    /// Names the page that holds the form, for pages that send no `Referer`.
    #[must_use]
    pub fn on_page(mut self, path: String) -> Self {
        self.page = Some(path);
        self
    }
}

/// Ends a mutation. Success passes on what the use case returned. A refusal goes back as it
/// is to a client with wasm; for everyone else it is kept as a form draft, and the page is
/// opened again from it: then this returns `None`, and nothing more is to be done.
pub async fn checked<T>(posted: Posted, result: service::Result<T>) -> Result<Option<T>, AppError> {
    let error = match result {
        Ok(value) => return Ok(Some(value)),
        Err(error) => AppError::from(log(error)),
    };
    refuse(posted, error).await.map(|()| None)
}

/// Gives a fault its incident id and writes it to the log, once.
pub fn log(error: service::Error) -> service::Error {
    match services() {
        Ok(services) => services.log(error),
        Err(_) => error,
    }
}

/// Opens the page that `posted` names with what was typed, which nothing was wrong with: a page of
/// answers before they count.
pub async fn show_kept(posted: Posted) -> Result<(), AppError> {
    let page = posted.page.clone().unwrap_or_else(referring_page);
    let visitor = visitor()?;
    let state = serde_json::json!({ "values": posted.values, "error": null });
    let draft = services()?.keep_form_draft(&visitor, state).await;
    redirect(&with_draft(
        &page,
        draft.map_err(|error| AppError::from(log(error)))?,
    ));
    Ok(())
}

/// As [`checked`], for a refusal that is known already.
pub async fn refuse(posted: Posted, error: AppError) -> Result<(), AppError> {
    if error == AppError::SignInRequired {
        lead_to_sign_in(&posted).await?;
    }
    let first = match error {
        AppError::StepUpRequired => "/account/confirm",
        AppError::TermsDue => "/account/terms",
        _ => "",
    };
    if !first.is_empty() {
        // That page first, then this one again, with what was typed.
        let mut page = posted.page.clone().unwrap_or_else(referring_page);
        if !posted.values.is_empty() {
            let state = serde_json::json!({ "values": posted.values, "error": null });
            let draft = services()?.keep_form_draft(&visitor()?, state).await;
            page = with_draft(&page, draft.map_err(|error| AppError::from(log(error)))?);
        }
        let back = ("return-to", return_path(&page));
        redirect(&[first, &encode_query(&[back])].concat());
        return Ok(());
    }
    if !accepts_html() {
        set_status(error.status());
        return Err(error);
    }
    if error == AppError::SignInRequired {
        return Ok(());
    }
    let page = posted.page.clone().unwrap_or_else(referring_page);
    let visitor = visitor()?;
    let state = serde_json::json!({ "values": posted.values, "error": error });
    match services()?.keep_form_draft(&visitor, state).await {
        Ok(draft) => {
            redirect(&with_draft(&page, draft));
            Ok(())
        }
        Err(error) => Err(AppError::from(log(error))),
    }
}

/// Leads somebody whose session is over to sign in, and back to the page with what they typed in it (ux
/// 6.24). Nothing is kept for whoever was never signed in, or is signed out: they come back to the page
/// alone, and a page with wasm stays as it is.
pub async fn lead_to_sign_in(posted: &Posted) -> Result<(), AppError> {
    let page = posted.page.clone().unwrap_or_else(referring_page);
    let state = serde_json::json!({ "values": posted.values });
    let session = host_cookie("session");
    let services = services()?;
    let kept = services.keep_timed_out_form(session.as_deref(), state);
    let kept = kept.await.map_err(|error| AppError::from(log(error)))?;
    let back = |path: String| ("return-to", return_path(&path));
    let way = match kept {
        Some(kept) => {
            let minutes = ("minutes", kept.idle_minutes.to_string());
            let back = back(with_draft(&page, kept.draft));
            ["/timed-out", &encode_query(&[back, minutes])].concat()
        }
        None if accepts_html() => ["/sign-in", &encode_query(&[back(page)])].concat(),
        None => return Ok(()),
    };
    redirect(&way);
    Ok(())
}

/// The address of a page, with the form that is kept for it.
fn with_draft(page: &str, draft: DraftId) -> String {
    let (path, query) = page.split_once('?').unwrap_or((page, ""));
    let mut pairs: Vec<&str> = query
        .split('&')
        .filter(|pair| !pair.is_empty() && !pair.starts_with("draft="))
        .collect();
    let draft = format!("draft={draft}");
    pairs.push(&draft);
    format!("{path}?{}", pairs.join("&"))
}

/// The path and query of the page that posted, from `Referer`; its origin is not looked at,
/// so that the answer stays on this one (R89).
fn referring_page() -> String {
    let referer = parts().ok().and_then(|parts| {
        parts
            .headers
            .get(header::REFERER)
            .and_then(|value| value.to_str().ok())
            .map(ToOwned::to_owned)
    });
    let Some(referer) = referer else {
        return "/".to_owned();
    };
    let after_scheme = referer.split_once("://").map_or("", |(_, rest)| rest);
    match after_scheme.find('/') {
        Some(at) => local(&after_scheme[at..]),
        None => "/".to_owned(),
    }
}
