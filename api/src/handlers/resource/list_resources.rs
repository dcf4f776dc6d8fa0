//! `GET /api/v1/resources`: what records there are, with fields, states and what the caller may do.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use pujiang_security::Permission;
use pujiang_transactional::definition::{DefaultValue, Reason, StateDef, Term, TextFormat};
use pujiang_transactional::{FieldDef, FieldKind, ResourceDef, Visibility};
use rust_decimal::prelude::ToPrimitive;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::app::App;
use crate::auth::Caller;
use crate::problem::Problem;

/// All resources.
#[derive(Debug, Serialize, ToSchema)]
pub struct ResourceList {
    resources: Vec<ResourceView>,
}

/// One resource.
#[derive(Debug, Serialize, ToSchema)]
pub struct ResourceView {
    id: String,
    title: String,
    description: String,
    group: String,
    /// Field that stands for a record in lists of choices.
    display: String,
    /// Field with the district that owns a record.
    scope_field: Option<String>,
    /// Whether partners deliver records of this kind to the lake as well: boards and queries have them, lists do not.
    partner_records: bool,
    fields: Vec<FieldView>,
    states: Vec<StateView>,
    actions: Vec<ActionView>,
    can: CanView,
}

/// One field.
#[derive(Debug, Serialize, ToSchema)]
pub struct FieldView {
    name: String,
    title: String,
    #[serde(rename = "type")]
    kind: &'static str,
    required: bool,
    unique: bool,
    #[serde(rename = "enum")]
    codes: Vec<CodeView>,
    #[serde(rename = "ref")]
    target: Option<String>,
    visibility: &'static str,
    readonly: bool,
    searchable: bool,
    in_list: bool,
    help: String,
    group: String,
    max_length: usize,
    /// Known form of a text: `id_number`, `mobile`, `credit_code`, `district`, `street`, `identifier`, `url`.
    format: Option<&'static str>,
    min: Option<f64>,
    max: Option<f64>,
    precision: Option<u32>,
    scale: Option<u32>,
    /// What the field is set to when left empty, in the form of its input; `now` for the present moment.
    #[schema(value_type = Object)]
    default: Option<Value>,
    /// Left empty, it is made up, copied from a referenced record or computed.
    generated: bool,
    /// Whether the caller fills it in; others are not offered in forms.
    writable: bool,
    /// Sum it is set to when left empty.
    computed: Option<ComputedView>,
    /// District field in whose district the street must lie.
    inside: Option<String>,
    /// States the record it leads to must be in; empty for any.
    must_be: Vec<String>,
    /// Fields in which the record it leads to must agree with this one.
    same: Vec<String>,
    /// Resource in which its number must be found.
    found_in: Option<String>,
    /// Earliest day.
    not_before: Option<String>,
}

/// A code with its name.
#[derive(Debug, Serialize, ToSchema)]
pub struct CodeView {
    code: String,
    label: String,
}

/// A state, with what the caller may do with records in it.
#[derive(Debug, Serialize, ToSchema)]
pub struct StateView {
    code: String,
    label: String,
    /// Fields changed directly.
    edit: Vec<String>,
    /// Fields changed by a request that somebody else reviews.
    review: Vec<String>,
    /// `free`, `reason` or `never`.
    delete: &'static str,
    /// What to do instead of what is refused.
    remedy: String,
}

/// A field's sum of other fields.
#[derive(Debug, Serialize, ToSchema)]
pub struct ComputedView {
    plus: Vec<String>,
    minus: Vec<String>,
}

/// A transition.
#[derive(Debug, Serialize, ToSchema)]
pub struct ActionView {
    id: String,
    title: String,
    from: Vec<String>,
    to: String,
    reason_required: bool,
    allowed: bool,
    /// `normal`, or `danger` for what is asked back before it is done.
    tone: &'static str,
}

/// What the caller may do.
#[derive(Debug, Serialize, ToSchema)]
pub struct CanView {
    create: bool,
    update: bool,
    delete: bool,
    export: bool,
}

/// All resources the caller may read.
#[utoipa::path(get, path = "/api/v1/resources", tag = "resources",
    responses((status = 200, body = ResourceList), (status = 403, body = crate::problem::ProblemBody)))]
pub async fn list_resources(
    State(app): State<Arc<App>>,
    caller: Caller,
) -> Result<Json<ResourceList>, Problem> {
    caller.require(Permission::ResourceRead)?;
    let resources = app.records.definitions().iter().map(|def| view(&app, &caller, def)).collect();
    Ok(Json(ResourceList { resources }))
}

fn view(app: &App, caller: &Caller, def: &ResourceDef) -> ResourceView {
    let can = app.records.capabilities(caller.principal(), def);
    let state = |state: &StateDef| {
        let rights = app.records.state_rights(caller.principal(), def, state);
        let names = |names: Vec<&str>| names.into_iter().map(str::to_owned).collect();
        StateView {
            code: state.code.clone(),
            label: state.label.clone(),
            edit: names(rights.edit),
            review: names(rights.review),
            delete: rights.delete.as_str(),
            remedy: state.guard.remedy.clone(),
        }
    };
    let actions = def.transitions.iter().map(|transition| {
        // What needs a reason cannot simply be undone.
        let reason_required = transition.reason == Reason::Required;
        ActionView {
            id: transition.id.clone(),
            title: transition.title.clone(),
            from: transition.from.clone(),
            to: transition.to.clone(),
            reason_required,
            allowed: app.records.may_act(caller.principal(), transition),
            tone: if reason_required { "danger" } else { "normal" },
        }
    });
    let writable = |field: &FieldDef| can.create && app.records.may_fill(caller.principal(), field);
    ResourceView {
        id: def.id.clone(),
        title: def.title.clone(),
        description: def.description.clone(),
        group: def.group.clone(),
        display: def.display.clone(),
        scope_field: def.scope.as_ref().map(|scope| scope.district.clone()),
        partner_records: app.feeds.definitions().partners_share_table_of(&def.id),
        fields: def
            .fields
            .values()
            .filter(|f| f.visibility != Visibility::Secret)
            .map(|f| field(f, writable(f)))
            .collect(),
        states: def.states.iter().map(state).collect(),
        actions: actions.collect(),
        can: CanView { create: can.create, update: can.update, delete: can.delete, export: can.export },
    }
}

fn field(field: &FieldDef, writable: bool) -> FieldView {
    let codes = match &field.kind {
        FieldKind::Enum(codes) => codes.as_slice(),
        _ => &[],
    };
    let (precision, scale) = match field.kind {
        FieldKind::Decimal { precision, scale } => (Some(precision), Some(scale)),
        FieldKind::Money => (Some(12), Some(2)),
        _ => (None, None),
    };
    FieldView {
        name: field.name.clone(),
        title: field.title.clone(),
        kind: field.kind.name(),
        required: field.required,
        unique: field.unique.is_some(),
        codes: codes.iter().map(|c| CodeView { code: c.code.clone(), label: c.label.clone() }).collect(),
        target: match &field.kind {
            FieldKind::Ref(target) => Some(target.clone()),
            _ => None,
        },
        visibility: field.visibility.as_str(),
        readonly: field.readonly,
        searchable: field.searchable,
        in_list: field.in_list,
        help: field.help.clone(),
        group: field.group.clone(),
        max_length: field.max_length,
        format: field.format.map(format_name),
        min: field.min.and_then(|bound| bound.to_f64()),
        max: field.max.and_then(|bound| bound.to_f64()),
        precision,
        scale,
        default: match &field.default {
            Some(DefaultValue::Fixed(value)) => Some(match field.kind {
                FieldKind::Bool => Value::Bool(value == "true"),
                _ => Value::String(value.clone()),
            }),
            Some(DefaultValue::Now) => Some(Value::from("now")),
            Some(DefaultValue::Generated(_)) | None => None,
        },
        generated: field.copy.is_some()
            || field.computed.is_some()
            || matches!(field.default, Some(DefaultValue::Generated(_))),
        writable,
        computed: field.computed.as_deref().map(computed),
        inside: field.inside.clone(),
        must_be: field.link.must_be.clone(),
        same: field.link.same.clone(),
        found_in: field.link.found_in.as_ref().map(|(resource, _)| resource.clone()),
        not_before: field.not_before.map(|day| day.to_string()),
    }
}

fn computed(terms: &[Term]) -> ComputedView {
    let names = |negative: bool| {
        terms.iter().filter(|term| term.negative == negative).map(|term| term.field.clone()).collect()
    };
    ComputedView { plus: names(false), minus: names(true) }
}

fn format_name(format: TextFormat) -> &'static str {
    match format {
        TextFormat::IdNumber => "id_number",
        TextFormat::Mobile => "mobile",
        TextFormat::CreditCode => "credit_code",
        TextFormat::District => "district",
        TextFormat::Street => "street",
        TextFormat::Identifier => "identifier",
        TextFormat::Url => "url",
    }
}
