//! `lanyard check`

use super::Failure;
use crate::{
    config::{Config, MAIL, MAIL_EXAMPLE, SMS},
    installation::{self, Installation, OpenError},
    mail::Post,
};

pub(super) async fn run(config: &Config) -> Result<(), Failure> {
    let mut failed = false;
    let mut line = |what: &str, outcome: Result<String, String>| match outcome {
        Ok(text) => println!("ok      {what}: {text}"),
        Err(text) => {
            failed = true;
            println!("failed  {what}: {text}");
        }
    };
    // The settings were read before, or this would not run.
    let origin = config.origin(config.address);
    line("settings", Ok(format!("people reach it at {origin}")));
    let files = installation::open_files(config);
    let readable = files.is_ok();
    line(
        "files",
        files
            .map(|_| {
                format!(
                    "data in {}, key {}",
                    config.data_dir.display(),
                    config.key_file.display()
                )
            })
            .map_err(|error| error.to_string()),
    );
    line("database", database(config, readable).await);
    let (mail, sms) = match Post::new(config, &origin, false) {
        Ok(post) => (post.email.check().await, post.sms.check().await),
        Err(error) => (Err(error), Ok(())),
    };
    let (set, example) = (config.mail.to_string(), MAIL_EXAMPLE);
    line("mail", told(MAIL, set, example, mail));
    let (set, example) = (config.sms.to_string(), "folder:data/sms");
    line("text messages", told(SMS, set, example, sms));
    let site = config.site_dir.display().to_string();
    line("site", config.built_site().map(|()| site));
    if failed {
        return Err(Failure("something does not work".to_owned()));
    }
    Ok(())
}

async fn database(config: &Config, readable: bool) -> Result<String, String> {
    let text = |error: OpenError| error.to_string();
    let fine = format!("{}, up to date and writable", config.database);
    if !readable {
        // Without a key nothing can be done with it, but it can be told whether it is there.
        let store = installation::open_store(config).await.map_err(text)?;
        store.close().await;
        return Ok(fine);
    }
    let installation = Installation::open(config, config.address)
        .await
        .map_err(text)?;
    let checked = installation.services.check_writing().await;
    installation.services.store().close().await;
    checked
        .map(|()| fine)
        .map_err(|error| installation::unusable(config, error).to_string())
}

/// The line of a setting that was tried.
fn told(
    setting: &str,
    set: String,
    example: &str,
    outcome: Result<(), String>,
) -> Result<String, String> {
    match outcome {
        Ok(()) => Ok(set),
        Err(why) => Err(format!(
            "{setting} is {set}, which cannot be used: {why}. Example: {setting}={example}"
        )),
    }
}
