//! How many files the process may open. Sockets take their share, and enough is left for the lake, the store and spilled
//! queries: a server out of sockets says so, a server out of files loses data.

use super::Bounds;

/// Files kept for the lake, the store, logs and queries, as a part of all.
const KEPT_PART: u64 = 2;
/// More sockets than this serve nobody better.
const MOST_SOCKETS: u64 = 8_192;

/// Raises the limit of open files to what the system allows this process; the limit that holds then.
#[expect(unsafe_code, reason = "two calls of the C library over a struct of our own")]
pub fn raise_limit() -> u64 {
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: both calls read or write the struct behind the pointer, which outlives them, and nothing else.
    unsafe {
        if libc::getrlimit(libc::RLIMIT_NOFILE, &raw mut limit) != 0 {
            return 1_024;
        }
        let raised = libc::rlimit { rlim_cur: limit.rlim_max, rlim_max: limit.rlim_max };
        if limit.rlim_cur < limit.rlim_max && libc::setrlimit(libc::RLIMIT_NOFILE, &raw const raised) == 0 {
            limit = raised;
        }
    }
    limit.rlim_cur
}

impl Bounds {
    /// For HTTP, out of the files there are and what the other listener takes; one address gets half.
    pub fn of_files(files: u64, taken: usize) -> Self {
        let sockets = (files / KEPT_PART).saturating_sub(taken as u64).clamp(16, MOST_SOCKETS);
        let all = usize::try_from(sockets).unwrap_or(16);
        Self { all, per_address: all / 2 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attack_4_files_are_kept_for_the_lake() {
        assert_eq!(Bounds::of_files(1_024, 232), Bounds { all: 280, per_address: 140 });
        assert_eq!(Bounds::of_files(1 << 20, 232).all, 8_192);
        assert_eq!(Bounds::of_files(64, 232).all, 16);
        assert!(raise_limit() >= 64);
    }
}
