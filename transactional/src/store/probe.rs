//! Whether the store takes writes now: not whether it is open, but whether a commit becomes durable.

use super::{Bind, Store, StoreError, execute};
use crate::clock::{self, Clock, SystemClock};

impl Store {
    /// Writes one row and commits it.
    pub async fn probe_write(&self) -> Result<(), StoreError> {
        let mut tx = self.begin_write().await?;
        let sql = "INSERT INTO store_probe (id, written_at) VALUES ('readyz', $1) \
                   ON CONFLICT (id) DO UPDATE SET written_at = excluded.written_at";
        let now = clock::stored(&SystemClock.now());
        execute(tx.connection(), sql, vec![Bind::text(now)]).await?;
        tx.commit().await
    }
}
