//! Fills a lake with TPC-H. A customer lives in the district of its key; orders and order lines follow their customer.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, RecordBatch, StringArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Int32Type, Int64Type};
use pujiang_definition::{LakeForms, Layers};
use pujiang_security::district::DISTRICTS;
use pujiang_warehouse::{Catalog, Lake, TableDef};
use tpchgen::generators::{
    CustomerGenerator, LineItemGenerator, NationGenerator, OrderGenerator, PartGenerator, PartSuppGenerator,
    RegionGenerator, SupplierGenerator,
};
use tpchgen_arrow::{
    CustomerArrow, LineItemArrow, NationArrow, OrderArrow, PartArrow, PartSuppArrow, RegionArrow,
    SupplierArrow,
};

/// The lake in `folder`, filled unless it is already.
pub async fn lake(folder: &Path, scale: f64) -> Arc<Lake> {
    let definitions = Layers::tree(&PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("bench/tpch"));
    let catalog = Catalog::load(&definitions, &LakeForms::default()).finished().unwrap();
    let lake = Lake::open(folder, catalog).await.unwrap();
    // Loaded last, in one commit: if it is there, everything is.
    if lake.status().iter().all(|table| table.id != "lineitem" || table.rows == 0) {
        fill(&lake, scale).await;
    }
    lake
}

async fn fill(lake: &Lake, scale: f64) {
    let one = |rows| Source { rows, keys: 1, district: District::None };
    table(lake, "region", one(each(RegionArrow::new(RegionGenerator::new(scale, 1, 1))))).await;
    table(lake, "nation", one(each(NationArrow::new(NationGenerator::new(scale, 1, 1))))).await;
    table(lake, "supplier", one(each(SupplierArrow::new(SupplierGenerator::new(scale, 1, 1))))).await;
    table(lake, "part", one(each(PartArrow::new(PartGenerator::new(scale, 1, 1))))).await;
    let rows = each(PartSuppArrow::new(PartSuppGenerator::new(scale, 1, 1)));
    table(lake, "partsupp", Source { rows, keys: 2, district: District::None }).await;
    let rows = each(CustomerArrow::new(CustomerGenerator::new(scale, 1, 1)));
    table(lake, "customer", Source { rows, keys: 1, district: District::OfCustomer(0) }).await;
    let rows = each(OrderArrow::new(OrderGenerator::new(scale, 1, 1)));
    table(lake, "orders", Source { rows, keys: 1, district: District::OfCustomer(1) }).await;
    let customers = OrderArrow::new(OrderGenerator::new(scale, 1, 1)).map(Result::unwrap);
    let district = District::OfOrder(customers_of_orders(customers));
    let rows = each(LineItemArrow::new(LineItemGenerator::new(scale, 1, 1)));
    table(lake, "lineitem", Source { rows, keys: 4, district }).await;
}

type Rows = Box<dyn Iterator<Item = RecordBatch> + Send>;

fn each<T>(batches: T) -> Rows
where
    T: Iterator<Item = Result<RecordBatch, arrow::error::ArrowError>> + Send + 'static,
{
    Box::new(batches.map(Result::unwrap))
}

struct Source {
    rows: Rows,
    /// 1: the first column is the key; 2: the first two; 4: the first and the fourth (order and line).
    keys: usize,
    district: District,
}

enum District {
    None,
    /// By the customer in this column.
    OfCustomer(usize),
    /// By the order in the first column; the customer of each order key.
    OfOrder(Vec<u32>),
}

impl District {
    fn codes(&self, batch: &RecordBatch) -> Option<StringArray> {
        let column = |at: usize| batch.column(at).as_primitive::<Int64Type>().values();
        let code = |customer: usize| DISTRICTS[customer % DISTRICTS.len()].code.as_str();
        let index = |key: &i64| usize::try_from(*key).unwrap();
        match self {
            Self::None => None,
            Self::OfCustomer(at) => {
                Some(StringArray::from_iter_values(column(*at).iter().map(|key| code(index(key)))))
            }
            Self::OfOrder(customers) => Some(StringArray::from_iter_values(
                column(0).iter().map(|order| code(customers[index(order)] as usize)),
            )),
        }
    }
}

fn customers_of_orders(orders: impl Iterator<Item = RecordBatch>) -> Vec<u32> {
    let mut customers = Vec::new();
    for batch in orders {
        let keys = batch.column(0).as_primitive::<Int64Type>().values();
        let owners = batch.column(1).as_primitive::<Int64Type>().values();
        for (key, owner) in keys.iter().zip(owners) {
            let at = usize::try_from(*key).unwrap();
            if customers.len() <= at {
                customers.resize(at + 1, 0);
            }
            customers[at] = u32::try_from(*owner).unwrap();
        }
    }
    customers
}

async fn table(lake: &Lake, id: &str, source: Source) {
    let def = lake.catalog().table(id).unwrap().clone();
    let mut load = lake.bulk(id).unwrap();
    for batch in source.rows {
        let keys = row_keys(&batch, source.keys);
        let districts = source.district.codes(&batch);
        load.push(conformed(&def, &batch, keys, districts)).await.unwrap();
    }
    load.finish(None).await.unwrap();
}

/// The lake wants one text column that identifies a row; padded, so that it sorts like the numbers.
fn row_keys(batch: &RecordBatch, keys: usize) -> ArrayRef {
    let number = |at: usize| batch.column(at).as_primitive::<Int64Type>();
    let texts: StringArray = match keys {
        1 => number(0).values().iter().map(|key| Some(format!("{key:09}"))).collect(),
        2 => number(0)
            .values()
            .iter()
            .zip(number(1).values())
            .map(|(one, two)| Some(format!("{one:09}-{two:07}")))
            .collect(),
        _ => number(0)
            .values()
            .iter()
            .zip(batch.column(3).as_primitive::<Int32Type>().values())
            .map(|(order, line)| Some(format!("{order:09}-{line}")))
            .collect(),
    };
    Arc::new(texts)
}

fn conformed(
    def: &TableDef,
    batch: &RecordBatch,
    keys: ArrayRef,
    districts: Option<StringArray>,
) -> RecordBatch {
    let columns = def
        .columns
        .iter()
        .map(|column| match (&districts, column.name.as_str()) {
            (_, name) if name == def.key => keys.clone(),
            (Some(districts), "district_code") => Arc::new(districts.clone()),
            (_, name) => {
                let kind: DataType = column.kind.arrow();
                cast(batch.column_by_name(name).unwrap(), &kind).unwrap()
            }
        })
        .collect();
    RecordBatch::try_new(def.arrow_schema(), columns).unwrap()
}
