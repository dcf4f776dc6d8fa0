//! Why somebody can or cannot see a row and its columns: the rule of `grants` and the treatments, told for one record.
//! For security administrators; says where a record belongs, never what stands in it.

use std::sync::Arc;

use arrow::array::{Array, AsArray};
use arrow::compute::cast;
use arrow::datatypes::DataType;
use futures::FutureExt;
use futures::future::BoxFuture;
use pujiang_security::district::name_of;
use pujiang_security::{
    DataScope, DistrictCode, Permission, Principal, Role, ScopeLevel, StreetCode, Treatment,
};

use super::door::Door;
use super::grants::Grants;
use crate::definition::{TableDef, TableKind};
use crate::delta::parquet_file;
use crate::error::WarehouseError;

/// Whether a record is shown to somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// At least one grant shows it.
    Shown,
    /// It is there, and no grant shows it.
    NotShown,
    /// There is no such record.
    Absent,
}

/// The answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Why {
    /// Whether the record is shown.
    pub verdict: Verdict,
    /// The reasons, in words.
    pub reasons: Vec<String>,
    /// How each column is shown, whether or not the record is.
    pub columns: Vec<WhyColumn>,
}

/// How and why a column is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WhyColumn {
    /// SQL name.
    pub name: String,
    /// Chinese title.
    pub title: String,
    /// How it is shown.
    pub treatment: Treatment,
    /// Which roles decide.
    pub reason: String,
}

/// Where a record belongs.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
struct Place {
    district: Option<String>,
    street: Option<String>,
    organization: Option<String>,
    person: Option<String>,
}

impl Door {
    /// Says for a record of a table whether `target` sees it and how, and why. `asker` needs `AccessExplain`.
    pub fn why<'a>(
        &'a self,
        asker: &'a Principal,
        target: &'a Principal,
        table: &'a str,
        id: &'a str,
    ) -> BoxFuture<'a, Result<Why, WarehouseError>> {
        async move {
            if !asker.can(Permission::AccessExplain) {
                return Err(WarehouseError::NotAllowed("权限说明只对安全管理员开放"));
            }
            let unknown = || WarehouseError::UnknownTable(table.to_owned());
            let def = self.tables.get(table).ok_or_else(unknown)?.def().clone();
            let (grants, _) = self.grants(target).await?;
            let place = Box::pin(self.place_of(table, &def, id)).await?;
            let (verdict, reasons) = match place {
                None => (Verdict::Absent, vec!["没有这条记录".to_owned()]),
                Some(place) => judge(&def, &grants, &place),
            };
            Ok(Why { verdict, reasons, columns: self.columns(target, &def) })
        }
        .boxed()
    }

    /// Looks a record up by its key. Reads the key and the columns of scopes, nothing else.
    async fn place_of(&self, table: &str, def: &TableDef, id: &str) -> Result<Option<Place>, WarehouseError> {
        let Some(lake) = self.tables.get(table) else { return Ok(None) };
        let snapshot = lake.snapshot();
        let scope = &def.scope;
        let mut wanted = vec![def.key.as_str()];
        wanted.extend(
            [&scope.street, &scope.organization, &scope.person].into_iter().flatten().map(String::as_str),
        );
        let candidates = lake.keys.candidates(lake.store(), &snapshot, &def.key, &[id]).await?;
        for file in candidates.iter().filter(|f| !f.is_tombstones()) {
            let rows = parquet_file::read(lake.store(), file, &wanted).await?;
            let texts = |name: &str| cast(rows.column_by_name(name)?, &DataType::Utf8).ok();
            let Some(keys) = texts(&def.key) else { continue };
            let Some(row) = keys.as_string::<i32>().iter().position(|key| key == Some(id)) else { continue };
            let at = |name: &Option<String>| {
                let column = texts(name.as_deref()?)?;
                column.is_valid(row).then(|| column.as_string::<i32>().value(row).to_owned())
            };
            return Ok(Some(Place {
                district: file.district.clone(),
                street: at(&scope.street),
                organization: at(&scope.organization),
                person: at(&scope.person),
            }));
        }
        Ok(None)
    }

    fn columns(&self, target: &Principal, def: &TableDef) -> Vec<WhyColumn> {
        let seen = self.seen(target).view;
        let view = seen.tables.get(&def.id);
        let shown =
            |name: &str| view.and_then(|v| v.columns.iter().find(|c| c.name == name)).map(|c| c.treatment);
        let column = |column: &crate::definition::ColumnDef| WhyColumn {
            name: column.name.clone(),
            title: column.title.clone(),
            treatment: shown(&column.name).unwrap_or(Treatment::Hidden),
            reason: reason(def, &column.name, target.roles()),
        };
        def.columns.iter().map(column).collect()
    }
}

fn reason(def: &TableDef, column: &str, roles: &[Arc<Role>]) -> String {
    let Some(policy) = def.masks.get(column) else { return "本表未对该列设限".to_owned() };
    let readers: Vec<&Arc<Role>> = roles.iter().filter(|role| role.reads_data()).collect();
    let titled = |roles: &mut dyn Iterator<Item = String>| roles.collect::<Vec<_>>().join("、");
    let unnamed = titled(
        &mut readers.iter().filter(|r| !policy.per_role.contains_key(r.id())).map(|r| r.title().to_owned()),
    );
    if readers.is_empty() {
        return format!("没有可读数据的角色，按其他角色处理：{}", policy.otherwise.title());
    }
    if unnamed.is_empty() {
        let named = readers
            .iter()
            .filter_map(|r| Some(format!("{}（{}）", r.title(), policy.per_role.get(r.id())?.title())));
        return format!("各角色均在定义中列明，取最宽：{}", titled(&mut { named }));
    }
    format!("角色{unnamed}未在定义中列明，取最严：其他角色为{}", policy.otherwise.title())
}

/// The rule of `Grants::reach` and `RowRule` for one record, with words.
fn judge(def: &TableDef, grants: &Grants, place: &Place) -> (Verdict, Vec<String>) {
    let scope: &DataScope = &grants.scope;
    if def.kind == TableKind::Reference {
        return (Verdict::Shown, vec!["参考数据，所有人可见".to_owned()]);
    }
    if scope.level() == ScopeLevel::City {
        return (Verdict::Shown, vec!["数据范围为全市".to_owned()]);
    }
    let mut shows = Vec::new();
    let mut hides = Vec::new();
    let district = place.district.as_deref().and_then(|d| DistrictCode::parse(d).ok());
    match district {
        Some(code) if scope.allows(code) => shows.push(format!("数据范围包含{}", name_of(code))),
        Some(code) => hides.push(format!("记录属于{}，不在整区可见的范围内", name_of(code))),
        None => hides.push("记录没有所属区".to_owned()),
    }
    let street = place.street.as_deref().and_then(|s| StreetCode::parse(s).ok());
    let finer = [
        (
            "街镇",
            scope.streets().is_empty(),
            &def.scope.street,
            &place.street,
            street.is_some_and(|s| scope.streets().contains(&s)),
        ),
        (
            "单位",
            grants.organizations.is_empty(),
            &def.scope.organization,
            &place.organization,
            place.organization.as_ref().is_some_and(|o| grants.organizations.contains(o)),
        ),
        (
            "本人",
            scope.persons().is_empty(),
            &def.scope.person,
            &place.person,
            place.person.as_ref().is_some_and(|p| scope.persons().iter().any(|own| own.as_str() == p)),
        ),
    ];
    // Which organisation or person a record belongs to is content of the record and is not told.
    for (what, not_granted, column, value, granted) in finer {
        match (not_granted, column, value) {
            (true, ..) => {}
            (_, None, _) => hides.push(format!("本表没有{what}列，{what}范围不显示任何记录")),
            (_, Some(column), None) => hides.push(format!("记录的{column}为空，{what}范围不显示它")),
            (_, Some(_), Some(_)) if granted => shows.push(format!("{what}范围包含该记录")),
            (_, Some(_), Some(_)) => hides.push(format!("{what}范围不包含该记录")),
        }
    }
    match shows.is_empty() {
        false => (Verdict::Shown, shows),
        true if scope.level() == ScopeLevel::Nothing => {
            (Verdict::NotShown, vec!["没有任何数据范围".to_owned()])
        }
        true => (Verdict::NotShown, hides),
    }
}
