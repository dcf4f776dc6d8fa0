//! What was read by a template, put together: which day a week, a day of the year or a Julian number names, which hour a
//! half of the day, and whether calendar and clock have it.

use chrono::{Datelike, Duration, NaiveDate, NaiveDateTime, NaiveTime, Weekday};

use super::moment::day_of;

/// What was read: a wall clock time, and the offset if the template asks for one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Read {
    pub wall: NaiveDateTime,
    /// Seconds east of Greenwich.
    pub offset: Option<i32>,
}

/// Fields that were read; none where the template has none.
#[derive(Debug, Default)]
pub(super) struct Fields {
    pub year: Option<i64>,
    pub year_digits: usize,
    pub iso: Option<bool>,
    pub century: Option<i64>,
    pub before_christ: Option<i64>,
    pub month: Option<i64>,
    pub day: Option<i64>,
    pub day_of_year: Option<i64>,
    pub weekday: Option<i64>,
    pub week: Option<i64>,
    pub week_of_month: Option<i64>,
    pub julian: Option<i64>,
    pub hour: Option<i64>,
    pub half: Option<i64>,
    pub twelve: bool,
    pub minute: Option<i64>,
    pub second: Option<i64>,
    pub second_of_day: Option<i64>,
    pub millis: Option<i64>,
    pub micros: Option<i64>,
    pub offset_sign: i64,
    pub offset_hour: Option<i64>,
    pub offset_minute: Option<i64>,
}

impl Fields {
    /// The time they name.
    pub fn finish(&self) -> Result<Read, String> {
        let wall = self.date()?.and_time(NaiveTime::MIN) + Duration::microseconds(self.clock()?);
        let offset = self
            .offset_hour
            .map(|hours| self.offset_sign * (hours * 3600 + self.offset_minute.unwrap_or(0) * 60));
        Ok(Read { wall, offset: offset.and_then(|seconds| i32::try_from(seconds).ok()) })
    }

    fn clock(&self) -> Result<i64, String> {
        let (mut hour, mut minute, mut second) = (0, 0, 0);
        if let Some(of_day) = self.second_of_day {
            (hour, minute, second) = (of_day / 3600, of_day / 60 % 60, of_day % 60);
        }
        hour = self.hour.unwrap_or(hour);
        minute = self.minute.unwrap_or(minute);
        second = self.second.unwrap_or(second);
        if self.twelve {
            if !(1..=12).contains(&hour) {
                return Err(format!("{hour} 不是 12 小时制的钟点"));
            }
            let after = self.half == Some(1);
            hour = if after { hour % 12 + 12 } else { hour % 12 };
        }
        if !(0..24).contains(&hour) || !(0..60).contains(&minute) || !(0..60).contains(&second) {
            return Err(format!("钟点 {hour}:{minute}:{second} 超出范围"));
        }
        let fraction = self.millis.unwrap_or(0) * 1_000 + self.micros.unwrap_or(0);
        Ok(((hour * 60 + minute) * 60 + second) * 1_000_000 + fraction)
    }

    fn year_of(&self) -> i64 {
        let before_christ = self.before_christ == Some(1);
        match (self.year, self.century) {
            (Some(year), Some(century)) if self.year_digits <= 2 => {
                let year = year % 100;
                if year == 0 { century * 100 } else { (century - 1) * 100 + year }
            }
            (Some(year), _) if before_christ && year > 0 => 1 - year,
            (Some(year), _) => year,
            (None, Some(century)) => (century - 1) * 100 + 1,
            (None, None) => 0,
        }
    }

    fn date(&self) -> Result<NaiveDate, String> {
        let out = |what: &str| format!("{what} 超出范围");
        let mut base = (i32::try_from(self.year_of()).map_err(|_| out("年份"))?, 1, 1);
        if let Some(julian) = self.julian {
            let days = i32::try_from(julian - 1_721_425).ok();
            let day = days.and_then(NaiveDate::from_num_days_from_ce_opt).ok_or_else(|| out("儒略日"))?;
            base = (day.year(), day.month(), day.day());
        }
        let mut of_year = self.day_of_year;
        match self.week {
            Some(week) if self.iso == Some(true) => {
                let day = self.iso_day(base.0, week).ok_or_else(|| out("周"))?;
                base = (day.year(), day.month(), day.day());
            }
            Some(week) => of_year = Some((week - 1) * 7 + 1),
            None => {}
        }
        let small = |value: i64| u32::try_from(value).ok().filter(|value| *value > 0);
        let day = self.week_of_month.map(|week| (week - 1) * 7 + 1).or(self.day.filter(|day| *day != 0));
        if let Some(day) = day {
            base.2 = small(day).ok_or_else(|| out("日"))?;
        }
        if let Some(month) = self.month.filter(|month| *month != 0) {
            base.1 = small(month).ok_or_else(|| out("月"))?;
        }
        if let Some(of_year) = of_year.filter(|_| base.1 <= 1 || base.2 <= 1) {
            let day = self.of_year(base.0, of_year)?;
            if self.iso == Some(true) {
                base = (day.year(), day.month(), day.day());
            } else {
                base.1 = if base.1 <= 1 { day.month() } else { base.1 };
                base.2 = if base.2 <= 1 { day.day() } else { base.2 };
            }
        }
        let (year, month, day) = base;
        day_of(year, month, day).ok_or_else(|| out(&format!("日期 {year}-{month}-{day}")))
    }

    /// The day of a year by its number.
    fn of_year(&self, year: i32, number: i64) -> Result<NaiveDate, String> {
        if self.year.is_none() && self.century.is_none() {
            return Err("没有年份，算不出年内第几天".to_owned());
        }
        let first = match self.iso {
            Some(true) => NaiveDate::from_isoywd_opt(year, 1, Weekday::Mon),
            _ => NaiveDate::from_yo_opt(year, 1),
        };
        let day = first.and_then(|first| first.checked_add_signed(Duration::days(number - 1)));
        let fits = |day: &NaiveDate| self.iso == Some(true) || number >= 1 && day.year() == year;
        day.filter(fits).ok_or_else(|| "年内天数 超出范围".to_owned())
    }

    fn iso_day(&self, year: i32, week: i64) -> Option<NaiveDate> {
        let week = u32::try_from(week).ok()?;
        let monday = NaiveDate::from_isoywd_opt(year, 1, Weekday::Mon)?;
        let week = monday.checked_add_signed(Duration::weeks(i64::from(week) - 1))?;
        // Sunday is 1 and the last day of the week.
        let behind = self.weekday.map_or(0, |weekday| if weekday > 1 { weekday - 2 } else { 6 });
        week.checked_add_signed(Duration::days(behind))
    }
}
