//! Panics as lines of the log: one line each, the way through the program only the first time at a place. Some of them are
//! made by what strangers send to a decoder of a library; kilobytes for each would let them fill the disk.

use std::any::Any;
use std::backtrace::Backtrace;
use std::collections::BTreeSet;
use std::panic::PanicHookInfo;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

/// Places whose way was shown; more of them are told without it.
const PLACES: usize = 64;

/// Letters of a message.
const LONGEST: usize = 300;

static COUNT: AtomicU64 = AtomicU64::new(0);

static SHOWN: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());

/// From now on panics are counted and logged, caught or not.
pub fn watch_panics() {
    std::panic::set_hook(Box::new(log));
}

/// Panics since the process began.
pub fn panics() -> u64 {
    COUNT.load(Ordering::Relaxed)
}

fn log(panic: &PanicHookInfo<'_>) {
    COUNT.fetch_add(1, Ordering::Relaxed);
    let place = panic.location().map_or_else(|| "?".to_owned(), ToString::to_string);
    let message = said(panic.payload());
    let thread = std::thread::current();
    let thread = thread.name().unwrap_or("-");
    if is_new(&place) {
        let way = Backtrace::force_capture();
        tracing::error!(place = %place, thread, message = %message, way = %way, "panic");
    } else {
        tracing::error!(place = %place, thread, message = %message, "panic");
    }
}

/// Whether a place has not been shown; past the bound none is.
fn is_new(place: &str) -> bool {
    let mut shown = SHOWN.lock().unwrap_or_else(PoisonError::into_inner);
    shown.len() < PLACES && shown.insert(place.to_owned())
}

/// The message on one line.
fn said(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| payload.downcast_ref::<&str>().copied()).unwrap_or("unknown payload");
    text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).take(LONGEST).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_shown_once_and_places_are_bounded() {
        assert!(is_new("here:1"));
        assert!(!is_new("here:1"));
        for number in 0..2 * PLACES {
            is_new(&format!("there:{number}"));
        }
        assert!(!is_new("elsewhere:1"));
        assert!(SHOWN.lock().expect("places").len() <= PLACES);
    }

    #[test]
    fn messages_stay_on_a_line() {
        assert_eq!(said(&"a\nb"), "a b");
        assert_eq!(said(&"x".repeat(1_000)).len(), LONGEST);
        assert_eq!(said(&7), "unknown payload");
    }
}
