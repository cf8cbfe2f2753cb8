//! Changing a membership: deactivating, reactivating, roles, details, and taking a change back. A post with
//! a field that its form does not have is refused (R72).

#![allow(
    clippy::too_many_arguments,
    reason = "a server function takes the fields of its form"
)]

use leptos::prelude::*;
use leptos::server_fn::codec::GetUrl;

use domain::{
    form::NothingElse,
    membership::{AssignmentPage, DeactivatePage, DetailsPage, ReactivatePage},
};

use crate::{error::AppError, wire::Wire};

#[cfg(feature = "ssr")]
use {
    super::{
        Posted,
        invitations::{id, post, read},
        leave_notice, leave_undo, redirect, refuse, show_kept,
    },
    domain::membership::{
        AssignmentForm, Changed, ChangedThing, DatesForm, DeactivateForm, DetailsForm,
        ReactivateForm,
    },
    service::memberships::Answered,
};

/// The version of what the page showed.
#[cfg(feature = "ssr")]
fn seen(version: &str) -> service::Result<i64> {
    let stale = |_| service::Error::Conflict(service::Conflict::Stale);
    version.parse().map_err(stale)
}

#[cfg(feature = "ssr")]
fn person(org: &str, user: &str) -> String {
    format!("/o/{org}/users/{user}")
}

/// Back to the person's page, with what was done and the way to take it back; nothing is said where
/// nothing was changed.
#[cfg(feature = "ssr")]
fn back_with(code: &str, org: &str, user: &str, changed: Changed) {
    leave_undo(code, changed);
    redirect(&person(org, user));
}

/// The question before somebody is deactivated.
///
/// # Errors
/// Not allowed; not found.
#[server(prefix = "/fn", endpoint = "memberships/deactivation", input = GetUrl, output = Wire)]
pub async fn read_deactivation(org: String, user: String) -> Result<DeactivatePage, AppError> {
    read(|services, actor| async move { services.deactivate_page(&actor, &org, id(&user)?).await })
        .await
}

/// Deactivates somebody, or not.
///
/// # Errors
/// `confirm.empty`, `reason.*`; conflicts; not allowed; not found.
#[server(prefix = "/fn", endpoint = "memberships/deactivate")]
pub async fn deactivate(
    org: String,
    user: String,
    #[server(default)] confirm: String,
    #[server(default)] reason: String,
    #[server(default)] reason_other: String,
    #[server(flatten)] rest: NothingElse,
) -> Result<(), AppError> {
    let NothingElse = rest;
    let posted = Posted::new()
        .with("confirm", &confirm)
        .with("reason", &reason)
        .with("reason_other", &reason_other);
    let page = person(&org, &user);
    let form = DeactivateForm {
        confirm,
        reason,
        reason_other,
    };
    let answered = post(posted, |services, actor| async move {
        services.deactivate(&actor, &org, id(&user)?, &form).await
    });
    if let Some(answered) = answered.await? {
        redirect(&after(&page, "deactivated", answered));
    }
    Ok(())
}

/// Where an answer leads: the page that says what was done, or back.
#[cfg(feature = "ssr")]
fn after(page: &str, done: &str, answered: Answered) -> String {
    match answered {
        Answered::No => page.to_owned(),
        Answered::ChooseAccess => format!("{page}/reactivate?access=new"),
        Answered::Done(changed) => {
            let change = changed.change.map(|change| change.to_string());
            format!("{page}/{done}?change={}", change.unwrap_or_default())
        }
    }
}

/// The question before somebody is reactivated.
///
/// # Errors
/// Not allowed; not found.
#[server(prefix = "/fn", endpoint = "memberships/reactivation", input = GetUrl, output = Wire)]
pub async fn read_reactivation(org: String, user: String) -> Result<ReactivatePage, AppError> {
    read(|services, actor| async move { services.reactivate_page(&actor, &org, id(&user)?).await })
        .await
}

/// Reactivates somebody with the same access, or asks for another one, or does nothing.
///
/// # Errors
/// `reactivate.empty`, `access.empty`, `role.full`; conflicts; not allowed; not found.
#[server(prefix = "/fn", endpoint = "memberships/reactivate")]
pub async fn reactivate(
    org: String,
    user: String,
    #[server(default)] confirm: String,
    #[server(default)] access: String,
    #[server(flatten)] rest: NothingElse,
) -> Result<(), AppError> {
    let NothingElse = rest;
    let posted = Posted::new()
        .with("confirm", &confirm)
        .with("access", &access);
    let page = person(&org, &user);
    let form = ReactivateForm { confirm, access };
    let answered = post(posted, |services, actor| async move {
        services.reactivate(&actor, &org, id(&user)?, &form).await
    });
    if let Some(answered) = answered.await? {
        redirect(&after(&page, "reactivated", answered));
    }
    Ok(())
}

/// Reactivates somebody with another role than they had.
///
/// # Errors
/// `role.*`, `areas.*`; conflicts; not allowed; not found.
#[server(prefix = "/fn", endpoint = "memberships/reactivate-as")]
pub async fn reactivate_as(
    org: String,
    user: String,
    version: String,
    #[server(default)] role: String,
    #[server(default)] areas: Vec<String>,
    #[server(default)] reason: String,
    #[server(flatten)] rest: NothingElse,
) -> Result<(), AppError> {
    let NothingElse = rest;
    let posted = Posted::new()
        .with("role", &role)
        .with_all("areas", &areas)
        .with("reason", &reason);
    let page = person(&org, &user);
    let form = AssignmentForm {
        role,
        areas,
        reason,
        ..AssignmentForm::default()
    };
    let changed = post(posted, |services, actor| async move {
        services
            .reactivate_as(&actor, &org, id(&user)?, seen(&version)?, &form)
            .await
    });
    if let Some(changed) = changed.await? {
        redirect(&after(&page, "reactivated", Answered::Done(changed)));
    }
    Ok(())
}

/// The page on which a role is added (without `assignment`), changed or taken away.
///
/// # Errors
/// Not allowed; not found.
#[server(prefix = "/fn", endpoint = "memberships/assignment", input = GetUrl, output = Wire)]
pub async fn read_assignment(
    org: String,
    user: String,
    #[server(default)] assignment: String,
) -> Result<AssignmentPage, AppError> {
    read(|services, actor| async move {
        let assignment = match assignment.as_str() {
            "" => None,
            text => Some(id(text)?),
        };
        services
            .assignment_page(&actor, &org, id(&user)?, assignment)
            .await
    })
    .await
}

/// Gives a role (without `assignment`), or puts it in the place of another.
///
/// # Errors
/// `role.*`, `areas.*`, `start.*`, `end.*`; conflicts; not allowed; not found.
#[server(prefix = "/fn", endpoint = "memberships/save-role")]
pub async fn save_role(
    org: String,
    user: String,
    version: String,
    #[server(default)] assignment: String,
    #[server(default)] role: String,
    #[server(default)] areas: Vec<String>,
    #[server(default)] start_day: String,
    #[server(default)] start_month: String,
    #[server(default)] start_year: String,
    #[server(default)] end_day: String,
    #[server(default)] end_month: String,
    #[server(default)] end_year: String,
    #[server(default)] reason: String,
    #[server(default)] checked: String,
    #[server(flatten)] rest: NothingElse,
) -> Result<(), AppError> {
    let NothingElse = rest;
    let posted = Posted::new()
        .with("role", &role)
        .with_all("areas", &areas)
        .with("start_day", &start_day)
        .with("start_month", &start_month)
        .with("start_year", &start_year)
        .with("end_day", &end_day)
        .with("end_month", &end_month)
        .with("end_year", &end_year)
        .with("reason", &reason);
    let form = AssignmentForm {
        role,
        areas,
        dates: DatesForm {
            start_day,
            start_month,
            start_year,
            end_day,
            end_month,
            end_year,
        },
        reason,
    };
    if !assignment.is_empty() && is_gone(&org, &user, &assignment).await {
        // What is changed is there no more; whoever had it is.
        let page = posted.on_page(person(&org, &user));
        return refuse(
            page,
            service::Error::Conflict(service::Conflict::Stale).into(),
        )
        .await;
    }
    if checked.is_empty() {
        // A role with which others are managed says why.
        let adds = assignment.is_empty();
        let (org, user, assignment, form) =
            (org.clone(), user.clone(), assignment.clone(), form.clone());
        let page = match assignment.as_str() {
            "" => format!("{}/roles/add/check", person(&org, &user)),
            held => format!("{}/roles/{held}/check", person(&org, &user)),
        };
        let kept = posted.clone().on_page(page);
        let needs = post(posted.clone(), |services, actor| async move {
            let held = match assignment.as_str() {
                "" => None,
                text => Some(id(text)?),
            };
            let user = id(&user)?;
            services
                .role_needs_reason(&actor, &org, user, held, &form)
                .await
        });
        match needs.await? {
            // Giving is looked at once more, whatever it gives (E4).
            Some(needs) if needs || adds => return show_kept(kept).await,
            Some(_) => {}
            None => return Ok(()),
        }
    }
    let code = if assignment.is_empty() {
        "member.role_added"
    } else {
        "member.role_changed"
    };
    let (slug, whom) = (org.clone(), user.clone());
    let changed = post(posted, |services, actor| async move {
        let user = id(&user)?;
        if assignment.is_empty() {
            return services
                .add_role(&actor, &org, user, seen(&version)?, &form)
                .await;
        }
        services
            .change_role(&actor, &org, user, id(&assignment)?, seen(&version)?, &form)
            .await
    });
    if let Some(changed) = changed.await? {
        back_with(code, &slug, &whom, changed);
    }
    Ok(())
}

/// Whether somebody, whom the actor may see, does not have what a page changes: somebody else has changed it.
#[cfg(feature = "ssr")]
async fn is_gone(org: &str, user: &str, assignment: &str) -> bool {
    let (org, user) = (org.to_owned(), user.to_owned());
    let held = read_assignment(org.clone(), user.clone(), assignment.to_owned());
    if !matches!(held.await, Err(AppError::NotFound)) {
        return false;
    }
    let seen = read(|services, actor| async move {
        services.user_page(&actor, &org, id(&user)?).await.map(drop)
    });
    seen.await.is_ok()
}

/// Takes a role away.
///
/// # Errors
/// Conflicts; not allowed; not found.
#[server(prefix = "/fn", endpoint = "memberships/remove-role")]
pub async fn remove_role(
    org: String,
    user: String,
    assignment: String,
    #[server(flatten)] rest: NothingElse,
) -> Result<(), AppError> {
    let NothingElse = rest;
    let (slug, whom) = (org.clone(), user.clone());
    let changed = post(Posted::new(), |services, actor| async move {
        services
            .remove_role(&actor, &org, id(&user)?, id(&assignment)?)
            .await
    });
    if let Some(changed) = changed.await? {
        back_with("member.role_removed", &slug, &whom, changed);
    }
    Ok(())
}

/// The details of somebody.
///
/// # Errors
/// Not allowed; not found.
#[server(prefix = "/fn", endpoint = "memberships/details", input = GetUrl, output = Wire)]
pub async fn read_details(org: String, user: String) -> Result<DetailsPage, AppError> {
    read(|services, actor| async move { services.details_page(&actor, &org, id(&user)?).await })
        .await
}

/// Keeps what was typed and opens the page on which it stands beside what it was (J40).
///
/// # Errors
/// `first_name.*`, `last_name.*`, `job_title.*`; conflicts; not allowed; not found.
#[server(prefix = "/fn", endpoint = "memberships/check-details")]
pub async fn check_details(
    org: String,
    user: String,
    #[server(default)] first_name: String,
    #[server(default)] last_name: String,
    #[server(default)] job_title: String,
    #[server(default)] clinician: String,
    #[server(default)] registration_number: String,
    #[server(default)] notes: String,
    #[server(flatten)] rest: NothingElse,
) -> Result<(), AppError> {
    let NothingElse = rest;
    let posted = Posted::new()
        .with("first_name", &first_name)
        .with("last_name", &last_name)
        .with("job_title", &job_title)
        .with("clinician", &clinician)
        .with("registration_number", &registration_number)
        .with("notes", &notes);
    let next = format!("{}/details/check", person(&org, &user));
    let form = DetailsForm {
        first_name,
        last_name,
        job_title,
        clinician,
        registration_number,
        notes,
    };
    let kept = posted.clone().on_page(next);
    let fine = post(posted, |services, actor| async move {
        services
            .check_details(&actor, &org, id(&user)?, &form)
            .await
    });
    if fine.await?.is_some() {
        show_kept(kept).await?;
    }
    Ok(())
}

/// Changes details as they were checked.
///
/// # Errors
/// As [`check_details`]; `conflict.stale`.
#[server(prefix = "/fn", endpoint = "memberships/change-details")]
pub async fn change_details(
    org: String,
    user: String,
    version: String,
    #[server(default)] first_name: String,
    #[server(default)] last_name: String,
    #[server(default)] job_title: String,
    #[server(default)] clinician: String,
    #[server(default)] registration_number: String,
    #[server(default)] notes: String,
    #[server(flatten)] rest: NothingElse,
) -> Result<(), AppError> {
    let NothingElse = rest;
    let posted = Posted::new()
        .with("first_name", &first_name)
        .with("last_name", &last_name)
        .with("job_title", &job_title)
        .with("clinician", &clinician)
        .with("registration_number", &registration_number)
        .with("notes", &notes);
    let form = DetailsForm {
        first_name,
        last_name,
        job_title,
        clinician,
        registration_number,
        notes,
    };
    let (slug, whom) = (org.clone(), user.clone());
    let changed = post(posted, |services, actor| async move {
        services
            .change_details(&actor, &org, id(&user)?, seen(&version)?, &form)
            .await
    });
    if let Some(changed) = changed.await? {
        back_with("member.details_changed", &slug, &whom, changed);
    }
    Ok(())
}

/// Takes a change back (ux 6.5). Whoever presses twice hears that it is done.
///
/// # Errors
/// `conflict.cannot_undo` and what stands in the way of the change back; not allowed; not found.
#[server(prefix = "/fn", endpoint = "memberships/undo")]
pub async fn undo(
    org: String,
    change: String,
    #[server(flatten)] rest: NothingElse,
) -> Result<(), AppError> {
    let NothingElse = rest;
    let slug = org.clone();
    let undone = post(Posted::new(), |services, actor| async move {
        services.undo(&actor, &org, id(&change)?).await
    });
    if let Some(undone) = undone.await? {
        redirect(&person(&slug, &undone.user.to_string()));
        let code = match undone.thing {
            _ if undone.before => "member.undone_before",
            ChangedThing::Invitation => "invitation.sent_again",
            _ => "member.undone",
        };
        leave_notice(code, vec![undone.name]);
    }
    Ok(())
}
