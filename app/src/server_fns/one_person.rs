//! Adding one person, page by page (ux D3).

#![allow(
    clippy::too_many_arguments,
    reason = "a server function takes the fields of its form"
)]

use leptos::prelude::*;
use leptos::server_fn::codec::GetUrl;

use domain::{
    form::NothingElse,
    one_person::{
        AddAreasView, AddCheck, AddDatesView, AddDetailsView, AddDone, AddEmailView, AddRoleView,
        AddressView, ExistingPerson,
    },
};

use crate::{error::AppError, wire::Wire};

#[cfg(feature = "ssr")]
use {
    super::{
        Posted,
        invitations::{id, post, read},
        redirect,
    },
    domain::{
        id::DraftId,
        membership::{DatesForm, DetailsForm},
        one_person::AddStep,
    },
    service::invitations::{At, Elsewhere},
};

/// The address of a page of the journey.
#[cfg(feature = "ssr")]
fn page_of(org: &str, draft: &str, step: AddStep, number: usize) -> String {
    let page = format!("/o/{org}/users/add/{draft}/{step}");
    match step {
        AddStep::Role | AddStep::Areas | AddStep::Dates if number > 1 => {
            format!("{page}?number={number}")
        }
        _ => page,
    }
}

#[cfg(feature = "ssr")]
fn elsewhere(org: &str, draft: &str, elsewhere: Elsewhere) -> String {
    match elsewhere {
        Elsewhere::Adding(step, number) => page_of(org, draft, step, number),
        Elsewhere::Start | Elsewhere::Job(_) | Elsewhere::Step(_) => {
            format!("/o/{org}/users/add")
        }
    }
}

/// The page of a journey; when it cannot be here, the way to where it can.
#[cfg(feature = "ssr")]
fn stay<T>(org: &str, draft: &str, at: At<T>) -> Option<T> {
    match at {
        At::Here(page) => Some(page),
        At::Elsewhere(other) => {
            redirect(&elsewhere(org, draft, other));
            None
        }
    }
}

/// Goes on to the page after an answer.
#[cfg(feature = "ssr")]
fn go_on(org: &str, draft: &str, next: Option<At<(AddStep, usize)>>) {
    match next {
        Some(At::Here((step, number))) => redirect(&page_of(org, draft, step, number)),
        Some(At::Elsewhere(other)) => redirect(&elsewhere(org, draft, other)),
        None => {}
    }
}

/// Which role a page is about: the first where the address does not say.
#[cfg(feature = "ssr")]
fn number_of(text: &str) -> service::Result<usize> {
    match text {
        "" => Ok(1),
        text => text.parse().map_err(|_| service::Error::NotFound),
    }
}

/// The page of the address; nothing when the journey goes on elsewhere.
///
/// # Errors
/// Not allowed.
#[server(prefix = "/fn", endpoint = "one-person/email", input = GetUrl, output = Wire)]
pub async fn read_add_email(org: String, draft: String) -> Result<Option<AddEmailView>, AppError> {
    let (place, journey) = (org.clone(), draft.clone());
    let page = read(|services, actor| async move {
        services.add_email_page(&actor, &org, id(&draft)?).await
    });
    Ok(stay(&place, &journey, page.await?))
}

/// Answers the page of the address.
///
/// # Errors
/// `email.*`; too many look-ups; not allowed.
#[server(prefix = "/fn", endpoint = "one-person/answer-email")]
pub async fn answer_add_email(
    org: String,
    draft: String,
    #[server(default)] email: String,
    #[server(flatten)] rest: NothingElse,
) -> Result<(), AppError> {
    let NothingElse = rest;
    let posted = Posted::new().with("email", &email);
    let (place, journey) = (org.clone(), draft.clone());
    let next = post(posted, |services, actor| async move {
        let draft: DraftId = id(&draft)?;
        services.answer_add_email(&actor, &org, draft, &email).await
    });
    go_on(&place, &journey, next.await?);
    Ok(())
}

/// The page of a doubtful address; nothing when the journey goes on elsewhere.
///
/// # Errors
/// Not allowed.
#[server(prefix = "/fn", endpoint = "one-person/address", input = GetUrl, output = Wire)]
pub async fn read_add_address(org: String, draft: String) -> Result<Option<AddressView>, AppError> {
    let (place, journey) = (org.clone(), draft.clone());
    let page = read(|services, actor| async move {
        services.add_address_page(&actor, &org, id(&draft)?).await
    });
    Ok(stay(&place, &journey, page.await?))
}

/// Answers the page of a doubtful address.
///
/// # Errors
/// `address.empty`, `email.domain`; not allowed.
#[server(prefix = "/fn", endpoint = "one-person/answer-address")]
pub async fn answer_add_address(
    org: String,
    draft: String,
    #[server(default)] choice: String,
    #[server(flatten)] rest: NothingElse,
) -> Result<(), AppError> {
    let NothingElse = rest;
    let posted = Posted::new().with("choice", &choice);
    let (place, journey) = (org.clone(), draft.clone());
    let next = post(posted, |services, actor| async move {
        let draft: DraftId = id(&draft)?;
        services
            .answer_add_address(&actor, &org, draft, &choice)
            .await
    });
    go_on(&place, &journey, next.await?);
    Ok(())
}

/// Who has the address already; nothing when the journey goes on elsewhere.
///
/// # Errors
/// Not allowed.
#[server(prefix = "/fn", endpoint = "one-person/existing", input = GetUrl, output = Wire)]
pub async fn read_existing_person(
    org: String,
    draft: String,
) -> Result<Option<ExistingPerson>, AppError> {
    let (place, journey) = (org.clone(), draft.clone());
    let page = read(|services, actor| async move {
        services
            .existing_person_page(&actor, &org, id(&draft)?)
            .await
    });
    Ok(stay(&place, &journey, page.await?))
}

/// Says that this is the right person.
///
/// # Errors
/// Not allowed.
#[server(prefix = "/fn", endpoint = "one-person/confirm")]
pub async fn confirm_person(
    org: String,
    draft: String,
    #[server(flatten)] rest: NothingElse,
) -> Result<(), AppError> {
    let NothingElse = rest;
    let (place, journey) = (org.clone(), draft.clone());
    let next = post(Posted::new(), |services, actor| async move {
        services.confirm_person(&actor, &org, id(&draft)?).await
    });
    go_on(&place, &journey, next.await?);
    Ok(())
}

/// The page of the details; nothing when the journey goes on elsewhere.
///
/// # Errors
/// Not allowed.
#[server(prefix = "/fn", endpoint = "one-person/details", input = GetUrl, output = Wire)]
pub async fn read_add_details(
    org: String,
    draft: String,
) -> Result<Option<AddDetailsView>, AppError> {
    let (place, journey) = (org.clone(), draft.clone());
    let page = read(|services, actor| async move {
        services.add_details_page(&actor, &org, id(&draft)?).await
    });
    Ok(stay(&place, &journey, page.await?))
}

/// Answers the page of the details.
///
/// # Errors
/// `first_name.*`, `last_name.*`, `job_title.*`, `clinician.empty`, `registration.*`, `notes.too_long`; not
/// allowed.
#[server(prefix = "/fn", endpoint = "one-person/answer-details")]
pub async fn answer_add_details(
    org: String,
    draft: String,
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
    let (place, journey) = (org.clone(), draft.clone());
    let next = post(posted, |services, actor| async move {
        let draft: DraftId = id(&draft)?;
        services.answer_add_details(&actor, &org, draft, form).await
    });
    go_on(&place, &journey, next.await?);
    Ok(())
}

/// The page of a role; nothing when the journey goes on elsewhere.
///
/// # Errors
/// Not allowed; not found.
#[server(prefix = "/fn", endpoint = "one-person/role", input = GetUrl, output = Wire)]
pub async fn read_add_role(
    org: String,
    draft: String,
    #[server(default)] number: String,
) -> Result<Option<AddRoleView>, AppError> {
    let (place, journey) = (org.clone(), draft.clone());
    let page = read(|services, actor| async move {
        let number = number_of(&number)?;
        services
            .add_role_page(&actor, &org, id(&draft)?, number)
            .await
    });
    Ok(stay(&place, &journey, page.await?))
}

/// Answers the page of a role; `action` is `skip` for no role yet.
///
/// # Errors
/// `role.*`; not allowed; not found.
#[server(prefix = "/fn", endpoint = "one-person/answer-role")]
pub async fn answer_add_role(
    org: String,
    draft: String,
    #[server(default)] number: String,
    #[server(default)] role: String,
    #[server(default)] action: String,
    #[server(flatten)] rest: NothingElse,
) -> Result<(), AppError> {
    let NothingElse = rest;
    let posted = Posted::new().with("role", &role);
    let (place, journey) = (org.clone(), draft.clone());
    let next = post(posted, |services, actor| async move {
        let draft: DraftId = id(&draft)?;
        if action == "skip" {
            return services.skip_add_role(&actor, &org, draft).await;
        }
        let number = number_of(&number)?;
        services
            .answer_add_role(&actor, &org, draft, number, &role)
            .await
    });
    go_on(&place, &journey, next.await?);
    Ok(())
}

/// Takes a role out of the answers.
///
/// # Errors
/// Not allowed; not found.
#[server(prefix = "/fn", endpoint = "one-person/drop-role")]
pub async fn drop_add_role(
    org: String,
    draft: String,
    number: String,
    #[server(flatten)] rest: NothingElse,
) -> Result<(), AppError> {
    let NothingElse = rest;
    let (place, journey) = (org.clone(), draft.clone());
    let next = post(Posted::new(), |services, actor| async move {
        let number = number_of(&number)?;
        services
            .drop_add_role(&actor, &org, id(&draft)?, number)
            .await
    });
    go_on(&place, &journey, next.await?);
    Ok(())
}

/// The page of the areas of a role; nothing when the journey goes on elsewhere.
///
/// # Errors
/// Not allowed; not found.
#[server(prefix = "/fn", endpoint = "one-person/areas", input = GetUrl, output = Wire)]
pub async fn read_add_areas(
    org: String,
    draft: String,
    #[server(default)] number: String,
) -> Result<Option<AddAreasView>, AppError> {
    let (place, journey) = (org.clone(), draft.clone());
    let page = read(|services, actor| async move {
        let number = number_of(&number)?;
        services
            .add_areas_page(&actor, &org, id(&draft)?, number)
            .await
    });
    Ok(stay(&place, &journey, page.await?))
}

/// Answers the page of the areas of a role.
///
/// # Errors
/// `areas.*`, `role.duplicate`; not allowed; not found.
#[server(prefix = "/fn", endpoint = "one-person/answer-areas")]
pub async fn answer_add_areas(
    org: String,
    draft: String,
    #[server(default)] number: String,
    #[server(default)] areas: Vec<String>,
    #[server(flatten)] rest: NothingElse,
) -> Result<(), AppError> {
    let NothingElse = rest;
    let posted = Posted::new().with_all("areas", &areas);
    let (place, journey) = (org.clone(), draft.clone());
    let next = post(posted, |services, actor| async move {
        let (draft, number): (DraftId, _) = (id(&draft)?, number_of(&number)?);
        services
            .answer_add_areas(&actor, &org, draft, number, areas)
            .await
    });
    go_on(&place, &journey, next.await?);
    Ok(())
}

/// The page of the dates of a role; nothing when the journey goes on elsewhere.
///
/// # Errors
/// Not allowed; not found.
#[server(prefix = "/fn", endpoint = "one-person/dates", input = GetUrl, output = Wire)]
pub async fn read_add_dates(
    org: String,
    draft: String,
    #[server(default)] number: String,
) -> Result<Option<AddDatesView>, AppError> {
    let (place, journey) = (org.clone(), draft.clone());
    let page = read(|services, actor| async move {
        let number = number_of(&number)?;
        services
            .add_dates_page(&actor, &org, id(&draft)?, number)
            .await
    });
    Ok(stay(&place, &journey, page.await?))
}

/// Answers the page of the dates of a role.
///
/// # Errors
/// `start.*`, `end.*`; not allowed; not found.
#[server(prefix = "/fn", endpoint = "one-person/answer-dates")]
pub async fn answer_add_dates(
    org: String,
    draft: String,
    #[server(default)] number: String,
    #[server(default)] start_day: String,
    #[server(default)] start_month: String,
    #[server(default)] start_year: String,
    #[server(default)] end_day: String,
    #[server(default)] end_month: String,
    #[server(default)] end_year: String,
    #[server(flatten)] rest: NothingElse,
) -> Result<(), AppError> {
    let NothingElse = rest;
    let posted = Posted::new()
        .with("start_day", &start_day)
        .with("start_month", &start_month)
        .with("start_year", &start_year)
        .with("end_day", &end_day)
        .with("end_month", &end_month)
        .with("end_year", &end_year);
    let dates = DatesForm {
        start_day,
        start_month,
        start_year,
        end_day,
        end_month,
        end_year,
    };
    let (place, journey) = (org.clone(), draft.clone());
    let next = post(posted, |services, actor| async move {
        let (draft, number): (DraftId, _) = (id(&draft)?, number_of(&number)?);
        services
            .answer_add_dates(&actor, &org, draft, number, dates)
            .await
    });
    go_on(&place, &journey, next.await?);
    Ok(())
}

/// The page of answers; nothing when the journey goes on elsewhere.
///
/// # Errors
/// Not allowed.
#[server(prefix = "/fn", endpoint = "one-person/check", input = GetUrl, output = Wire)]
pub async fn read_add_check(org: String, draft: String) -> Result<Option<AddCheck>, AppError> {
    let (place, journey) = (org.clone(), draft.clone());
    let page = read(|services, actor| async move {
        services.add_check_page(&actor, &org, id(&draft)?).await
    });
    Ok(stay(&place, &journey, page.await?))
}

/// Adds the person as the page of answers showed it. The draft is the form's `once`: a second post finds the
/// result of the first (R98).
///
/// # Errors
/// `role.full`, `email.domain`; too soon, too many; somebody has changed the answers; not allowed.
#[server(prefix = "/fn", endpoint = "one-person/add")]
pub async fn add_person(
    org: String,
    once: String,
    version: i64,
    #[server(flatten)] rest: NothingElse,
) -> Result<(), AppError> {
    let NothingElse = rest;
    let (place, journey) = (org.clone(), once.clone());
    let added = post(Posted::new(), |services, actor| async move {
        services.add_person(&actor, &org, id(&once)?, version).await
    });
    match added.await? {
        Some(At::Here(())) => redirect(&page_of(&place, &journey, AddStep::Done, 1)),
        Some(At::Elsewhere(other)) => redirect(&elsewhere(&place, &journey, other)),
        None => {}
    }
    Ok(())
}

/// What was sent to whom; nothing when the journey goes on elsewhere.
///
/// # Errors
/// Not allowed; not found.
#[server(prefix = "/fn", endpoint = "one-person/done", input = GetUrl, output = Wire)]
pub async fn read_added(org: String, draft: String) -> Result<Option<AddDone>, AppError> {
    let (place, journey) = (org.clone(), draft.clone());
    let page = read(|services, actor| async move {
        services.add_done_page(&actor, &org, id(&draft)?).await
    });
    Ok(stay(&place, &journey, page.await?))
}

/// Starts adding another person with the same role and areas.
///
/// # Errors
/// Not allowed.
#[server(prefix = "/fn", endpoint = "one-person/another")]
pub async fn add_another(
    org: String,
    draft: String,
    #[server(flatten)] rest: NothingElse,
) -> Result<(), AppError> {
    let NothingElse = rest;
    let place = org.clone();
    let another = post(Posted::new(), |services, actor| async move {
        services.add_another(&actor, &org, id(&draft)?).await
    });
    match another.await? {
        Some(At::Here(draft)) => {
            redirect(&page_of(&place, &draft.to_string(), AddStep::Email, 1));
        }
        Some(At::Elsewhere(other)) => redirect(&elsewhere(&place, "", other)),
        None => {}
    }
    Ok(())
}
