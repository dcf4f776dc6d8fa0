//! Room on the disk of the data folder. While there is little, operators are warned; when it is nearly gone, new records
//! are refused and what is left is kept for log-ins and the audit entries without which nothing may be read.

use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio_util::sync::CancellationToken;

/// Below this many bytes, or this part of the disk if that is less, operators are warned.
const LOW: (u64, u64) = (2 << 30, 10);
/// The same for refusing new records.
const SHORT: (u64, u64) = (64 << 20, 20);
/// How often the disk is looked at for the log.
const LOOK_EVERY: Duration = Duration::from_secs(20);

/// How much room there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Room {
    /// Enough.
    Enough,
    /// Operators should do something.
    Low,
    /// New records are refused, reading goes on.
    Short,
}

impl Room {
    /// Stable name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Enough => "enough",
            Self::Low => "low",
            Self::Short => "short",
        }
    }

    fn of(free: u64, size: u64) -> Self {
        let below = |(bytes, part): (u64, u64)| free < bytes.min(size / part);
        match () {
            () if below(SHORT) => Self::Short,
            () if below(LOW) => Self::Low,
            () => Self::Enough,
        }
    }
}

/// The disk of a data folder.
#[derive(Debug, Clone)]
pub struct Space {
    folder: PathBuf,
}

impl Space {
    /// The disk under this folder.
    pub fn of(folder: &Path) -> Self {
        Self { folder: folder.to_path_buf() }
    }

    /// Bytes this program may still write; none when the system does not tell.
    pub fn free(&self) -> Option<u64> {
        self.look().map(|(free, _)| free)
    }

    /// How much room there is; a disk that does not tell has enough until writing says otherwise.
    pub fn room(&self) -> Room {
        self.look().map_or(Room::Enough, |(free, size)| Room::of(free, size))
    }

    /// Warns in the log whenever the room changes, until cancelled.
    pub async fn watch(self, stop: CancellationToken) {
        let mut known = Room::Enough;
        loop {
            let room = self.room();
            if room != known {
                let free_mib = self.free().unwrap_or_default() >> 20;
                match room {
                    Room::Enough => tracing::info!(free_mib, "there is room on the disk again"),
                    Room::Low => tracing::warn!(free_mib, "the disk of the data folder is nearly full"),
                    Room::Short => tracing::error!(
                        free_mib,
                        "the disk of the data folder is full: new records are refused until there is room, reading goes on"
                    ),
                }
                known = room;
            }
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(LOOK_EVERY) => {}
            }
        }
    }

    fn look(&self) -> Option<(u64, u64)> {
        let told = rustix::fs::statvfs(self.folder.as_path()).ok()?;
        Some((told.f_bavail.saturating_mul(told.f_frsize), told.f_blocks.saturating_mul(told.f_frsize)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_disks_are_not_always_short() {
        const MIB: u64 = 1 << 20;
        for (free, size, room) in [
            (500 << 30, 1000 << 30, Room::Enough),
            (1 << 30, 1000 << 30, Room::Low),
            (63 * MIB, 1000 << 30, Room::Short),
            (20 * MIB, 24 * MIB, Room::Enough),
            (2 * MIB, 24 * MIB, Room::Low),
            (MIB, 24 * MIB, Room::Short),
        ] {
            assert_eq!(Room::of(free, size), room, "{free} of {size}");
        }
        assert!(Space::of(Path::new("/")).free().is_some());
        assert_eq!(Space::of(Path::new("/nowhere/at/all")).room(), Room::Enough);
    }
}
