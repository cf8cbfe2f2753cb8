use chrono::{TimeZone, Utc};

use super::*;

fn codes<T: std::fmt::Debug>(result: Result<T, Violations>) -> Vec<String> {
    let violations = result.unwrap_err();
    violations
        .iter()
        .map(|violation| format!("{} {}", violation.field, violation.code))
        .collect()
}

fn deactivate(confirm: &str, reason: &str, other: &str) -> Result<Option<String>, Violations> {
    DeactivateForm {
        confirm: confirm.to_owned(),
        reason: reason.to_owned(),
        reason_other: other.to_owned(),
    }
    .validate()
}

/// J42, J43: No asks for nothing; Yes asks for a reason, and for words where the reason is another one.
#[test]
fn whoever_deactivates_says_why() {
    assert_eq!(deactivate("no", "nonsense", ""), Ok(None));
    assert_eq!(
        deactivate("yes", "on_leave", "left over"),
        Ok(Some("On leave".to_owned()))
    );
    assert_eq!(
        deactivate("yes", "other", "  Moved \n to  theatre "),
        Ok(Some("Moved to theatre".to_owned()))
    );
    assert_eq!(codes(deactivate("", "", "")), ["confirm confirm.empty"]);
    assert_eq!(codes(deactivate("yes", "", "")), ["reason reason.empty"]);
    assert_eq!(
        codes(deactivate("yes", "other", " ")),
        ["reason_other reason_other.empty"]
    );
    assert_eq!(
        codes(deactivate("yes", "other", &"é".repeat(501))),
        ["reason_other reason.too_long"]
    );
    assert!(deactivate("yes", "other", &"é".repeat(500)).is_ok());
}

/// J49, J51.
#[test]
fn whoever_reactivates_says_with_what_access() {
    let form = |confirm: &str, access: &str| {
        ReactivateForm {
            confirm: confirm.to_owned(),
            access: access.to_owned(),
        }
        .validate()
    };
    assert_eq!(form("no", ""), Ok(None));
    assert_eq!(form("yes", "same"), Ok(Some(ReturningAccess::Same)));
    assert_eq!(form("yes", "new"), Ok(Some(ReturningAccess::New)));
    assert_eq!(codes(form("yes", "")), ["access access.empty"]);
    assert_eq!(codes(form("", "same")), ["confirm reactivate.empty"]);
}

fn dates(text: &str) -> Result<(Option<NaiveDate>, Option<NaiveDate>), Violations> {
    let mut parts = text.split(['/', ' ']).map(ToOwned::to_owned);
    let mut next = || parts.next().unwrap_or_default();
    let form = DatesForm {
        start_day: next(),
        start_month: next(),
        start_year: next(),
        end_day: next(),
        end_month: next(),
        end_year: next(),
    };
    // Half past midnight on 22 June in London, still the 21st in UTC.
    form.validate(Utc.with_ymd_and_hms(2026, 6, 21, 23, 30, 0).unwrap())
}

/// ux 7.6: the dates of a role are days in London, and each mistake has its own words.
#[test]
fn the_dates_of_a_role_are_days_in_london() {
    let day = |year, month, day| NaiveDate::from_ymd_opt(year, month, day);
    assert_eq!(dates("// //"), Ok((None, None)));
    assert_eq!(dates("22/6/2026 //"), Ok((None, None)), "today is now");
    assert_eq!(dates("3/1/27 //"), Ok((day(2027, 1, 3), None)));
    assert_eq!(
        dates("3/jan/2027 31/March/2027"),
        Ok((day(2027, 1, 3), day(2027, 3, 31)))
    );
    assert_eq!(dates("// 22/6/2026"), Ok((None, day(2026, 6, 22))));
    for (text, code) in [
        ("21/6/2026 //", "start_day start.past"),
        ("3//2027 //", "start_month start.incomplete"),
        ("31/2/2027 //", "start_day start.real"),
        ("x/2/2027 //", "start_day start.real"),
        ("// 31/2/2027", "end_day end.real"),
        ("// 21/6/2026", "end_day end.before_start"),
        ("3/1/2027 3/1/2027", "end_day end.before_start"),
        ("3/1/2027 4/1/2029", "end_day end.too_far"),
        ("// 23/6/2028", "end_day end.too_far"),
        ("-1/2/2027 //", "start_day start.real"),
        ("1/2/99999 //", "start_day start.real"),
    ] {
        assert_eq!(codes(dates(text)), [code], "{text}");
    }
    let before = dates("3/1/2027 2/1/2027").unwrap_err();
    assert_eq!(before.0[0].params, ["3 January 2027"]);
}

/// A10: the last day counts to its end.
#[test]
fn a_period_names_its_last_day() {
    let at = |text: &str| Some(text.parse::<DateTime<Utc>>().unwrap());
    let held = |starts_at, ends_at| {
        HeldRole {
            assignment: AssignmentId::from_uuid(uuid::Uuid::from_u128(1)),
            role: RoleId::from_uuid(uuid::Uuid::from_u128(2)),
            name: "Viewer".into(),
            areas: Vec::new(),
            starts_at,
            ends_at,
            given_by: String::new(),
            given_at: Utc.with_ymd_and_hms(2026, 1, 1, 0, 0, 0).unwrap(),
            changeable: true,
        }
        .period()
    };
    let (start, end) = (at("2027-01-03T00:00:00Z"), at("2027-03-31T23:00:00Z"));
    assert_eq!(held(None, None), "");
    assert_eq!(held(None, end), "Until 31 March 2027");
    assert_eq!(held(start, None), "From 3 January 2027");
    assert_eq!(held(start, end), "From 3 January 2027 until 31 March 2027");
}
