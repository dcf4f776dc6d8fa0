//! Rows that sum up others (合计, 小计, 总计) are no data. A row is one only when it holds a word of that kind
//! and numbers, nothing else, so that no real record is dropped.

use crate::value::{Cell, squeeze};

/// Whether the row sums up others.
pub(super) fn is_total(cells: &[Cell]) -> bool {
    let (mut words, mut groups) = (0, 0);
    for cell in cells {
        match cell {
            Cell::Empty | Cell::Exact(_) | Cell::Float(_) => {}
            Cell::Text(text) if is_total_word(text) => words += 1,
            Cell::Text(text) if is_figure(text) => {}
            // What is summed up: 小计, 徐汇区, 文旅. A record has identifiers beside it.
            Cell::Text(text) if is_group(text) => groups += 1,
            _ => return false,
        }
    }
    words > 0 && groups <= 2
}

fn is_group(text: &str) -> bool {
    let text = squeeze(text);
    text.chars().count() <= 8 && text.chars().all(|c| c.is_alphabetic() && !c.is_ascii())
}

fn is_total_word(text: &str) -> bool {
    let text: String =
        squeeze(text).to_lowercase().chars().filter(|c| !"()[]:*-—_=【】".contains(*c)).collect();
    if text.chars().count() > 16 {
        return false;
    }
    const WORDS: [&str; 7] = ["合计", "小计", "总计", "共计", "累计", "总合计", "汇总"];
    let starts = WORDS.iter().find_map(|w| text.strip_prefix(w));
    matches!(text.as_str(), "total" | "subtotal" | "grandtotal" | "sum" | "totals" | "总额")
        || WORDS.iter().any(|w| text.ends_with(w))
        || starts.is_some_and(|rest| is_figure(rest) || rest.is_empty() || rest == "金额" || rest == "元")
}

/// A number with what people put around it: 800笔, ￥1,234.50元.
fn is_figure(text: &str) -> bool {
    let text = squeeze(text);
    text.chars().any(|c| c.is_ascii_digit())
        && text.chars().all(|c| c.is_ascii_digit() || ".,，¥￥元笔条人次家户个共%()-+年月日/~至".contains(c))
        // A serial number or card number is no sum.
        && text.bytes().filter(u8::is_ascii_digit).count() <= 14
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn totals_and_rows_that_only_look_like_them() {
        let check = |cells: &[&str], expected| {
            let cells: Vec<Cell> = cells.iter().map(|c| Cell::text(*c)).collect();
            assert_eq!(is_total(&cells), expected, "{cells:?}");
        };
        check(&["合计", "", "", "247240.26"], true);
        check(&["", "合 计", "￥1,234.50元"], true);
        check(&["合计：800笔", "", "1234"], true);
        check(&["小计", "800笔", "12.5"], true);
        check(&["徐汇区小计", "12.5"], true);
        check(&["本页合计", "12.5"], true);
        check(&["总　计"], true);
        check(&["Total", "12.5"], true);
        check(&["小计", "", "徐汇区", "文旅", "12.5"], true);
        check(&["合计", "2026年9月", "12.5"], true);
        check(&["Grand Total", "12.5"], true);
        check(&["WL1", "2026-09-01", "合计"], false);
        check(&["合计", "2026年9月21日 15:06", "浦东新区"], false);
        check(&["3100681774174872", "小计"], false);
        check(&["合计大厦停车", "12"], false);
        check(&["", ""], false);
        check(&["1", "2"], false);
    }
}
