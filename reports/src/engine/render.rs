//! Makes the files of one scope: figures asked for as the recipient, then workbook and PDF on a blocking thread.

use std::sync::Arc;

use super::ReportEngine;
use super::recipients::ScopeGroup;
use crate::data::ReportData;
use crate::definition::{Format, ReportDefinition};
use crate::error::ReportError;
use crate::pdf::Typesetter;
use crate::period::Period;
use crate::xlsx;

/// A file in memory.
#[derive(Debug)]
pub struct RenderedFile {
    /// File name.
    pub name: String,
    /// Format.
    pub format: Format,
    /// Content.
    pub bytes: Vec<u8>,
}

/// All files of one scope and the figures they show.
#[derive(Debug)]
pub struct RenderedScope {
    /// The figures.
    pub data: ReportData,
    /// The files.
    pub files: Vec<RenderedFile>,
}

/// How far a run is.
#[derive(Debug, Clone)]
pub struct Progress {
    /// Scopes finished.
    pub done: usize,
    /// Scopes in all.
    pub total: usize,
    /// The scope finished last.
    pub scope: String,
}

impl ReportEngine {
    /// Asks for the figures and renders them.
    pub(super) async fn render_scope(
        &self,
        report: &ReportDefinition,
        period: Period,
        group: &ScopeGroup,
        typesetter: Option<Arc<Typesetter>>,
    ) -> Result<RenderedScope, ReportError> {
        let data = self.source.collect(report, period, group.reader(), self.clock.now()).await?;
        let (definition, ending) = (report.clone(), group.ending.clone());
        let rendering =
            tokio::task::spawn_blocking(move || render(&definition, data, &ending, typesetter.as_deref()));
        rendering
            .await
            .map_err(|e| ReportError::Render { report: report.id.clone(), reason: e.to_string() })?
    }
}

/// Fonts and boundaries for a run, if the report has a PDF.
pub(super) async fn typesetter(report: &ReportDefinition) -> Result<Option<Arc<Typesetter>>, ReportError> {
    if !report.formats.contains(&Format::Pdf) {
        return Ok(None);
    }
    let loading = tokio::task::spawn_blocking(Typesetter::load);
    let loaded = loading
        .await
        .map_err(|e| ReportError::Render { report: report.id.clone(), reason: e.to_string() })?;
    Ok(Some(Arc::new(loaded?)))
}

fn render(
    report: &ReportDefinition,
    data: ReportData,
    ending: &str,
    typesetter: Option<&Typesetter>,
) -> Result<RenderedScope, ReportError> {
    let mut files = vec![];
    for format in &report.formats {
        let bytes = match (format, typesetter) {
            (Format::Xlsx, _) => xlsx::render(&data)?,
            (Format::Pdf, Some(typesetter)) => {
                let pdf = typesetter.render(&report.template, &data)?;
                for warning in &pdf.warnings {
                    tracing::warn!(
                        report.id = report.id,
                        scope = data.scope.short,
                        warning,
                        "typesetting warning"
                    );
                }
                pdf.bytes
            }
            (Format::Pdf, None) => continue,
        };
        files.push(RenderedFile { name: file_name(&data, ending, *format), format: *format, bytes });
    }
    Ok(RenderedScope { data, files })
}

/// `社会优待月报_2026-10_徐汇区.pdf`. Two groups of one run never share a name: a file belongs to its access.
fn file_name(data: &ReportData, ending: &str, format: Format) -> String {
    let safe = |text: &str| text.replace(['/', '\\', ':', '*', '?', '"', '<', '>', '|'], "_");
    let (title, scope) = (safe(&data.title), safe(&data.scope.short));
    format!("{title}_{}_{scope}{ending}.{}", data.period.value, format.as_str())
}
