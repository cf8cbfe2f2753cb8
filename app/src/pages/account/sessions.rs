//! Where the person is signed in, and the way out of each (R58).

use domain::{
    account::SignedInDevice,
    wording::{date_and_time, machine},
};
use leptos::prelude::*;

use crate::components::{
    Button, Column, Page, Table, Text,
    form::{Form, Post},
    loaded::Loaded,
};
use crate::reading::reading;
use crate::server_fns::account_changes::{EndSession, EndSessions, ReadDevices};

/// Devices and sessions.
#[component]
pub fn DevicesPage() -> impl IntoView {
    let resource = reading(|| ReadDevices {});
    view! { <Loaded resource view=|devices| view! { <Devices devices/> }.into_any()/> }
}

#[component]
fn Devices(devices: Vec<SignedInDevice>) -> impl IntoView {
    let has_others = devices.iter().any(|device| !device.is_this);
    let rows = devices.into_iter().map(row).collect();
    let columns = vec![
        Column::new("Device"),
        Column::new("Signed in"),
        Column::new("Last used"),
        Column::new("Action").hidden(),
    ];
    let others = Post::<EndSessions>::new();
    let all = Post::<EndSessions>::new();
    let others = has_others.then(|| {
        view! {
            <Form action=others>
                <input type="hidden" name="which" value="others"/>
                <Button variant="secondary">"Sign out everywhere else"</Button>
            </Form>
        }
    });
    view! {
        <Page title="Devices and sessions" back="/account" wide=true>
            <p>"These are the devices on which you are signed in. If you do not know one of them, sign it out and change your password."</p>
            <Table
                caption="Where you are signed in"
                columns
                rows
                responsive=true
            />
            <h2 class="nhsuk-heading-m">"Sign out everywhere"</h2>
            <p>"Anything that was not saved on those devices is lost."</p>
            {others}
            <Form action=all>
                <input type="hidden" name="which" value="all"/>
                <Button variant="secondary">"Sign out everywhere, here too"</Button>
            </Form>
        </Page>
    }
}

fn row(device: SignedInDevice) -> Vec<Text> {
    let name = if device.device.is_empty() {
        "Unknown device".to_owned()
    } else {
        device.device
    };
    let about = [" ", &name].concat();
    let this = device
        .is_this
        .then(|| view! { <br/> <strong>"This device"</strong> });
    let action = if device.is_this {
        ().into_any()
    } else {
        let action = Post::<EndSession>::new();
        view! {
            <Form action>
                <input type="hidden" name="session" value=device.id.to_string()/>
                <Button variant="secondary" small=true hidden_text=about>
                    "Sign out"
                </Button>
            </Form>
        }
        .into_any()
    };
    let time = |at| view! { <time datetime=machine(at)>{date_and_time(at)}</time> }.into_any();
    vec![
        view! { {name} {this} }.into_any().into(),
        time(device.signed_in_at).into(),
        time(device.last_used_at).into(),
        action.into(),
    ]
}
