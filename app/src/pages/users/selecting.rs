//! What a browser adds to the selection of several people (6.13): "Select all 25 on this page" with its mixed
//! state, ranges with shift, and a live count. The choice is the checkboxes' own: what was selected before
//! this arrived counts, and what is posted is what can be seen.

use domain::wording::number;
use leptos::{ev, html, prelude::*, wasm_bindgen::JsCast, web_sys};

/// The box of the form that stands for everybody who matches.
const EVERYBODY: &str = "input[name=all]";

/// Controls above the table; the count is in the bar below it, which stays in sight.
#[component]
pub fn Selecting() -> impl IntoView {
    let place = NodeRef::<html::Div>::new();
    let (on_page, set_on_page) = signal(0_u32);
    let (selected, set_selected) = signal(0_u32);
    let (everybody, set_everybody) = signal(false);
    let total = RwSignal::new(String::new());
    let last = StoredValue::new(None::<u32>);
    let form = move || {
        let form = place.get_untracked()?.closest("form").ok().flatten();
        form.and_then(|form| form.dyn_into::<web_sys::HtmlFormElement>().ok())
    };
    let refresh = move || {
        let Some(form) = form() else { return };
        let boxes = rows(&form);
        let count = boxes.iter().filter(|row| row.checked()).count();
        let all = one(&form, EVERYBODY).is_some_and(|all| all.checked());
        set_on_page.set(domain::wording::count(boxes.len()));
        set_selected.set(domain::wording::count(count));
        set_everybody.set(all);
        total.set(everybody_in(&form));
        say(&form, domain::wording::count(count), all);
    };
    Effect::new(move |_| {
        place.track();
        let Some(form) = form() else { return };
        if let Ok(Some(foot)) = form.query_selector(".app-bulk-bar--foot") {
            foot.set_class_name("app-bulk-bar app-bulk-bar--foot app-bulk-bar--sticky");
        }
        if let Ok(Some(all)) = form.query_selector(".app-bulk__all") {
            _ = all.set_attribute("hidden", "");
        }
        refresh();
    });
    let changed = window_event_listener(ev::change, move |event| {
        let Some(form) = form() else { return };
        let target = event
            .target()
            .and_then(|target| target.dyn_into::<web_sys::HtmlInputElement>().ok());
        if let Some(target) = target.filter(|target| form.contains(Some(target))) {
            // Whoever takes one person out no longer means everybody.
            if !target.checked()
                && let Some(all) = one(&form, EVERYBODY)
            {
                all.set_checked(false);
            }
            refresh();
        }
    });
    let clicked = window_event_listener(ev::click, move |event| {
        let Some(form) = form() else { return };
        let boxes = rows(&form);
        let target = event.target();
        let is_it = |row: &web_sys::HtmlInputElement| {
            target
                .as_ref()
                .is_some_and(|target| target == row.as_ref() as &web_sys::EventTarget)
        };
        let Some(index) = boxes.iter().position(is_it) else {
            return;
        };
        let before = last.get_value().map(|last| last as usize);
        if let Some(before) = before.filter(|before| event.shift_key() && *before < boxes.len()) {
            let checked = boxes[index].checked();
            let (first, end) = (index.min(before), index.max(before));
            for row in &boxes[first..=end] {
                row.set_checked(checked);
            }
            refresh();
        }
        last.set_value(u32::try_from(index).ok());
    });
    on_cleanup(move || {
        changed.remove();
        clicked.remove();
    });
    let whole_page = move || on_page.get() > 0 && selected.get() == on_page.get();
    let mixed = move || selected.get() > 0 && !whole_page();
    let select_page = move |_| {
        let Some(form) = form() else { return };
        let wanted = !whole_page();
        for row in rows(&form) {
            row.set_checked(wanted);
        }
        if !wanted && let Some(all) = one(&form, EVERYBODY) {
            all.set_checked(false);
        }
        refresh();
    };
    let select_everybody = move |_| {
        if let Some(all) = form().and_then(|form| one(&form, EVERYBODY)) {
            all.set_checked(true);
            refresh();
        }
    };
    let label = move || {
        [
            "Select all ",
            &number(on_page.get().into()),
            " on this page",
        ]
        .concat()
    };
    let reveal = move || {
        let more = whole_page() && !everybody.get();
        more.then(|| {
            let words = ["Select all ", &total.get(), " that match"].concat();
            view! {
                <button
                    class="nhsuk-button nhsuk-button--secondary nhsuk-button--small"
                    type="button"
                    on:click=select_everybody
                >
                    {words}
                </button>
            }
        })
    };
    view! {
        <div class="app-bulk__page" node_ref=place>
            <div class="nhsuk-checkboxes nhsuk-checkboxes--small">
                <div class="nhsuk-checkboxes__item">
                    <input
                        class="nhsuk-checkboxes__input"
                        id="select-page"
                        type="checkbox"
                        prop:checked=whole_page
                        prop:indeterminate=mixed
                        on:click=select_page
                    />
                    <label class="nhsuk-label nhsuk-checkboxes__label" for="select-page">
                        {label}
                    </label>
                </div>
            </div>
            {reveal}
        </div>
    }
}

/// The checkboxes of the rows, in their order.
fn rows(form: &web_sys::HtmlFormElement) -> Vec<web_sys::HtmlInputElement> {
    let controls = form.elements();
    (0..controls.length())
        .filter_map(|index| controls.item(index)?.dyn_into().ok())
        .filter(|control: &web_sys::HtmlInputElement| control.name() == "select[]")
        .collect()
}

fn one(form: &web_sys::HtmlFormElement, which: &str) -> Option<web_sys::HtmlInputElement> {
    form.query_selector(which).ok().flatten()?.dyn_into().ok()
}

/// How many match, from the words of the box for all of them: "214 users".
fn everybody_in(form: &web_sys::HtmlFormElement) -> String {
    let label = form.query_selector(".app-bulk__all label").ok().flatten();
    let words = label.and_then(|label| label.text_content());
    let words = words.as_deref().map(str::trim).unwrap_or_default();
    let words = words.strip_prefix("Select all ").unwrap_or_default();
    words
        .strip_suffix(" that match")
        .unwrap_or_default()
        .to_owned()
}

/// "3 of 214 users selected", for eye and ear.
fn say(form: &web_sys::HtmlFormElement, selected: u32, everybody: bool) {
    let total = everybody_in(form);
    let words = match selected {
        _ if everybody => {
            let all = total.trim_end_matches(" users").to_owned();
            [&all, " of ", &total, " selected"].concat()
        }
        selected => [&number(selected.into()), " of ", &total, " selected"].concat(),
    };
    if let Ok(Some(place)) = form.query_selector(".app-bulk-bar__count")
        && place.text_content().as_deref() != Some(&words)
    {
        place.set_text_content(Some(&words));
    }
}
