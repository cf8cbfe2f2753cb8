use super::*;
use crate::status::ShownStatus;

fn read(json: &str) -> Result<Policy, String> {
    serde_json::from_str(json).map_err(|error| error.to_string())
}

fn codes(policy: &Policy) -> Vec<String> {
    let violations = policy.validate().err().unwrap_or_default();
    violations
        .iter()
        .map(|violation| format!("{}: {}", violation.field, violation.code))
        .collect()
}

/// Requirements, section 4: the defaults.
#[test]
fn an_empty_pack_has_the_defaults() {
    let policy = read("{}").unwrap();
    assert_eq!(policy, Policy::default());
    assert_eq!(policy.validate(), Ok(()));
    assert_eq!(
        (
            policy.invitation_ttl_hours,
            policy.privileged_invitation_ttl_hours
        ),
        (168, 24)
    );
    assert_eq!((policy.ttl_hours(false), policy.ttl_hours(true)), (168, 24));
    assert_eq!(
        (policy.resend_cooldown_minutes, policy.max_resends_a_day),
        (2, 10)
    );
    assert_eq!(
        (policy.bulk_invitation_limit, policy.bulk_invitations_a_day),
        (10_000, 20_000)
    );
    assert_eq!(
        (policy.session_idle_minutes, policy.session_hours),
        (30, 12)
    );
    assert_eq!(
        policy.status_label(ShownStatus::EmailFailed),
        "Email failed"
    );
    assert_eq!(policy.area_label.many, "areas");
}

#[test]
fn a_pack_reads_back_what_it_wrote() {
    let policy = read(
        r#"{
            "invitation_ttl_hours": 24,
            "email_domains": ["nhs.net", "*.nhs.uk"],
            "second_factor": "required_for_privileged",
            "second_factor_methods": ["sms", "email", "authenticator", "passkey"],
            "first_run_order": ["password", "terms", "second_factor", "profile", "account_secret"],
            "terms": "k-0192f0c1a2b37c4d8e5f60718293a4b5",
            "fields": {"medical_secretary": {"use": "optional", "mutable_by": "platform"},
                       "clinician_status": {"use": "required", "label": "Vaccinator"}},
            "scope_kinds": ["roster", "roster group"],
            "seat_limit": {"super-user": 7},
            "roles_per_member": 1,
            "status_labels": {"inactive": "Deactivated"},
            "area_label": {"one": "service area", "many": "service areas"}
        }"#,
    )
    .unwrap();
    assert_eq!(policy.validate(), Ok(()));
    assert_eq!(
        read(&serde_json::to_string(&policy).unwrap()),
        Ok(policy.clone())
    );
    // A08, V05: who may change a field later, and what the organisation calls it.
    let rule = |field| policy.field(field);
    assert_eq!(
        rule(Field::MedicalSecretary).mutable_by,
        MutableBy::Platform
    );
    assert_eq!(
        rule(Field::ClinicianStatus).label.as_deref(),
        Some("Vaccinator")
    );
    assert_eq!(rule(Field::ClinicianStatus).mutable_by, MutableBy::Org);
    assert_eq!(rule(Field::Pager), &FieldRule::HIDDEN);
    assert_eq!(policy.status_label(ShownStatus::Inactive), "Deactivated");
    assert_eq!(policy.status_label(ShownStatus::Active), "Active");
    assert!(matches!(policy.terms, TermsChoice::Document(_)));
    let address = |text: &str| crate::email::EmailAddress::parse(text).unwrap();
    assert!(
        policy
            .email_domains
            .allows(&address("jane@rosebush.nhs.uk"))
    );
    assert!(!policy.email_domains.allows(&address("jane@evilnhs.uk")));
    assert_eq!(policy.email_domains.endings(), ["nhs.net", "nhs.uk"]);
    assert!(EmailDomains::Any.allows(&address("jane@evilnhs.uk")));
}

#[test]
fn what_is_not_a_key_or_not_a_value_is_refused() {
    for json in [
        r#"{"invitation_ttl_hour": 24}"#,
        r#"{"second_factor": "sometimes"}"#,
        r#"{"second_factor_methods": ["pigeon"]}"#,
        r#"{"email_domains": "some"}"#,
        r#"{"terms": "old"}"#,
        r#"{"status_labels": {"gone": "Gone"}}"#,
        r#"{"fields": {"notes": {"use": "maybe"}}}"#,
        r#"{"fields": {"first-name": {"use": "required"}}}"#,
        r#"{"session_hours": -1}"#,
    ] {
        assert!(read(json).is_err(), "{json}");
    }
}

/// Requirements, section 4: the ranges, at both ends.
#[test]
fn every_key_has_its_range() {
    let ranges: [(&str, u32, u32); 10] = [
        ("invitation_ttl_hours", 1, 336),
        ("privileged_invitation_ttl_hours", 1, 168),
        ("resend_cooldown_minutes", 0, 1440),
        ("max_resends_a_day", 1, 20),
        ("bulk_invitation_limit", 1, 50_000),
        ("bulk_invitations_a_day", 1, 50_000),
        ("one_time_password_ttl_hours", 1, 168),
        ("minimum_holders", 1, 5),
        ("session_idle_minutes", 5, 60),
        ("session_hours", 1, 24),
    ];
    for (key, low, high) in ranges {
        let with = |value: u32| {
            let mut json = serde_json::json!({ "privileged_invitation_ttl_hours": 1 });
            json[key] = value.into();
            serde_json::from_value::<Policy>(json).unwrap()
        };
        assert_eq!(with(low).validate(), Ok(()), "{key}");
        assert_eq!(with(high).validate(), Ok(()), "{key}");
        assert_eq!(codes(&with(high + 1)), [format!("{key}: policy.range")]);
        if let Some(less) = low.checked_sub(1) {
            assert!(
                codes(&with(less)).contains(&format!("{key}: policy.range")),
                "{key}"
            );
        }
    }
    let violations = Policy {
        session_hours: 25,
        ..Policy::default()
    }
    .validate()
    .unwrap_err();
    assert_eq!(violations.0[0].params, ["1", "24"]);
    assert_eq!(
        codes(&Policy {
            second_factor_methods: vec![],
            ..Policy::default()
        }),
        ["second_factor_methods: policy.empty"]
    );
    assert_eq!(
        codes(&Policy {
            first_run_order: vec![FirstRunStep::Terms, FirstRunStep::Password],
            ..Policy::default()
        }),
        ["first_run_order: policy.order"]
    );
    assert_eq!(
        codes(&Policy {
            roles_per_member: Some(0),
            ..Policy::default()
        }),
        ["roles_per_member: policy.range"]
    );
    for rules in [
        vec![],
        vec!["nhs"],
        vec!["*"],
        vec!["nhs.net", "*.*.uk"],
        vec!["@nhs.net"],
    ] {
        let rules = rules.into_iter().map(str::to_owned).collect();
        let policy = Policy {
            email_domains: EmailDomains::Only(rules),
            ..Policy::default()
        };
        assert_eq!(codes(&policy), ["email_domains: domain.format"]);
    }
}

/// R1, R43, R48: privileged roles need a strong second factor whatever the organisation chose.
#[test]
fn privileged_roles_have_the_platforms_floor() {
    let optional = Policy {
        second_factor: SecondFactorRule::Optional,
        second_factor_methods: vec![
            SecondFactorKind::Sms,
            SecondFactorKind::Email,
            SecondFactorKind::Authenticator,
        ],
        ..Policy::default()
    };
    assert_eq!(
        (
            optional.second_factor_required(false),
            optional.second_factor_required(true)
        ),
        (false, true)
    );
    assert_eq!(
        (optional.password_min(false), optional.password_min(true)),
        (15, 12)
    );
    assert_eq!(
        optional.second_factor_choices(true),
        [SecondFactorKind::Authenticator]
    );
    assert_eq!(optional.second_factor_choices(false).len(), 3);
    assert_eq!(Policy::default().password_min(false), 12);
}

/// C12: when a mobile number is asked for.
#[test]
fn a_mobile_number_is_asked_for_when_it_is_needed() {
    let policy = |mobile_at_registration, sms: bool| {
        let mut second_factor_methods = vec![SecondFactorKind::Authenticator];
        second_factor_methods.extend(sms.then_some(SecondFactorKind::Sms));
        Policy {
            second_factor_methods,
            mobile_at_registration,
            ..Policy::default()
        }
    };
    for (rule, sms, asks, required) in [
        (MobileAtRegistration::Required, false, true, true),
        (MobileAtRegistration::Optional, false, true, false),
        (MobileAtRegistration::RequiredForSms, true, true, false),
        (MobileAtRegistration::RequiredForSms, false, false, false),
    ] {
        let policy = policy(rule, sms);
        assert_eq!(
            (policy.asks_mobile(), policy.mobile_required()),
            (asks, required),
            "{rule} {sms}"
        );
    }
}

/// Security keys resolve to the stricter of two organisations.
#[test]
fn the_strictest_of_several_organisations_counts() {
    let loose = Policy {
        second_factor: SecondFactorRule::Optional,
        session_idle_minutes: 60,
        session_hours: 8,
        second_factor_methods: vec![
            SecondFactorKind::Email,
            SecondFactorKind::Authenticator,
            SecondFactorKind::Sms,
        ],
        ..Policy::default()
    };
    let rules = AccountRules::strictest([(&loose, false), (&Policy::default(), false)]);
    assert!(rules.second_factor_required);
    assert_eq!(
        (
            rules.session_idle_minutes,
            rules.session_hours,
            rules.password_min
        ),
        (30, 8, 15)
    );
    assert_eq!(
        rules.second_factor_methods,
        [SecondFactorKind::Authenticator, SecondFactorKind::Sms]
    );
    // Two that have nothing in common leave what is strong in either.
    let only = |kind| Policy {
        second_factor_methods: vec![kind],
        ..Policy::default()
    };
    let rules = AccountRules::strictest([
        (&only(SecondFactorKind::Sms), false),
        (&only(SecondFactorKind::Authenticator), false),
    ]);
    assert_eq!(
        rules.second_factor_methods,
        [SecondFactorKind::Authenticator]
    );
    let none = AccountRules::strictest(std::iter::empty());
    assert_eq!(none, AccountRules::strictest([(&Policy::default(), false)]));
}
