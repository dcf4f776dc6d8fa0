//! Logging in: SCRAM-SHA-256, with channel binding over TLS. Same accounts, same lock after five failures as over HTTP;
//! whether an account exists, is frozen or locked cannot be told from the answer or from its time.

use std::fmt::Debug;
use std::time::Duration;

use async_trait::async_trait;
use futures::{Sink, SinkExt};
use pgwire::api::auth::sasl::scram::{ScramServerAuth, ScramServerAuthWaitingForClientFinal};
use pgwire::api::auth::sasl::{SCRAM_SHA_256_METHOD, SCRAM_SHA_256_PLUS_METHOD};
use pgwire::api::auth::{
    Password, StartupHandler, finish_authentication, protocol_negotiation,
    save_startup_parameters_to_metadata,
};
use pgwire::api::{
    ClientInfo, METADATA_CLIENT_ENCODING, METADATA_DATABASE, METADATA_USER, PgWireConnectionState,
    PidSecretKeyGenerator,
};
use pgwire::error::{PgWireError, PgWireResult};
use pgwire::messages::startup::{Authentication, PasswordMessageFamily};
use pgwire::messages::{PgWireBackendMessage, PgWireFrontendMessage};
use pujiang_security::{Permission, Principal};
use pujiang_transactional::accounts::ScramLogin;
use tokio::sync::Mutex;
use tokio::time::Instant;

use super::backend::Backend;
use super::failure::Failure;
use super::greeting::Greeting;
use super::tls::Binding;
use crate::config::Reach;

/// When a wrong password is answered. Counting the failure of an account that exists writes to the store once more than
/// noting that of one that does not; the time of the answer must not tell.
const FAILURE_TIME: Duration = Duration::from_millis(300);

/// The one database there is.
const DATABASE: &str = "pujiang";

/// Words of a start message that are no settings.
const NO_SETTINGS: [&str; 4] = [METADATA_USER, METADATA_DATABASE, "options", "replication"];

/// Whether there is room for one more connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Admission {
    /// There is.
    Open,
    /// There is not: it may only interrupt others.
    Full,
}

/// One login, from the first message to the last.
pub struct Login {
    backend: Backend,
    admission: Admission,
    step: Mutex<Step>,
}

enum Step {
    /// The client has chosen nothing yet.
    Start,
    /// It was told salt and nonce, and is to prove that it knows the password.
    Challenged(Box<ScramServerAuthWaitingForClientFinal>),
    /// It has proved it, or never will.
    Over,
}

impl Login {
    /// A login of this connection.
    pub fn new(backend: Backend, admission: Admission) -> Self {
        Self { backend, admission, step: Mutex::new(Step::Start) }
    }
}

#[async_trait]
impl StartupHandler for Login {
    async fn on_startup<C>(&self, client: &mut C, message: PgWireFrontendMessage) -> PgWireResult<()>
    where
        C: ClientInfo + Sink<PgWireBackendMessage> + Unpin + Send + Sync,
        C::Error: Debug,
        PgWireError: From<<C as Sink<PgWireBackendMessage>>::Error>,
    {
        match message {
            PgWireFrontendMessage::Startup(ref startup) => {
                protocol_negotiation(client, startup).await?;
                save_startup_parameters_to_metadata(client, startup);
                self.begin(client)?;
                client.set_state(PgWireConnectionState::AuthenticationInProgress);
                let methods = methods(self.binding(client));
                client.send(PgWireBackendMessage::Authentication(Authentication::SASL(methods))).await?;
            }
            PgWireFrontendMessage::PasswordMessageFamily(message) => {
                let mut step = self.step.lock().await;
                match std::mem::replace(&mut *step, Step::Over) {
                    Step::Start => {
                        let (answer, challenged) = self.challenge(client, message).await?;
                        *step = Step::Challenged(challenged);
                        client.send(PgWireBackendMessage::Authentication(answer)).await?;
                    }
                    Step::Challenged(challenged) => self.finish(client, &challenged, message).await?,
                    Step::Over => return Err(PgWireError::InvalidSASLState),
                }
            }
            _ => return Err(protocol("登录完成之前不能做别的。").into()),
        }
        Ok(())
    }
}

impl Login {
    /// What can be refused before anybody is known.
    fn begin<C: ClientInfo>(&self, client: &C) -> Result<(), Failure> {
        if self.admission == Admission::Full {
            return Err(Failure::fatal("53300", "连接太多，请稍后再试，或关闭不用的客户端。"));
        }
        if self.backend.wire.reach == Reach::Network && !client.is_secure() {
            let text = "服务对外开放，须用加密连接，请在客户端设置 sslmode=require。";
            return Err(Failure::fatal("28000", text));
        }
        if client.metadata().contains_key("replication") {
            return Err(Failure::fatal("0A000", "不支持复制连接。"));
        }
        user(client).map(|_| ())
    }

    /// Whether this login can be bound to the certificate of its connection.
    fn binding<C: ClientInfo>(&self, client: &C) -> Binding {
        if client.is_secure() { self.backend.wire.identity.binding() } else { Binding::Impossible }
    }

    async fn challenge<C: ClientInfo>(
        &self,
        client: &C,
        message: PasswordMessageFamily,
    ) -> PgWireResult<(Authentication, Box<ScramServerAuthWaitingForClientFinal>)> {
        if !is_whole(&message) {
            return Err(protocol("登录消息的长度不对。").into());
        }
        let first = message.into_sasl_initial_response()?;
        let data = first.data.ok_or_else(|| protocol("登录消息是空的。"))?;
        check_binding(&first.auth_method, &data, self.binding(client))?;
        let lookup = self.backend.wire.app().accounts.scram(user(client)?).await.map_err(Failure::from)?;
        let mut scram = ScramServerAuth::new();
        scram.set_iterations(usize::try_from(lookup.verifier.iterations).unwrap_or(usize::MAX));
        if client.is_secure() {
            self.backend.wire.identity.bind(&mut scram);
        }
        let expected =
            Password::new(Some(lookup.verifier.salt.to_vec()), lookup.verifier.salted_password.to_vec());
        let (answer, challenged) = scram.on_client_first_message(&data, expected)?;
        Ok((Authentication::SASLContinue(answer.into()), Box::new(challenged)))
    }

    async fn finish<C>(
        &self,
        client: &mut C,
        challenged: &ScramServerAuthWaitingForClientFinal,
        message: PasswordMessageFamily,
    ) -> PgWireResult<()>
    where
        C: ClientInfo + Sink<PgWireBackendMessage> + Unpin + Send + Sync,
        C::Error: Debug,
        PgWireError: From<<C as Sink<PgWireBackendMessage>>::Error>,
    {
        let response = message.into_sasl_response()?;
        let accounts = self.backend.wire.app().accounts.clone();
        let link = &self.backend.link;
        let proved = match challenged.on_client_final_message(&response.data) {
            Ok(proved) => proved,
            Err(_) => {
                let answer = Instant::now() + FAILURE_TIME;
                accounts.scram_failed(user(client)?, Some(link.origin())).await.map_err(Failure::from)?;
                tokio::time::sleep_until(answer).await;
                return Err(wrong().into());
            }
        };
        let login =
            accounts.scram_succeeded(user(client)?, Some(link.origin())).await.map_err(Failure::from)?;
        // Frozen or locked since the lookup: the same words as for a wrong password.
        let ScramLogin::Granted(account) = login else { return Err(wrong().into()) };
        let reach = self.backend.wire.reach;
        let principal = self.backend.wire.app().admitted(account, reach).ok_or_else(demonstration_only)?;
        self.check(client, &principal)?;
        self.settle(client, &principal)?;
        client.send(PgWireBackendMessage::Authentication(Authentication::SASLFinal(proved.into()))).await?;
        let (number, secret) = self.backend.wire.numbers.generate(client);
        let known = self.backend.wire.registry.enter(number, &secret, link.interrupt.clone());
        client.set_pid_and_secret_key(number, secret);
        link.logged_in(principal.account_id(), principal.account(), known);
        tracing::info!(account = principal.account(), secure = client.is_secure(), "wire login");
        finish_authentication(client, &Greeting(link)).await
    }

    /// What is refused to somebody known.
    fn check<C: ClientInfo>(&self, client: &C, principal: &Principal) -> Result<(), Failure> {
        if !principal.can(Permission::SqlQuery) {
            let text = "当前账号没有 SQL 查询权限，如工作需要请联系安全管理员授权。";
            return Err(Failure::fatal("42501", text));
        }
        let database = client.metadata().get(METADATA_DATABASE).map_or(DATABASE, String::as_str);
        // A client that names no database asks for one of the account's name.
        if database != DATABASE && database != principal.account() {
            return Err(Failure::fatal(
                "3D000",
                format!("没有数据库“{database}”，请连接数据库 {DATABASE}。"),
            ));
        }
        Ok(())
    }

    /// Takes over the settings a client begins with. One that does not fit is left as it was, because tools send what
    /// they please; only another encoding would make every text wrong, and another zone every point in time.
    fn settle<C: ClientInfo>(&self, client: &C, principal: &Principal) -> Result<(), Failure> {
        let mut settings = self.backend.link.settings();
        settings.put("session_authorization", principal.account());
        let is_setting = |name: &str| !NO_SETTINGS.contains(&name) && !name.starts_with("_pq_.");
        let given = client.metadata().iter().filter(|(name, _)| is_setting(name));
        let options = client.metadata().get("options").map(String::as_str).unwrap_or_default();
        let pairs = given.map(|(name, value)| (name.clone(), value.clone())).chain(options_of(options));
        for (name, value) in pairs {
            match settings.set(&name, &value) {
                Ok(_) => {}
                Err(failure)
                    if [METADATA_CLIENT_ENCODING, "timezone"]
                        .iter()
                        .any(|own| name.eq_ignore_ascii_case(own)) =>
                {
                    return Err(failure.and_end());
                }
                Err(_) => tracing::debug!(setting = %name, "setting of a start message is not taken"),
            }
        }
        Ok(())
    }
}

/// `-c name=value -c name=value`
fn options_of(text: &str) -> Vec<(String, String)> {
    let words = text.split_whitespace();
    let words = words.filter_map(|word| word.strip_prefix("--").or(word.strip_prefix("-c")).or(Some(word)));
    words
        .filter_map(|word| word.split_once('='))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

/// Whether the lengths of a first message agree. The library cuts by them unseen, and panics where they do not.
fn is_whole(message: &PasswordMessageFamily) -> bool {
    let PasswordMessageFamily::Raw(body) = message else { return true };
    let Some(end) = body.iter().position(|byte| *byte == 0) else { return false };
    let Some((length, data)) = body[end + 1..].split_first_chunk::<4>() else { return false };
    match i32::from_be_bytes(*length) {
        -1 => true,
        length => usize::try_from(length).is_ok_and(|length| length <= data.len()),
    }
}

fn methods(binding: Binding) -> Vec<String> {
    let plus = (binding == Binding::Possible).then(|| SCRAM_SHA_256_PLUS_METHOD.to_owned());
    plus.into_iter().chain([SCRAM_SHA_256_METHOD.to_owned()]).collect()
}

/// The method, the flag of the message and the socket must agree; otherwise somebody in between has taken the better
/// method out of the offer.
fn check_binding(method: &str, first: &[u8], binding: Binding) -> Result<(), Failure> {
    let flag = first.first().copied();
    let fits = match method {
        SCRAM_SHA_256_PLUS_METHOD => {
            binding == Binding::Possible && first.starts_with(b"p=tls-server-end-point,")
        }
        SCRAM_SHA_256_METHOD => flag == Some(b'n') || (flag == Some(b'y') && binding == Binding::Impossible),
        _ => false,
    };
    if fits { Ok(()) } else { Err(protocol("登录方式与连接不符。")) }
}

fn user<C: ClientInfo>(client: &C) -> Result<&str, Failure> {
    let user = client.metadata().get(METADATA_USER).map(String::as_str);
    user.ok_or_else(|| Failure::fatal("28000", "请给出账号。"))
}

fn wrong() -> Failure {
    Failure::fatal("28P01", "账号或密码不正确，请核对后重试。")
}

fn demonstration_only() -> Failure {
    let text = "演示账号只能在服务监听本机地址（127.0.0.1）时使用；当前服务对外开放，请使用正式账号。";
    Failure::fatal("28000", text)
}

fn protocol(text: &str) -> Failure {
    Failure::fatal("08P01", text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn method_flag_and_socket_must_agree() {
        let plus = b"p=tls-server-end-point,,n=,r=x".as_slice();
        let check = |method, first, binding| check_binding(method, first, binding).is_ok();
        use Binding::{Impossible, Possible};
        assert!(check("SCRAM-SHA-256-PLUS", plus, Possible));
        assert!(check("SCRAM-SHA-256", b"n,,n=,r=x", Possible));
        assert!(check("SCRAM-SHA-256", b"y,,n=,r=x", Impossible));
        assert!(!check("SCRAM-SHA-256", b"y,,n=,r=x", Possible), "the offer was cut on its way");
        assert!(!check("SCRAM-SHA-256", plus, Possible));
        assert!(!check("SCRAM-SHA-256-PLUS", b"n,,n=,r=x", Possible));
        assert!(!check("SCRAM-SHA-256-PLUS", plus, Impossible));
        assert!(!check("PLAIN", b"n,,n=,r=x", Possible));
    }

    #[test]
    fn a_first_message_is_as_long_as_it_says() {
        let whole = |body: &[u8]| is_whole(&PasswordMessageFamily::Raw(body.into()));
        assert!(whole(b"SCRAM-SHA-256\0\0\0\0\x03n,,"));
        assert!(whole(b"SCRAM-SHA-256\0\xff\xff\xff\xff"));
        for body in [
            b"".as_slice(),
            b"SCRAM-SHA-256",
            b"SCRAM-SHA-256\0",
            b"SCRAM-SHA-256\0\0\0",
            b"SCRAM-SHA-256\0\0\0\0\x04n,,",
            b"SCRAM-SHA-256\0\xff\xff\xff\xfen,,",
        ] {
            assert!(!whole(body), "{body:?}");
        }
    }

    #[test]
    fn options_of_the_start_message() {
        let want = [("statement_timeout", "5s"), ("search_path", "public"), ("a.b", "1")];
        let want: Vec<_> = want.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
        assert_eq!(options_of("-c statement_timeout=5s -csearch_path=public --a.b=1"), want);
    }
}
