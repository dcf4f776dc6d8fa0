//! Rows that are no data: sums of others (合计, 小计, 总计, also in words) and what stands under a table (制表人, 审核人,
//! page numbers). The rule is narrow, so that no real record is dropped: such a row holds nothing but words of its kind,
//! figures, amounts in words and a name or date behind a label; one cell more, or one long number, and it is a record.

use crate::value::{Cell, squeeze};

/// Words for a sum.
const SUMS: [&str; 9] = ["总合计", "合计", "小计", "总计", "共计", "累计", "汇总", "总金额", "总额"];
/// What stands around them and says nothing else.
const FILLERS: [&str; 15] = [
    "大写",
    "小写",
    "人民币",
    "rmb",
    "cny",
    "金额",
    "总数",
    "笔数",
    "条数",
    "行数",
    "数量",
    "元",
    "数",
    "为",
    "本页",
];
/// Labels under a table. A longer one stands before the one it begins with.
const LABELS: [&str; 51] = [
    "制表单位",
    "制表日期",
    "制表时间",
    "制表人",
    "制表",
    "制单人",
    "制单日期",
    "制单",
    "填表单位",
    "填表日期",
    "填表人",
    "填表",
    "填报单位",
    "填报日期",
    "填报时间",
    "填报人",
    "填报",
    "报送单位",
    "报送日期",
    "审核人",
    "审核",
    "复核人",
    "复核",
    "审批人",
    "审批",
    "单位负责人",
    "财务负责人",
    "部门负责人",
    "负责人",
    "主管",
    "会计",
    "出纳",
    "经办人",
    "经办",
    "经手人",
    "联系人",
    "联系电话",
    "盖章",
    "公章",
    "单位盖章",
    "签字",
    "签章",
    "签名",
    "打印时间",
    "打印日期",
    "打印人",
    "导出时间",
    "导出人",
    "生成时间",
    "备注",
    "说明",
];
/// A name or date behind a label is not longer.
const LONGEST_NAME: usize = 20;

/// Whether the row is no data.
pub(super) fn is_no_data(cells: &[Cell]) -> bool {
    is_total(cells) || is_footer(cells)
}

/// Whether the row sums up others.
pub(super) fn is_total(cells: &[Cell]) -> bool {
    let (mut words, mut groups) = (0, 0);
    for cell in cells {
        match cell {
            Cell::Empty | Cell::Exact(_) | Cell::Float(_) | Cell::Shown { .. } => {}
            // The day of the sum. A time of day makes it a record.
            Cell::Wall(time) if time.time() == chrono::NaiveTime::MIN => {}
            Cell::Text(text) if is_total_word(text) => words += 1,
            Cell::Text(text) if is_figure(text) || is_amount_in_words(&squeeze(text)) => {}
            // What is summed up: 小计, 徐汇区, 文旅. A record has identifiers beside it.
            Cell::Text(text) if is_group(text) => groups += 1,
            _ => return false,
        }
    }
    words > 0 && groups <= 2
}

/// Whether the row stands under a table: labels with a name or date behind each, page numbers.
fn is_footer(cells: &[Cell]) -> bool {
    let (mut labels, mut behind_label) = (0, false);
    for cell in cells.iter().filter(|c| !c.is_empty()) {
        let Cell::Text(text) = cell else {
            // A date or a count behind a label.
            if !behind_label || !matches!(cell, Cell::Wall(_) | Cell::Float(_) | Cell::Exact(_)) {
                return false;
            }
            behind_label = false;
            continue;
        };
        let text = squeeze(text);
        if text.bytes().filter(u8::is_ascii_digit).count() >= 12 && !text.contains([':', '-', '年']) {
            return false;
        }
        match footer_label(&text) {
            Some(bare) => {
                labels += 1;
                behind_label = bare;
            }
            None if behind_label && text.chars().count() <= LONGEST_NAME => behind_label = false,
            None => return false,
        }
    }
    labels > 0
}

/// Whether a text is a label under a table, or a page number: `true` when its value is still to come.
fn footer_label(text: &str) -> Option<bool> {
    let page = text.trim_matches(['-', '(', ')', '/', ',']);
    if page.starts_with('第') && page.ends_with('页')
        || page.starts_with('共') && page.ends_with(['页', '条', '行', '录'])
    {
        let rest: String = page.chars().filter(|c| !"第共页条行记录/,.".contains(*c)).collect();
        return rest.chars().all(|c| c.is_ascii_digit()).then_some(false);
    }
    let text = text.trim_start_matches(['(', '*']);
    let label = LABELS.iter().find(|label| text.starts_with(**label))?;
    match text[label.len()..].trim_end_matches([')', '_']) {
        "" | ":" => Some(true),
        rest => {
            // 备注：… may be long, but a serial number in it makes it worth a look.
            let long = rest.split(|c: char| !c.is_ascii_digit()).any(|digits| digits.len() >= 12);
            (rest.starts_with([':', '(']) && !long).then_some(false)
        }
    }
}

fn is_group(text: &str) -> bool {
    let text = squeeze(text);
    text.chars().count() <= 8 && text.chars().all(|c| c.is_alphabetic() && !c.is_ascii())
}

fn is_total_word(text: &str) -> bool {
    let text: String =
        squeeze(text).to_lowercase().chars().filter(|c| !"()[]:*-—_=【】".contains(*c)).collect();
    let short = text.chars().count() <= 16;
    if matches!(text.as_str(), "total" | "subtotal" | "grandtotal" | "sum" | "totals")
        || short && SUMS.iter().any(|w| text.ends_with(w))
    {
        return true;
    }
    // 合计人民币大写叁拾陆元整, 总计：36.00元, 金额大写: a word for a sum, or for the form of one, and its amount.
    let (mut rest, mut told) = (text.as_str(), false);
    loop {
        let word = SUMS.iter().chain(&FILLERS).chain(&["total", "以上"]).find(|w| rest.starts_with(**w));
        let Some(word) = word else { break };
        told |= SUMS.contains(word) || matches!(*word, "大写" | "小写" | "total");
        rest = &rest[word.len()..];
    }
    told && (rest.is_empty() || is_figure(rest) || is_amount_in_words(rest))
}

/// 叁拾陆元整, 人民币三十六元五角.
fn is_amount_in_words(squeezed: &str) -> bool {
    const DIGITS: &str = "零〇壹贰叁肆伍陆柒捌玖一二三四五六七八九两十拾百佰千仟";
    let text: String = squeezed.chars().filter(|c| !"():¥￥".contains(*c)).collect();
    let text = text.trim_start_matches("人民币").trim_start_matches("大写").trim_start_matches(['负', '⊗']);
    text.contains(['元', '圆', '整', '正', '角', '分'])
        && text.contains(|c| DIGITS.contains(c))
        && text.chars().all(|c| DIGITS.contains(c) || "万萬亿億元圆角分整正".contains(c))
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
    #[test]
    fn right_answer_15_totals_in_words_and_what_stands_under_a_table() {
        let check = |cells: &[&str], expected| {
            let cells: Vec<Cell> = cells.iter().map(|c| Cell::text(*c)).collect();
            assert_eq!(is_no_data(&cells), expected, "{cells:?}");
        };
        for row in [
            ["合计（大写）：叁拾陆元整", "", "36.00"],
            ["合计人民币（大写）", "叁拾陆元整", "36.00"],
            ["总计：叁拾陆元整", "", ""],
            ["合计金额（大写）：人民币壹仟贰佰叁拾肆万伍仟陆佰柒拾捌元玖角壹分", "", ""],
            ["金额大写：叁拾陆圆整", "", ""],
            ["人民币（大写）：叁拾陆元正", "小写：￥36.00", ""],
            ["小写", "36.00", ""],
            ["总金额", "36.00", ""],
            ["合计笔数：2笔", "合计金额：36.00元", ""],
            ["本页小计", "三十六元", ""],
            ["以上合计：36.00", "", ""],
            ["Total: 36.00", "", ""],
            ["制表人：张三", "审核人：李四", "制表日期：2026-10-03"],
            ["制表人", "张三", ""],
            ["填报人：", "王五", "联系电话：13812341234"],
            ["制单", "", "复核"],
            ["单位负责人（签字）：", "", "（盖章）"],
            ["第 1 页 共 3 页", "", ""],
            ["共 2 条记录", "", ""],
            ["打印时间：2026-10-03 08:05:00", "", ""],
            ["备注：以上数据不含退款", "", ""],
        ] {
            check(&row, true);
        }
        for row in [
            // One cell of a record, a serial number, a card: to be looked at, not dropped.
            ["合计（大写）：叁拾陆元整", "BT1", "36.00"],
            ["制表人", "张三", "BT1"],
            ["备注：流水号202610030000000001有误", "", ""],
            ["制表人", "3100608965573510", ""],
            ["叁拾陆元整", "", "36.00"],
            ["大写", "abc", ""],
            ["说明书", "36.00", ""],
            ["备注", "2026-10-03 08:05:00", "徐汇区"],
            ["会计师事务所", "徐汇区", "36.00"],
            ["合计大厦停车", "叁拾陆元整", "36.00"],
            ["第一百货", "徐汇区", "36.00"],
        ] {
            check(&row, false);
        }
        let day = chrono::NaiveDate::from_ymd_opt(2026, 9, 30).expect("day");
        let sum = |time| [Cell::text("合计"), Cell::Wall(time), Cell::Float(36.0)];
        assert!(is_no_data(&sum(day.and_time(chrono::NaiveTime::MIN))));
        assert!(!is_no_data(&sum(day.and_hms_opt(10, 0, 0).expect("time"))));
    }
}
