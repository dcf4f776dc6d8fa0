//! Turns one dimension file into a definition and notes every mistake in it.

use std::collections::BTreeSet;

use pujiang_definition::{At, DIMENSIONS, Places, Section, SourceFile, TABLES};

use super::{DimensionDef, Member, MemberTable, Members};
use crate::definition::{DISTRICT, DISTRICT_COLUMN, PLACE, PLACE_COLUMN, named};

const FORMAT: i64 = 1;
/// Members of a list somebody wrote by hand; more belong into a table.
const MOST_LISTED: usize = 500;
/// Words of questions that no dimension can be called.
const TAKEN: [&str; 5] = ["period", "map_indicator", "map", "wall", "total"];

/// Reads one file. The places of its keys are not known before its end, and come to the definition then.
pub(super) fn definition(file: &SourceFile, root: &Section<'_>) -> Option<DimensionDef> {
    if !is_id(&file.id) || TAKEN.contains(&file.id.as_str()) {
        let message = format!("文件名请写成 <id>.toml，id 只用 a-z、0-9 和 _，且不是 {}", TAKEN.join("、"));
        root.wrong("", message);
    }
    root.format(FORMAT);
    let title = root.required_text("title");
    let description = root.required_text("description");
    let column = root.required_text("column");
    if let Some(column) = &column {
        fixed_column(&file.id, column, root);
    }
    let all = root.text("all").map(|all| all.value);
    let parent = root.text("parent");
    if let Some(parent) = &parent {
        root.refers(parent, &DIMENSIONS);
    }
    let members = members(root, parent.is_some());
    let title = title?.value;
    Some(DimensionDef {
        id: file.id.clone(),
        all: all.unwrap_or_else(|| format!("全部{title}")),
        title,
        description: description?.value,
        column: column?.value,
        parent: parent.map(|parent| parent.value),
        members: members?,
        places: Places::default(),
    })
}

/// Rows are cut by district before any definition is read: its column is no choice of a file.
fn fixed_column(id: &str, column: &At<String>, root: &Section<'_>) {
    for (dimension, fixed) in [(DISTRICT, DISTRICT_COLUMN), (PLACE, PLACE_COLUMN)] {
        if id == dimension && column.value != fixed {
            root.wrong_at(column, format!("维度 {dimension} 的列只能是 {fixed}"));
        }
        if id != dimension && column.value == fixed {
            root.wrong_at(column, format!("列 {fixed} 已是维度 {dimension} 的，请换一列"));
        }
    }
}

fn members(root: &Section<'_>, within: bool) -> Option<Members> {
    let listed = root.tables("member");
    let table = root.table("members");
    match (table, listed.as_slice()) {
        (Some(table), []) => member_table(&table, within).map(Members::Table),
        (Some(table), _) => {
            root.wrong("members", "[[member]] 和 [members] 只能写一种");
            table.leave(&["table", "code", "title", "parent", "until"]);
            None
        }
        (None, []) => Some(Members::Open),
        (None, listed) => {
            if listed.len() > MOST_LISTED {
                root.wrong(
                    "member",
                    format!("最多列 {MOST_LISTED} 个，更多的请放进数据表，用 [members] 引用"),
                );
            }
            let mut codes = BTreeSet::new();
            let read: Vec<_> = listed.iter().map(|section| member(section, within, &mut codes)).collect();
            read.into_iter().collect::<Option<Vec<Member>>>().map(Members::Listed)
        }
    }
}

fn member(section: &Section<'_>, within: bool, codes: &mut BTreeSet<String>) -> Option<Member> {
    let code = section.required_text("code");
    if let Some(code) = code.as_ref().filter(|code| !codes.insert(code.value.clone())) {
        section.wrong_at(code, format!("“{}”写了两次，请删去一个", code.value));
    }
    let title = section.text("title").map(|title| title.value);
    let colour = section.text("colour");
    if let Some(colour) = colour.as_ref().filter(|colour| !is_colour(&colour.value)) {
        section.wrong_at(colour, "颜色请写成 #2b6cb8 这样的六位小写十六进制数");
    }
    let parent = parent(section, within);
    let hidden = section.flag("hidden");
    section.finish();
    let code = code?.value;
    let (title, colour) = (title.unwrap_or_else(|| code.clone()), colour.map(|colour| colour.value));
    Some(Member { code, title, colour, parent: parent.map(|parent| parent.value), hidden })
}

fn member_table(section: &Section<'_>, within: bool) -> Option<MemberTable> {
    let table = named(section, "table", &TABLES);
    let (code, title) = (section.required_text("code"), section.required_text("title"));
    let parent = parent(section, within);
    let until = section.text("until");
    section.finish();
    Some(MemberTable {
        table: table?,
        code: code?.value,
        title: title?.value,
        parent: parent.map(|column| column.value),
        until: until.map(|column| column.value),
    })
}

/// What a member lies within is said if the dimension lies within another, and only then.
fn parent(section: &Section<'_>, within: bool) -> Option<At<String>> {
    let parent = section.text("parent");
    match (&parent, within) {
        (Some(parent), false) => section.wrong_at(parent, "这个维度没有写 parent，请删去此键或在上面补上"),
        (None, true) if !section.has("parent") => {
            section.wrong("parent", "这个维度写了 parent，请说明属于上级的哪一个");
        }
        _ => {}
    }
    parent
}

fn is_colour(text: &str) -> bool {
    text.strip_prefix('#').is_some_and(|digits| {
        digits.len() == 6 && digits.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
    })
}

fn is_id(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_lowercase())
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
}
