//! The period a board shows: a month, by default the last complete one in Shanghai.

use chrono::{Datelike, Days, NaiveDate};
use pujiang_metrics::Grain;
use pujiang_metrics::calendar::Span;

/// The chosen month and what of it is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BoardPeriod {
    /// First and last day.
    pub span: Span,
    /// The last day the figures cover.
    pub as_of: NaiveDate,
}

/// Why a text is no period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PeriodError {
    /// Not `YYYY-MM`.
    #[error("月份应写成 2026-10 这样的形式")]
    Format,
    /// It has not begun.
    #[error("这个月份还没有开始，请选择本月或以前的月份")]
    Future,
}

impl BoardPeriod {
    /// The month of that text, or the last complete month.
    pub fn choose(text: Option<&str>, today: NaiveDate) -> Result<Self, PeriodError> {
        let first = match text {
            Some(text) => month(text).ok_or(PeriodError::Format)?,
            None => Span::holding(Grain::Month, today).previous(Grain::Month).from,
        };
        if first > today {
            return Err(PeriodError::Future);
        }
        let span = Span::holding(Grain::Month, first);
        Ok(Self { span, as_of: span.to.min(today) })
    }

    /// Whether the month is over.
    pub fn complete(self, today: NaiveDate) -> bool {
        self.span.to < today
    }

    /// The last day of it that is over, which is how far changes look while it runs; none on its first day, and none
    /// when it is over as a whole.
    pub fn compared_until(self, today: NaiveDate) -> Option<NaiveDate> {
        let yesterday = today - Days::new(1);
        (!self.complete(today) && yesterday >= self.span.from).then_some(yesterday)
    }

    /// `2026-10`.
    pub fn value(self) -> String {
        self.span.from.format("%Y-%m").to_string()
    }

    /// `2026年10月`.
    pub fn label(self) -> String {
        format!("{}年{}月", self.span.from.year(), self.span.from.month())
    }

    /// The run of `periods` periods of a grain that ends with this month.
    pub fn back(self, grain: Grain, periods: u32) -> Span {
        if grain == Grain::Total {
            return self.span;
        }
        let mut first = Span::holding(grain, self.span.to);
        for _ in 1..periods {
            first = Span::holding(grain, first.from - Days::new(1));
        }
        Span { from: first.from, to: self.span.to }
    }
}

fn month(text: &str) -> Option<NaiveDate> {
    let (year, month) = text.split_once('-')?;
    let digits = |part: &str, len: usize| part.len() == len && part.bytes().all(|b| b.is_ascii_digit());
    if !digits(year, 4) || !digits(month, 2) {
        return None;
    }
    let year: i32 = year.parse().ok()?;
    // Calendar arithmetic two years back must stay inside what dates can hold.
    if !(1990..=2200).contains(&year) {
        return None;
    }
    NaiveDate::from_ymd_opt(year, month.parse().ok()?, 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn the_last_complete_month_is_the_default() {
        for (today, want) in [("2026-11-22", "2026-10"), ("2026-11-01", "2026-10"), ("2026-01-31", "2025-12")]
        {
            let period = BoardPeriod::choose(None, day(today)).unwrap();
            assert_eq!(period.value(), want);
            assert!(period.complete(day(today)));
        }
    }

    #[test]
    fn a_running_month_says_so() {
        let today = day("2026-11-22");
        let period = BoardPeriod::choose(Some("2026-11"), today).unwrap();
        assert!(!period.complete(today));
        assert_eq!(period.as_of, today);
        assert_eq!(period.compared_until(today), Some(day("2026-11-21")));
        assert_eq!(period.compared_until(day("2026-11-01")), None);
        assert_eq!(period.compared_until(day("2026-12-01")), None);
        assert_eq!(BoardPeriod::choose(Some("2026-12"), today), Err(PeriodError::Future));
        for text in ["", "2026", "2026-13", "26-10", "2026-1", "+026-10", "9999-01", "2026-10-01", "年-月"]
        {
            assert_eq!(BoardPeriod::choose(Some(text), today), Err(PeriodError::Format), "{text}");
        }
    }

    #[test]
    fn periods_back() {
        let period = BoardPeriod::choose(Some("2026-10"), day("2026-11-22")).unwrap();
        for (grain, periods, want) in [
            (Grain::Month, 13, "2025-10-01"),
            (Grain::Month, 1, "2026-10-01"),
            (Grain::Day, 31, "2026-10-01"),
            (Grain::Year, 2, "2025-01-01"),
            (Grain::Total, 9, "2026-10-01"),
        ] {
            assert_eq!(period.back(grain, periods).from, day(want), "{grain:?}");
        }
    }
}
