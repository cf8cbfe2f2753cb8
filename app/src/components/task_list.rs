//! Things to do once: the first days of an organisation (ux 6.20).

use leptos::prelude::*;

/// How far a task is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TaskState {
    Completed,
    Incomplete,
    CannotStartYet,
}

impl TaskState {
    const fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Completed => (
                "Completed",
                "nhsuk-tag nhsuk-tag--no-colour nhsuk-tag--no-border nhsuk-u-font-weight-normal",
            ),
            Self::Incomplete => ("Incomplete", "nhsuk-tag nhsuk-tag--blue"),
            Self::CannotStartYet => (
                "Cannot start yet",
                "nhsuk-tag nhsuk-tag--no-colour nhsuk-tag--no-border nhsuk-u-font-weight-normal nhsuk-u-secondary-text-colour",
            ),
        }
    }
}

/// One thing to do.
pub struct TaskItem {
    pub text: String,
    pub hint: Option<String>,
    pub href: String,
    pub state: TaskState,
}

/// The list. `id` starts the ids of its parts.
#[component]
pub fn TaskList(id: &'static str, items: Vec<TaskItem>) -> impl IntoView {
    let items: Vec<AnyView> = items
        .into_iter()
        .enumerate()
        .map(|(index, item)| {
            let prefix = [id, "-", &(index + 1).to_string()].concat();
            let status_id = [&prefix, "-status"].concat();
            let hint_id = [&prefix, "-hint"].concat();
            let described_by = match item.hint {
                Some(_) => [&hint_id, " ", &status_id].concat(),
                None => status_id.clone(),
            };
            let hint = item
                .hint
                .map(|hint| view! { <div class="nhsuk-task-list__hint" id=hint_id>{hint}</div> });
            let starts = item.state != TaskState::CannotStartYet;
            let name = if starts {
                view! {
                    <a class="nhsuk-task-list__link nhsuk-link" href=item.href aria-describedby=described_by>
                        {item.text}
                    </a>
                }
                .into_any()
            } else {
                view! { <div>{item.text}</div> }.into_any()
            };
            let class = if starts {
                "nhsuk-task-list__item nhsuk-task-list__item--with-link"
            } else {
                "nhsuk-task-list__item"
            };
            let (word, tag) = item.state.words();
            view! {
                <li class=class>
                    <div class="nhsuk-task-list__name-and-hint">{name} {hint}</div>
                    <div class="nhsuk-task-list__status" id=status_id>
                        <strong class=tag>{word}</strong>
                    </div>
                </li>
            }
            .into_any()
        })
        .collect();
    view! { <ul class="nhsuk-task-list">{items}</ul> }
}
