//! Turns the long list of a breakdown (group, indicator, value) into one row per group with a column per indicator.
//! polars does the reshaping; the cells themselves stay where they are and are found by their place in the list.

use polars::prelude::{
    ChunkCompareEq, Column, DataFrame, DataFrameJoinOps, IdxSize, PlSmallStr, PolarsResult,
    SortMultipleOptions, UniqueKeepStrategy,
};

use crate::data::{Breakdown, Cell};

/// One group with its cells in the order of the section's indicators; `None` where the answer had no row.
#[derive(Debug)]
pub struct Group<'a> {
    pub code: &'a str,
    pub label: &'a str,
    pub cells: Vec<Option<&'a Cell>>,
}

const CODE: &str = "code";
const INDICATOR: &str = "indicator";
const AT: &str = "at";

/// Groups in the order in which they first occur in the answer.
pub fn pivot(section: &Breakdown) -> PolarsResult<Vec<Group<'_>>> {
    let texts = |text: fn(&Cell) -> &str| section.cells.iter().map(text).collect::<Vec<&str>>();
    let long = DataFrame::new_infer_height(vec![
        Column::new(CODE.into(), texts(|c| &c.code)),
        Column::new(INDICATOR.into(), texts(|c| &c.indicator)),
        Column::new(AT.into(), (0..section.cells.len() as IdxSize).collect::<Vec<IdxSize>>()),
    ])?;
    let mut wide =
        long.unique_stable(Some(&[CODE.to_owned()]), UniqueKeepStrategy::First, None)?.select([CODE, AT])?;
    for id in &section.indicators {
        let mut column =
            long.filter(&long.column(INDICATOR)?.str()?.equal(id.as_str()))?.select([CODE, AT])?;
        column.rename(AT, PlSmallStr::from_str(id))?;
        wide = wide.left_join(&column, [CODE], [CODE])?;
    }
    let wide = wide.sort([AT], SortMultipleOptions::default())?;
    let first = wide.column(AT)?.idx()?;
    let columns = section
        .indicators
        .iter()
        .map(|id| wide.column(id).ok().and_then(|c| c.idx().ok()))
        .collect::<Vec<_>>();
    let cell = |at: Option<IdxSize>| at.and_then(|at| section.cells.get(at as usize));
    Ok((0..wide.height())
        .filter_map(|row| {
            let group = cell(first.get(row))?;
            let cells = columns.iter().map(|column| cell(column.and_then(|c| c.get(row)))).collect();
            Some(Group { code: &group.code, label: &group.label, cells })
        })
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::fixture;

    #[test]
    fn the_long_list_becomes_a_table_with_gaps_kept() {
        let mut section = fixture::city().breakdowns.swap_remove(0);
        section.cells.retain(|c| !(c.code == "310105" && c.indicator == "S1-B05"));
        let table = pivot(&section).expect("reshaped");
        assert_eq!(table.len(), 16);
        assert_eq!(table[0].code, "310101");
        let changning = table.iter().find(|g| g.code == "310105").expect("there");
        assert_eq!(changning.label, "长宁区");
        let ids: Vec<Option<&str>> =
            changning.cells.iter().map(|c| c.map(|c| c.indicator.as_str())).collect();
        assert_eq!(ids, [Some("S1-U03"), None, Some("S1-B06")]);
        for group in &table {
            assert!(group.cells.iter().flatten().all(|c| c.code == group.code));
        }
        section.cells.clear();
        assert!(pivot(&section).expect("reshaped").is_empty());
    }
}
