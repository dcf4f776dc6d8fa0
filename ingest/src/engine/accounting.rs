//! Where every row went, in one sentence people can add up.

/// What became of the rows of a file or of a whole feed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Accounting {
    pub rows_in: usize,
    pub stored: usize,
    pub merged: usize,
    pub deleted: usize,
    pub quarantined: usize,
    pub superseded: usize,
}

impl Accounting {
    fn told(&self) -> usize {
        self.stored + self.merged + self.deleted + self.quarantined + self.superseded
    }

    /// How many rows no part of the sum tells of, or tells of twice: a defect when it is not 0.
    pub fn difference(&self) -> usize {
        self.rows_in.abs_diff(self.told())
    }

    /// 收到 6 行 = 入库 5 + 合并 0 + 删除 0 + 隔离 1 + 被取代 0.
    pub fn sentence(&self) -> String {
        let Self { rows_in, stored, merged, deleted, quarantined, superseded } = self;
        let parts = format!(
            "入库 {stored} + 合并 {merged} + 删除 {deleted} + 隔离 {quarantined} + 被取代 {superseded}"
        );
        match self.difference() {
            0 => format!("收到 {rows_in} 行 = {parts}"),
            off => format!("收到 {rows_in} 行，而 {parts}，相差 {off} 行，请联系系统管理员核对"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_adds_up_and_what_does_not() {
        let rows = Accounting {
            rows_in: 6,
            stored: 3,
            merged: 1,
            quarantined: 1,
            superseded: 1,
            ..Accounting::default()
        };
        assert_eq!(rows.sentence(), "收到 6 行 = 入库 3 + 合并 1 + 删除 0 + 隔离 1 + 被取代 1");
        let lost = Accounting { stored: 2, ..rows };
        assert!(lost.difference() == 1 && lost.sentence().contains("相差 1 行"), "{}", lost.sentence());
    }
}
