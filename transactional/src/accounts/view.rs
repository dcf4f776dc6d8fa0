//! Looking through the eyes of another account: a security administrator sees what that account sees, may change
//! nothing, and the audit log says who looked and why.

use chrono::Duration;
use pujiang_security::token::SessionToken;
use pujiang_security::{Permission, Principal};

use super::session::Session;
use super::{Accounts, begin, commit};
use crate::audit;
use crate::clock;
use crate::error::Error;
use crate::store::{Bind, execute};

/// How long a look lasts.
const VIEW_MINUTES: i64 = 60;

/// Longest reason.
const MAX_REASON: usize = 500;

impl Accounts {
    /// Opens a session of `target` for `viewer`; what the client must show, and the session.
    pub async fn open_view(
        &self,
        viewer: &Principal,
        target: &str,
        reason: &str,
        origin: Option<&str>,
    ) -> Result<(String, Session), Error> {
        // A viewed principal has no such permission: nobody looks through eyes that look through eyes.
        if !viewer.can(Permission::ViewAs) {
            return Err(Error::Forbidden {
                detail: "只有安全管理员可以以他人身份查看".into()
            });
        }
        let reason = reason.trim();
        if reason.is_empty() || reason.chars().count() > MAX_REASON || reason.contains('\0') {
            let message = format!("请填写查看的事由，最多 {MAX_REASON} 个字");
            return Err(Error::invalid("reason", "required", message));
        }
        if target == viewer.account() {
            return Err(Error::invalid("account", "own_account", "这是您自己的账号，请选择他人的账号"));
        }
        let own = self.existing(viewer.account()).await?;
        let account = self.existing(target).await?;
        if account.state != "active" {
            return Err(Error::invalid(
                "account",
                "frozen",
                format!("账号“{target}”已冻结，不能以其身份查看"),
            ));
        }
        let now = self.clock.now();
        let expires = now + Duration::minutes(VIEW_MINUTES);
        let token = SessionToken::generate();
        let _raised = self.raise_epoch();
        let mut tx = self.store.begin_write().await.map_err(begin)?;
        let sql = "INSERT INTO session (token_hash, account_id, created_at, expires_at, viewer_account_id) \
                   VALUES ($1, $2, $3, $4, $5)";
        let binds = [
            token.hash.as_str(),
            &account.identity.account_id,
            &clock::stored(&now),
            &clock::stored(&expires),
            viewer.account_id(),
        ];
        execute(tx.connection(), sql, binds.map(Bind::text).to_vec())
            .await
            .map_err(Error::store("open a look through other eyes"))?;
        let entry = audit::Entry {
            origin: origin.map(str::to_owned),
            action: "view_as".into(),
            target_type: "account".into(),
            target_id: target.to_owned(),
            reason: Some(reason.to_owned()),
            ..audit::Entry::of(viewer)
        };
        audit::append(&mut tx, &now, entry).await?;
        tx.commit().await.map_err(commit)?;
        let mut session =
            Session { identity: account.identity, kind: account.kind, expires_at: clock::shown(&expires) };
        session.look_as(&own);
        Ok((token.secret, session))
    }
}
