//! The PDF of a report: charts as SVG, figures as text, set by Typst from the report's template with the Chinese
//! font embedded. A pure function of the report data; knows neither where the file goes nor who gets it.

mod fonts;
mod view;
mod world;

use std::sync::Arc;

use chrono::{DateTime, Datelike, FixedOffset, Timelike};
use typst::foundations::{Datetime, Smart};
use typst::syntax::Source;
use typst::utils::LazyHash;
use typst::{Library, LibraryExt};
use typst_layout::PagedDocument;
use typst_pdf::{PdfOptions, Timestamp};

pub use fonts::{FAMILY, FONT_DIR_VARIABLE, FontError, Fonts};
use world::ReportWorld;

use crate::chart::{self, ChartError, Geography, GeographyError};
use crate::data::ReportData;

/// The PDF could not be made.
#[derive(Debug, thiserror::Error)]
pub enum PdfError {
    /// No Chinese font.
    #[error(transparent)]
    Font(#[from] FontError),
    /// The district boundaries are damaged.
    #[error(transparent)]
    Geography(#[from] GeographyError),
    /// A chart could not be drawn.
    #[error(transparent)]
    Chart(#[from] ChartError),
    /// The figures could not be written for the template.
    #[error("writing the data for template {template} failed")]
    View {
        /// Report id.
        template: String,
        /// Cause.
        #[source]
        source: serde_json::Error,
    },
    /// The template has errors.
    #[error("template {template} does not compile: {}", problems.join("; "))]
    Template {
        /// Report id.
        template: String,
        /// What is wrong and where.
        problems: Vec<String>,
    },
}

/// A finished document.
#[derive(Debug)]
pub struct Pdf {
    /// The file.
    pub bytes: Vec<u8>,
    /// Number of pages.
    pub pages: usize,
    /// What the typesetter found odd, and characters without a glyph. Empty when all is well.
    pub warnings: Vec<String>,
}

/// Fonts, boundaries and library, loaded once and shared by all documents of a run.
pub struct Typesetter {
    library: LazyHash<Library>,
    fonts: Arc<Fonts>,
    geography: Geography,
}

/// A parsed template; parsing once is enough for all scopes of a run.
#[derive(Debug, Clone)]
pub struct Template {
    id: String,
    main: Source,
}

impl Template {
    /// Takes the text of `templates/<id>/main.typ`.
    ///
    /// # Errors
    /// The text does not parse.
    pub fn new(id: &str, text: &str) -> Result<Self, PdfError> {
        let broken = |problems: Vec<String>| PdfError::Template { template: id.to_owned(), problems };
        let file = world::file_id("main.typ").map_err(|problem| broken(vec![problem]))?;
        let main = Source::new(file, text.to_owned());
        let problems: Vec<String> =
            main.root().errors_and_warnings().0.iter().map(|error| error.message.to_string()).collect();
        if problems.is_empty() { Ok(Self { id: id.to_owned(), main }) } else { Err(broken(problems)) }
    }

    /// Whether the template asks for a chart.
    #[must_use]
    pub fn shows(&self, chart: &str) -> bool {
        self.main.text().contains(&format!("\"{chart}\""))
    }
}

impl Typesetter {
    /// Loads fonts and boundaries.
    ///
    /// # Errors
    /// The font is not installed; the message names the package.
    pub fn load() -> Result<Self, PdfError> {
        Ok(Self::with_fonts(Fonts::discover()?, Geography::builtin()?))
    }

    /// A typesetter with these fonts and boundaries.
    #[must_use]
    pub fn with_fonts(fonts: Fonts, geography: Geography) -> Self {
        Self { library: LazyHash::new(Library::default()), fonts: Arc::new(fonts), geography }
    }

    /// Sets one document. Takes a second or so of processor time: call it on a blocking thread.
    ///
    /// # Errors
    /// A chart or the template is wrong.
    pub fn render(&self, template: &Template, data: &ReportData) -> Result<Pdf, PdfError> {
        let mut files = vec![];
        let mut drawn = vec![];
        for facts in &data.charts {
            if let Some(svg) = chart::draw(facts, data, &self.geography)? {
                files.push((view::chart_file(&facts.id), svg.into_bytes()));
                drawn.push(facts.id.clone());
            }
        }
        let view = serde_json::to_vec(&view::view(data, &drawn))
            .map_err(|source| PdfError::View { template: template.id.clone(), source })?;
        files.push(("data.json".to_owned(), view));
        let missing = files
            .iter()
            .filter_map(|(_, bytes)| std::str::from_utf8(bytes).ok())
            .flat_map(|text| self.fonts.missing(text));
        let missing: String = missing.collect::<std::collections::BTreeSet<char>>().into_iter().collect();

        let broken = |problems: Vec<String>| PdfError::Template { template: template.id.clone(), problems };
        let world = ReportWorld::new(
            &self.library,
            self.fonts.clone(),
            template.main.clone(),
            files,
            moment(data.data_time),
        )
        .map_err(|problem| broken(vec![problem]))?;
        let explain = |list: &[typst::diag::SourceDiagnostic]| {
            list.iter().map(|d| world.explain(d)).collect::<Vec<_>>()
        };
        let compiled = typst::compile::<PagedDocument>(&world);
        let mut warnings = explain(&compiled.warnings);
        if !missing.is_empty() {
            warnings.push(format!("字体“{FAMILY}”没有这些字：{missing}"));
        }
        let document = compiled.output.map_err(|errors| broken(explain(&errors)))?;
        let bytes = typst_pdf::pdf(&document, &options(data)).map_err(|errors| broken(explain(&errors)))?;
        Ok(Pdf { bytes, pages: document.pages().len(), warnings })
    }
}

/// Forgets what the typesetter remembers of finished documents, so that a server that only waits is small.
pub fn forget() {
    typst::comemo::evict(0);
}

fn options(data: &ReportData) -> PdfOptions {
    let ident = format!("{} {} {}", data.report, data.period.value, data.scope.label);
    let timestamp = moment(data.data_time)
        .and_then(|at| Timestamp::new_local(at, data.data_time.offset().local_minus_utc() / 60));
    PdfOptions {
        ident: Smart::Custom(ident),
        creator: Smart::Custom(Some("Pujiang".to_owned())),
        timestamp,
        ..PdfOptions::default()
    }
}

fn moment(at: DateTime<FixedOffset>) -> Option<Datetime> {
    let small = |n: u32| u8::try_from(n).ok();
    Datetime::from_ymd_hms(
        at.year(),
        small(at.month())?,
        small(at.day())?,
        small(at.hour())?,
        small(at.minute())?,
        small(at.second())?,
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::fixture;

    fn set(template: &str, data: &ReportData) -> Result<Pdf, PdfError> {
        let template = Template::new("benefit_monthly", template)?;
        Typesetter::load().expect("fonts-noto-cjk is installed").render(&template, data)
    }

    const MONTHLY: &str = include_str!("../../templates/benefit_monthly/main.typ");

    #[test]
    fn the_monthly_report_sets_without_a_warning_for_city_and_district() {
        for (data, pages) in [(fixture::city(), 7), (fixture::district(), 6)] {
            let pdf = set(MONTHLY, &data).expect("set");
            assert_eq!(pdf.warnings, Vec::<String>::new(), "{}", data.scope.short);
            assert_eq!(pdf.pages, pages, "{}", data.scope.short);
            assert!(pdf.bytes.starts_with(b"%PDF-1.7"));
            if let Some(dir) = std::env::var_os("PUJIANG_REPORT_PREVIEW") {
                std::fs::write(
                    std::path::Path::new(&dir).join(format!("{}.pdf", data.scope.short)),
                    &pdf.bytes,
                )
                .expect("written");
            }
        }
    }

    #[test]
    fn a_month_without_a_single_record_still_sets() {
        let mut data = fixture::city();
        data.breakdowns.iter_mut().for_each(|b| b.cells.clear());
        for figure in &mut data.figures {
            (figure.current, figure.previous, figure.mom, figure.last_year, figure.yoy, figure.cumulative) =
                (None, None, None, None, None, None);
        }
        data.trend.series.iter_mut().for_each(|s| s.values.fill(None));
        assert_eq!(set(MONTHLY, &data).expect("set").warnings, Vec::<String>::new());
    }

    #[test]
    fn a_character_without_a_glyph_is_reported() {
        let mut data = fixture::city();
        data.department.push('\u{10FFFD}');
        assert!(set(MONTHLY, &data).expect("set").warnings.iter().any(|w| w.contains('\u{10FFFD}')));
    }

    #[test]
    fn an_error_in_a_template_says_where() {
        let error = set("= Title\n#nothing-of-that-name", &fixture::city()).expect_err("broken").to_string();
        assert!(error.contains("benefit_monthly") && error.contains("main.typ:2:"), "{error}");
        let unclosed = set("#let a = (", &fixture::city()).expect_err("broken").to_string();
        assert!(unclosed.contains("unclosed"), "{unclosed}");
    }
}
