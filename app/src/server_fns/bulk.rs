//! Changing many users at once: the journey from a selection to its result. A post with a field that its
//! form does not have is refused (R72).

use leptos::prelude::*;
use leptos::server_fn::codec::GetUrl;

use domain::{
    bulk::{
        BulkAreasPage, BulkCheckPage, BulkDatesPage, BulkJobView, BulkReasonPage, BulkRolePage,
        BulkRoleReasonPage,
    },
    form::NothingElse,
};

use crate::{error::AppError, wire::Wire};

#[cfg(feature = "ssr")]
use {
    super::{
        Posted,
        invitations::{id, post, read},
        leave_notice, redirect,
    },
    domain::{
        bulk::{BulkAction, BulkStep},
        id::{BulkJobId, DraftId, UserId},
        listing::UsersQuery,
        membership::{DatesForm, DeactivateForm},
    },
    service::bulk::{At, Elsewhere},
};

/// The page of a journey; when it cannot be here, the way to where it can.
#[cfg(feature = "ssr")]
fn stay<T>(org: &str, draft: &str, at: At<T>) -> Option<T> {
    match at {
        At::Here(page) => Some(page),
        At::Elsewhere(elsewhere) => {
            redirect(&way(org, draft, elsewhere));
            None
        }
    }
}

#[cfg(feature = "ssr")]
fn way(org: &str, draft: &str, elsewhere: Elsewhere) -> String {
    match elsewhere {
        Elsewhere::Start => format!("/o/{org}/users"),
        Elsewhere::Job(job) => format!("/o/{org}/jobs/{job}"),
        Elsewhere::Step(step) => format!("/o/{org}/users/bulk/{draft}/{step}"),
    }
}

/// Goes on to the page after an answer.
#[cfg(feature = "ssr")]
fn go_on(org: &str, draft: &str, next: Option<At<BulkStep>>) {
    match next {
        Some(At::Here(step)) => redirect(&way(org, draft, Elsewhere::Step(step))),
        Some(At::Elsewhere(elsewhere)) => redirect(&way(org, draft, elsewhere)),
        None => {}
    }
}

/// Starts a journey with what was selected in the users list: `select` for people, `all` for everybody
/// whom the list with `query` holds.
///
/// # Errors
/// `bulk.none`, `bulk.too_many`; not allowed; not found.
#[server(prefix = "/fn", endpoint = "bulk/start")]
pub async fn start_bulk(
    org: String,
    action: String,
    #[server(default)] query: String,
    #[server(default)] select: Vec<String>,
    #[server(default)] all: String,
    #[server(flatten)] rest: NothingElse,
) -> Result<(), AppError> {
    let NothingElse = rest;
    let place = org.clone();
    let posted = Posted::new().with_all("select", &select).on_page(format!(
        "/o/{org}/users{}",
        UsersQuery::parse(&query).to_query_string()
    ));
    let started = post(posted, |services, actor| async move {
        let action = BulkAction::parse(&action).ok_or(service::Error::NotFound)?;
        let users: Vec<UserId> = select
            .iter()
            .map(|user| id(user))
            .collect::<service::Result<_>>()?;
        let all = (!all.is_empty()).then_some(query.as_str());
        services.start_bulk(&actor, &org, action, users, all).await
    });
    if let Some(started) = started.await? {
        let draft = started.draft.to_string();
        if started.file {
            redirect(&format!("/o/{place}/users/bulk/{draft}/selected.csv"));
        } else {
            redirect(&way(&place, &draft, Elsewhere::Step(started.step)));
        }
    }
    Ok(())
}

/// The question about the role; nothing when the journey goes on elsewhere.
///
/// # Errors
/// Not allowed.
#[server(prefix = "/fn", endpoint = "bulk/role", input = GetUrl, output = Wire)]
pub async fn read_bulk_role(org: String, draft: String) -> Result<Option<BulkRolePage>, AppError> {
    let (place, journey) = (org.clone(), draft.clone());
    let page =
        read(|services, actor| async move { services.bulk_role(&actor, &org, id(&draft)?).await });
    Ok(stay(&place, &journey, page.await?))
}

/// Answers it.
///
/// # Errors
/// `role.empty`, `role.full`.
#[server(prefix = "/fn", endpoint = "bulk/answer-role")]
pub async fn answer_bulk_role(
    org: String,
    draft: String,
    #[server(default)] role: String,
    #[server(flatten)] rest: NothingElse,
) -> Result<(), AppError> {
    let NothingElse = rest;
    let posted = Posted::new().with("role", &role);
    let (place, journey) = (org.clone(), draft.clone());
    let next = post(posted, |services, actor| async move {
        let draft: DraftId = id(&draft)?;
        services.answer_bulk_role(&actor, &org, draft, &role).await
    });
    go_on(&place, &journey, next.await?);
    Ok(())
}

/// The question about the areas; nothing when the journey goes on elsewhere.
///
/// # Errors
/// Not allowed.
#[server(prefix = "/fn", endpoint = "bulk/areas", input = GetUrl, output = Wire)]
pub async fn read_bulk_areas(
    org: String,
    draft: String,
) -> Result<Option<BulkAreasPage>, AppError> {
    let (place, journey) = (org.clone(), draft.clone());
    let page =
        read(|services, actor| async move { services.bulk_areas(&actor, &org, id(&draft)?).await });
    Ok(stay(&place, &journey, page.await?))
}

/// Answers it.
///
/// # Errors
/// `areas.*`; not allowed.
#[server(prefix = "/fn", endpoint = "bulk/answer-areas")]
pub async fn answer_bulk_areas(
    org: String,
    draft: String,
    #[server(default)] areas: Vec<String>,
    #[server(flatten)] rest: NothingElse,
) -> Result<(), AppError> {
    let NothingElse = rest;
    let posted = Posted::new().with_all("areas", &areas);
    let (place, journey) = (org.clone(), draft.clone());
    let next = post(posted, |services, actor| async move {
        let draft: DraftId = id(&draft)?;
        services.answer_bulk_areas(&actor, &org, draft, areas).await
    });
    go_on(&place, &journey, next.await?);
    Ok(())
}

/// The question about the last day; nothing when the journey goes on elsewhere.
///
/// # Errors
/// Not allowed.
#[server(prefix = "/fn", endpoint = "bulk/end-date", input = GetUrl, output = Wire)]
pub async fn read_bulk_dates(
    org: String,
    draft: String,
) -> Result<Option<BulkDatesPage>, AppError> {
    let (place, journey) = (org.clone(), draft.clone());
    let page =
        read(|services, actor| async move { services.bulk_dates(&actor, &org, id(&draft)?).await });
    Ok(stay(&place, &journey, page.await?))
}

/// Answers it.
///
/// # Errors
/// `end.*`.
#[server(prefix = "/fn", endpoint = "bulk/answer-end-date")]
pub async fn answer_bulk_dates(
    org: String,
    draft: String,
    #[server(default)] end_day: String,
    #[server(default)] end_month: String,
    #[server(default)] end_year: String,
    #[server(flatten)] rest: NothingElse,
) -> Result<(), AppError> {
    let NothingElse = rest;
    let posted = Posted::new()
        .with("end_day", &end_day)
        .with("end_month", &end_month)
        .with("end_year", &end_year);
    let dates = DatesForm {
        end_day,
        end_month,
        end_year,
        ..DatesForm::default()
    };
    let (place, journey) = (org.clone(), draft.clone());
    let next = post(posted, |services, actor| async move {
        let draft: DraftId = id(&draft)?;
        services.answer_bulk_dates(&actor, &org, draft, dates).await
    });
    go_on(&place, &journey, next.await?);
    Ok(())
}

/// The question why they are deactivated; nothing when the journey goes on elsewhere.
///
/// # Errors
/// Not allowed.
#[server(prefix = "/fn", endpoint = "bulk/reason", input = GetUrl, output = Wire)]
pub async fn read_bulk_reason(
    org: String,
    draft: String,
) -> Result<Option<BulkReasonPage>, AppError> {
    let (place, journey) = (org.clone(), draft.clone());
    let page =
        read(
            |services, actor| async move { services.bulk_reason(&actor, &org, id(&draft)?).await },
        );
    Ok(stay(&place, &journey, page.await?))
}

/// Answers it.
///
/// # Errors
/// `reason.*`, `reason_other.empty`.
#[server(prefix = "/fn", endpoint = "bulk/answer-reason")]
pub async fn answer_bulk_reason(
    org: String,
    draft: String,
    #[server(default)] reason: String,
    #[server(default)] reason_other: String,
    #[server(flatten)] rest: NothingElse,
) -> Result<(), AppError> {
    let NothingElse = rest;
    let posted = Posted::new()
        .with("reason", &reason)
        .with("reason_other", &reason_other);
    let form = DeactivateForm {
        confirm: "yes".to_owned(),
        reason,
        reason_other,
    };
    let (place, journey) = (org.clone(), draft.clone());
    let next = post(posted, |services, actor| async move {
        let draft: DraftId = id(&draft)?;
        services
            .answer_bulk_reason(&actor, &org, draft, &form)
            .await
    });
    go_on(&place, &journey, next.await?);
    Ok(())
}

/// The question why they need the role; nothing when the journey goes on elsewhere.
///
/// # Errors
/// Not allowed.
#[server(prefix = "/fn", endpoint = "bulk/role-reason", input = GetUrl, output = Wire)]
pub async fn read_bulk_role_reason(
    org: String,
    draft: String,
) -> Result<Option<BulkRoleReasonPage>, AppError> {
    let (place, journey) = (org.clone(), draft.clone());
    let page = read(|services, actor| async move {
        services.bulk_role_reason(&actor, &org, id(&draft)?).await
    });
    Ok(stay(&place, &journey, page.await?))
}

/// Answers it.
///
/// # Errors
/// `role_reason.empty`, `reason.too_long`.
#[server(prefix = "/fn", endpoint = "bulk/answer-role-reason")]
pub async fn answer_bulk_role_reason(
    org: String,
    draft: String,
    #[server(default)] reason: String,
    #[server(flatten)] rest: NothingElse,
) -> Result<(), AppError> {
    let NothingElse = rest;
    let posted = Posted::new().with("reason", &reason);
    let (place, journey) = (org.clone(), draft.clone());
    let next = post(posted, |services, actor| async move {
        let draft: DraftId = id(&draft)?;
        services
            .answer_bulk_role_reason(&actor, &org, draft, &reason)
            .await
    });
    go_on(&place, &journey, next.await?);
    Ok(())
}

/// The page of answers; nothing when the journey goes on elsewhere.
///
/// # Errors
/// Not allowed.
#[server(prefix = "/fn", endpoint = "bulk/check", input = GetUrl, output = Wire)]
pub async fn read_bulk_check(
    org: String,
    draft: String,
) -> Result<Option<BulkCheckPage>, AppError> {
    let (place, journey) = (org.clone(), draft.clone());
    let page =
        read(|services, actor| async move { services.bulk_check(&actor, &org, id(&draft)?).await });
    Ok(stay(&place, &journey, page.await?))
}

/// Takes `user` out of the selection, or `back` in again.
///
/// # Errors
/// Not found.
#[server(prefix = "/fn", endpoint = "bulk/leave-out")]
pub async fn leave_out(
    org: String,
    draft: String,
    #[server(default)] user: String,
    #[server(default)] back: String,
    #[server(flatten)] rest: NothingElse,
) -> Result<(), AppError> {
    let NothingElse = rest;
    let (place, journey) = (org.clone(), draft.clone());
    let next = post(Posted::new(), |services, actor| async move {
        let draft: DraftId = id(&draft)?;
        let (whom, back) = if back.is_empty() {
            (user, false)
        } else {
            (back, true)
        };
        services
            .leave_out(&actor, &org, draft, id(&whom)?, back)
            .await
    });
    go_on(&place, &journey, next.await?);
    Ok(())
}

/// Does what the page of answers showed. The draft is the form's `once`: a second post finds the result
/// of the first (R98).
///
/// # Errors
/// `bulk.none`; somebody has changed the users or the answers; the password first.
#[server(prefix = "/fn", endpoint = "bulk/confirm")]
pub async fn confirm_bulk(
    org: String,
    once: String,
    version: String,
    #[server(default)] sure: String,
    #[server(flatten)] rest: NothingElse,
) -> Result<(), AppError> {
    let NothingElse = rest;
    let (place, journey) = (org.clone(), once.clone());
    // Whatever is wrong is said where it can be seen what is true now.
    let page = way(&place, &journey, Elsewhere::Step(BulkStep::Check));
    let next = post(Posted::new().on_page(page), |services, actor| async move {
        let draft: DraftId = id(&once)?;
        services
            .confirm_bulk(&actor, &org, draft, &version, !sure.is_empty())
            .await
    });
    go_on(&place, &journey, next.await?);
    Ok(())
}

/// A job: how far it is, and what came of it.
///
/// # Errors
/// Not found.
#[server(prefix = "/fn", endpoint = "bulk/job", input = GetUrl, output = Wire)]
pub async fn read_bulk_job(org: String, job: String) -> Result<BulkJobView, AppError> {
    read(|services, actor| async move { services.bulk_job(&actor, &org, id(&job)?).await }).await
}

/// Stops a job; what was changed stays changed.
///
/// # Errors
/// Not found.
#[server(prefix = "/fn", endpoint = "bulk/stop")]
pub async fn stop_bulk_job(
    org: String,
    job: String,
    #[server(flatten)] rest: NothingElse,
) -> Result<(), AppError> {
    let NothingElse = rest;
    let page = format!("/o/{org}/jobs/{job}");
    let stopped = post(Posted::new(), |services, actor| async move {
        services.stop_bulk_job(&actor, &org, id(&job)?).await
    });
    if stopped.await?.is_some() {
        leave_notice("job.change_stopped", Vec::new());
        redirect(&page);
    }
    Ok(())
}

/// Takes everything back that a job changed (ux 6.5).
///
/// # Errors
/// `conflict.cannot_undo`; not allowed; not found.
#[server(prefix = "/fn", endpoint = "bulk/undo")]
pub async fn undo_bulk_job(
    org: String,
    job: String,
    #[server(flatten)] rest: NothingElse,
) -> Result<(), AppError> {
    let NothingElse = rest;
    let place = org.clone();
    let undoing = post(Posted::new(), |services, actor| async move {
        let job: BulkJobId = id(&job)?;
        services.undo_bulk_job(&actor, &org, job).await
    });
    if let Some(undoing) = undoing.await? {
        redirect(&way(&place, "", Elsewhere::Job(undoing)));
    }
    Ok(())
}
