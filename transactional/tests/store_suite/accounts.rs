//! Accounts: login, lock, sessions, grants.

use std::sync::{Arc, Mutex};

use chrono::Duration;
use pujiang_security::{Assignment, RoleId};
use pujiang_transactional::accounts::{AccountKind, Login, NewAccount, ScramLogin};
use pujiang_transactional::clock::{Clock, Moment, SystemClock};
use pujiang_transactional::{ErrorKind, audit};

use crate::support::{faults, on_each};

pub struct SetClock(Mutex<Moment>);

impl SetClock {
    pub fn new() -> Arc<Self> {
        Arc::new(Self(Mutex::new(SystemClock.now())))
    }

    pub fn pass(&self, minutes: i64) {
        *self.0.lock().unwrap() += Duration::minutes(minutes);
    }
}

impl Clock for SetClock {
    fn now(&self) -> Moment {
        *self.0.lock().unwrap()
    }
}

pub fn clerk() -> NewAccount {
    NewAccount {
        login_name: "d310104".into(),
        name: "徐汇区经办".into(),
        password: "Pujiang2026".into(),
        roles: vec!["district_clerk".into()],
        assignments: vec![Assignment::parse("310104").unwrap()],
        kind: AccountKind::Person,
    }
}

#[tokio::test]
async fn roles_that_do_not_go_together_are_not_granted() {
    on_each(async |bench| {
        let accounts = bench.accounts();
        let both = vec!["sec_admin".into(), "auditor".into()];
        let error = accounts.create("test", NewAccount { roles: both, ..clerk() }).await.unwrap_err();
        assert_eq!(faults(&error), ["roles:separate_roles"]);
        assert_eq!(accounts.find("d310104").await.unwrap(), None);
        accounts.create("test", clerk()).await.unwrap();
        let before = accounts.find("d310104").await.unwrap();
        let wrong = ["king", "sys_admin", "sec_admin"].map(RoleId::from);
        let error = accounts.set_grants("test", "d310104", &wrong, &[]).await.unwrap_err();
        assert_eq!((error.kind(), faults(&error).len()), (ErrorKind::Invalid, 2));
        assert_eq!(faults(&error), ["roles:separate_roles", "roles:unknown_role"]);
        assert_eq!(accounts.find("d310104").await.unwrap(), before, "nothing was changed");
    })
    .await;
}

#[tokio::test]
async fn log_in_use_and_log_out() {
    on_each(async |bench| {
        let clock = SetClock::new();
        let accounts = bench.accounts().with_clock(clock.clone());
        accounts.create("sysadmin", clerk()).await.unwrap();
        let error = accounts.create("sysadmin", clerk()).await.unwrap_err();
        assert_eq!(
            (error.kind(), faults(&error)),
            (ErrorKind::Conflict, vec!["login_name:duplicate".to_owned()])
        );
        let Login::Granted { token, session } =
            accounts.login("d310104", "Pujiang2026", Some("127.0.0.1")).await.unwrap()
        else {
            panic!("must be let in");
        };
        assert_eq!(session.identity.roles, ["district_clerk".into()]);
        assert_eq!(session.identity.assignments, [Assignment::parse("310104").unwrap()]);
        assert_eq!(accounts.resolve(&token).await.unwrap(), Some(session));
        assert!(bench.column("SELECT token_hash FROM session").await.iter().all(|h| *h != token));
        assert_eq!(accounts.resolve("stranger").await.unwrap(), None);
        // Grants work at once, also for an open session.
        accounts.set_grants("sysadmin", "d310104", &["city_analyst".into()], &[]).await.unwrap();
        let now = accounts.resolve(&token).await.unwrap().unwrap().identity;
        assert_eq!((now.roles, now.assignments), (vec!["city_analyst".into()], vec![]));
        clock.pass(12 * 60 - 1);
        assert!(accounts.resolve(&token).await.unwrap().is_some());
        clock.pass(2);
        assert_eq!(accounts.resolve(&token).await.unwrap(), None, "twelve hours are over");
        let Login::Granted { token, .. } = accounts.login("d310104", "Pujiang2026", None).await.unwrap()
        else {
            panic!()
        };
        accounts.logout(&token).await.unwrap();
        accounts.logout(&token).await.unwrap();
        assert_eq!(accounts.resolve(&token).await.unwrap(), None);
        assert!(audit::verify(bench.engine.store()).await.unwrap().is_ok());
    })
    .await;
}

/// A clock that was a year ahead and is set right.
#[tokio::test]
async fn attack_16_sessions_of_later_are_not_valid() {
    on_each(async |bench| {
        let clock = SetClock::new();
        let accounts = bench.accounts().with_clock(clock.clone());
        accounts.create("sysadmin", clerk()).await.unwrap();
        let log_in = async || match accounts.login("d310104", "Pujiang2026", None).await.unwrap() {
            Login::Granted { token, .. } => token,
            other => panic!("{other:?}"),
        };
        let token = log_in().await;
        clock.pass(-3);
        assert!(accounts.resolve(&token).await.unwrap().is_some(), "a clock is set right now and then");
        clock.pass(-400 * 24 * 60);
        assert_eq!(accounts.resolve(&token).await.unwrap(), None, "opened in four hundred days");
        assert!(accounts.resolve(&log_in().await).await.unwrap().is_some());
        // Nor does a lock of later hold.
        clock.pass(400 * 24 * 60);
        for _ in 0..6 {
            accounts.login("d310104", "wrong", None).await.unwrap();
        }
        assert!(matches!(
            accounts.login("d310104", "Pujiang2026", None).await.unwrap(),
            Login::Locked { .. }
        ));
        clock.pass(-400 * 24 * 60);
        log_in().await;
        let lookup = accounts.scram_succeeded("d310104", None).await.unwrap();
        assert!(matches!(lookup, ScramLogin::Granted(_)));
    })
    .await;
}

#[tokio::test]
async fn five_failures_lock_even_at_once() {
    on_each(async |bench| {
        let clock = SetClock::new();
        let accounts = bench.accounts().with_clock(clock.clone());
        accounts.create("sysadmin", clerk()).await.unwrap();
        let tries = (0..8).map(|_| {
            let accounts = accounts.clone();
            tokio::spawn(async move { accounts.login("d310104", "wrong", None).await.unwrap() })
        });
        let mut outcomes = Vec::new();
        for attempt in tries.collect::<Vec<_>>() {
            outcomes.push(attempt.await.unwrap());
        }
        assert_eq!(outcomes.iter().filter(|o| **o == Login::Refused).count(), 5);
        assert_eq!(outcomes.iter().filter(|o| matches!(o, Login::Locked { .. })).count(), 3);
        let locked = accounts.login("d310104", "Pujiang2026", None).await.unwrap();
        assert!(matches!(locked, Login::Locked { .. }), "not even with the right password");
        clock.pass(16);
        assert!(matches!(
            accounts.login("d310104", "Pujiang2026", None).await.unwrap(),
            Login::Granted { .. }
        ));
        for _ in 0..4 {
            assert_eq!(accounts.login("d310104", "wrong", None).await.unwrap(), Login::Refused);
        }
        assert!(matches!(
            accounts.login("d310104", "Pujiang2026", None).await.unwrap(),
            Login::Granted { .. }
        ));
        assert_eq!(
            accounts.login("d310104", "wrong", None).await.unwrap(),
            Login::Refused,
            "a success starts a new count"
        );
        for stranger in ["", "a' OR 1=1", "x\u{0}y", "名"] {
            assert_eq!(accounts.login(stranger, "Pujiang2026", None).await.unwrap(), Login::Refused);
        }
    })
    .await;
}

#[tokio::test]
async fn demonstration_accounts_are_told_apart() {
    on_each(async |bench| {
        let accounts = bench.accounts();
        let demo =
            |password: &str| NewAccount { login_name: "city".into(), password: password.into(), ..clerk() };
        accounts.put_demonstration(demo("a")).await.unwrap();
        accounts.put_demonstration(demo("b")).await.unwrap();
        assert_eq!(accounts.login("city", "a", None).await.unwrap(), Login::Refused);
        let Login::Granted { session, .. } = accounts.login("city", "b", None).await.unwrap() else {
            panic!()
        };
        assert_eq!(session.kind, AccountKind::Demonstration);
        let weak = accounts
            .create("x", NewAccount { login_name: "!".into(), password: "short".into(), ..clerk() })
            .await;
        assert_eq!(faults(&weak.unwrap_err()), ["login_name:bad_format", "password:weak_password"]);
        accounts.create("x", clerk()).await.unwrap();
        let real = accounts.put_demonstration(clerk()).await.unwrap_err();
        assert_eq!(real.kind(), ErrorKind::Conflict);
        let names: Vec<_> = accounts.list().await.unwrap().into_iter().map(|a| a.identity.account).collect();
        assert_eq!(names, ["city", "d310104"]);
        assert_eq!(
            accounts.set_grants("x", "ghost", &[], &[]).await.unwrap_err().kind(),
            ErrorKind::NotFound
        );
    })
    .await;
}

#[tokio::test]
async fn strangers_are_locked_like_accounts() {
    on_each(async |bench| {
        let clock = SetClock::new();
        let accounts = bench.accounts().with_clock(clock.clone());
        accounts.create("test", clerk()).await.unwrap();
        accounts.create("test", NewAccount { login_name: "frozen".into(), ..clerk() }).await.unwrap();
        let sql = "UPDATE account SET state = 'frozen' WHERE login_name = 'frozen'";
        sqlx::query(sql).execute(bench.engine.store().pool()).await.unwrap();
        // What an outsider sees of fourteen tries at both doors, with a pause that ends the first lock.
        let story = async |name: &str| {
            let mut seen = String::new();
            for number in 0..14 {
                match number % 3 {
                    0 if number < 5 => {
                        accounts.scram_failed(name, None).await.unwrap();
                        seen.push('-');
                    }
                    _ => seen.push(match accounts.login(name, "wrong", None).await.unwrap() {
                        Login::Refused => 'r',
                        Login::Locked { .. } => 'l',
                        Login::Granted { .. } => 'g',
                    }),
                }
                if number == 7 {
                    clock.pass(16);
                }
            }
            seen
        };
        for name in ["d310104", "frozen", "nobody"] {
            assert_eq!(story(name).await, "-rr-rlllrrrrrl", "{name}");
        }
        let kept = bench.column("SELECT name FROM login_stranger").await;
        assert!(kept.len() == 2 && kept.iter().all(|name| name.len() == 32), "pseudonyms: {kept:?}");
        // Remembered for a while and not for ever.
        clock.pass(31 * 24 * 60);
        accounts.login("another", "wrong", None).await.unwrap();
        assert_eq!(bench.column("SELECT name FROM login_stranger").await.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn page_11_people_change_their_own_password() {
    use pujiang_transactional::accounts::PasswordChange;
    on_each(async |bench| {
        let clock = SetClock::new();
        let accounts = bench.accounts().with_clock(clock.clone());
        accounts.create("test", clerk()).await.unwrap();
        let open = async |password: &str| match accounts.login("d310104", password, None).await.unwrap() {
            Login::Granted { token, session } => (token, bench.issuer.issue(session.identity)),
            other => panic!("{other:?}"),
        };
        let (mine, me) = open("Pujiang2026").await;
        let (other, _) = open("Pujiang2026").await;
        let change = async |current: &str, new: &str| {
            accounts.change_password(&me, &mine, current, new.to_owned()).await
        };
        assert_eq!(faults(&change("Pujiang2026", "short").await.unwrap_err()), ["new:weak_password"]);
        assert_eq!(faults(&change("Pujiang2026", "Pujiang2026").await.unwrap_err()), ["new:same_password"]);
        assert_eq!(change("wrong", "Pujiang2027").await.unwrap(), PasswordChange::Wrong);
        assert_eq!(change("Pujiang2026", "Pujiang2027").await.unwrap(), PasswordChange::Made);
        assert!(accounts.resolve(&mine).await.unwrap().is_some(), "this session goes on");
        assert!(accounts.resolve(&other).await.unwrap().is_none(), "others end");
        assert_eq!(accounts.login("d310104", "Pujiang2026", None).await.unwrap(), Login::Refused);
        open("Pujiang2027").await;
        assert!(accounts.scram("d310104").await.unwrap().verifier.matches("Pujiang2027"), "the wire too");
        // An open session is no way to guess the password.
        for _ in 0..5 {
            assert_eq!(change("wrong", "Pujiang2028").await.unwrap(), PasswordChange::Wrong);
        }
        let locked = change("Pujiang2027", "Pujiang2028").await.unwrap();
        assert!(matches!(locked, PasswordChange::Locked { .. }), "{locked:?}");
        clock.pass(16);
        assert_eq!(change("Pujiang2027", "Pujiang2028").await.unwrap(), PasswordChange::Made);
    })
    .await;
}
