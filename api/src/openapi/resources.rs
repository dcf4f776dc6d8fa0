//! One set of paths per resource definition: list, create, read, update, delete, actions, history, change requests,
//! export, import.

use pujiang_transactional::{Definitions, ResourceDef};
use serde_json::json;
use utoipa::openapi::content::ContentBuilder;
use utoipa::openapi::path::{HttpMethod, OperationBuilder, ParameterBuilder, ParameterIn};
use utoipa::openapi::request_body::RequestBodyBuilder;
use utoipa::openapi::schema::{Array, ObjectBuilder, Ref, Schema, Type};
use utoipa::openapi::{ComponentsBuilder, OpenApi, RefOr, Required, ResponseBuilder};

use super::schema;

const JSON: &str = "application/json";

/// Adds paths and schemas of all resources.
pub fn add(document: &mut OpenApi, resources: &Definitions) {
    let mut components =
        document.components.take().map_or_else(ComponentsBuilder::new, ComponentsBuilder::from);
    for resource in resources.iter() {
        components = components
            .schema(resource.id.clone(), schema::record(resource))
            .schema(input_name(resource), schema::input(resource));
        add_paths(document, resource);
    }
    document.components = Some(components.build());
}

fn input_name(resource: &ResourceDef) -> String {
    format!("{}_input", resource.id)
}

fn add_paths(document: &mut OpenApi, resource: &ResourceDef) {
    let all = format!("/api/v1/resources/{}", resource.id);
    let one = format!("{all}/{{id}}");
    let mut add = |path: &str, method: HttpMethod, operation: OperationBuilder| {
        document.paths.add_path_operation(path, vec![method], operation.build());
    };
    add(&all, HttpMethod::Get, list(resource));
    add(
        &all,
        HttpMethod::Post,
        answered(resource, "create", "新增", "201").request_body(Some(body(resource))),
    );
    add(&one, HttpMethod::Get, by_id(answered(resource, "get", "查看", "200")));
    add(
        &one,
        HttpMethod::Patch,
        by_id(answered(resource, "update", "修改", "200"))
            .parameter(header("If-Match", "读取时得到的 row_version"))
            .request_body(Some(body(resource))),
    );
    add(
        &one,
        HttpMethod::Delete,
        by_id(operation(resource, "delete", "删除"))
            .parameter(header("If-Match", "读取时得到的 row_version"))
            .request_body(Some(reason_body()))
            .response("204", ResponseBuilder::new().description("已删除")),
    );
    add(
        &format!("{one}/history"),
        HttpMethod::Get,
        by_id(named(resource, "get_history_of", "修改记录", "200", "HistoryView")),
    );
    add(
        &format!("{one}/changes"),
        HttpMethod::Post,
        by_id(named(resource, "request_change_of", "申请变更", "201", "TaskView"))
            .parameter(header("If-Match", "读取时得到的 row_version"))
            .request_body(Some(body_of("ChangeRequest"))),
    );
    if !resource.transitions.is_empty() {
        let actions = resource.transitions.iter().map(|transition| transition.id.clone());
        let action = ParameterBuilder::new()
            .name("action")
            .parameter_in(ParameterIn::Path)
            .required(Required::True)
            .schema(Some(ObjectBuilder::new().schema_type(Type::String).enum_values(Some(actions))))
            .build();
        let path = format!("{one}/actions/{{action}}");
        let act = by_id(answered(resource, "act_on", "办理", "200"));
        add(&path, HttpMethod::Post, act.parameter(action).request_body(Some(reason_body())));
    }
    add(
        &format!("{all}/export"),
        HttpMethod::Get,
        operation(resource, "export", "导出")
            .parameter(query("format", "csv 或 xlsx", Type::String))
            .response("200", ResponseBuilder::new().description("文件")),
    );
    add(
        &format!("{all}/import"),
        HttpMethod::Post,
        operation(resource, "import", "导入")
            .request_body(Some(
                RequestBodyBuilder::new().content("text/csv", ContentBuilder::new().build()).build(),
            ))
            .parameter(query("preview", "true 时只检查、不入库", Type::Boolean).required(Required::False))
            .response(
                "200",
                ResponseBuilder::new().description("rows、accepted 与 failed:[{row, cells, errors}]"),
            ),
    );
}

fn operation(resource: &ResourceDef, verb: &str, title: &str) -> OperationBuilder {
    OperationBuilder::new()
        .operation_id(Some(format!("{verb}_{}", resource.id)))
        .tag(resource.id.clone())
        .summary(Some(format!("{title}{}", resource.title)))
        .response("4XX", problem())
}

/// An operation that answers with the record.
fn answered(resource: &ResourceDef, verb: &str, title: &str, status: &str) -> OperationBuilder {
    named(resource, verb, title, status, &resource.id)
}

/// An operation that answers with a schema of that name.
fn named(resource: &ResourceDef, verb: &str, title: &str, status: &str, schema: &str) -> OperationBuilder {
    let content = ContentBuilder::new().schema(Some(Ref::from_schema_name(schema))).build();
    let response = ResponseBuilder::new().description(resource.title.clone()).content(JSON, content);
    operation(resource, verb, title).response(status, response)
}

/// Why: left out where nothing asks for it.
fn reason_body() -> utoipa::openapi::request_body::RequestBody {
    let reason = ObjectBuilder::new().schema_type(Type::String).description(Some("原因，最多 500 个字"));
    let schema: Schema = ObjectBuilder::new().property("reason", reason).build().into();
    let content = ContentBuilder::new().schema(Some(schema)).build();
    RequestBodyBuilder::new().content(JSON, content).required(Some(Required::False)).build()
}

fn by_id(operation: OperationBuilder) -> OperationBuilder {
    operation.parameter(
        ParameterBuilder::new()
            .name("id")
            .parameter_in(ParameterIn::Path)
            .required(Required::True)
            .schema(Some(ObjectBuilder::new().schema_type(Type::String))),
    )
}

fn list(resource: &ResourceDef) -> OperationBuilder {
    let items: Schema = Array::new(RefOr::<Schema>::Ref(Ref::from_schema_name(resource.id.clone()))).into();
    let page = ObjectBuilder::new()
        .property("items", items)
        .property("page", ObjectBuilder::new().examples([json!({"next": null, "size": 50})]).build())
        .property("total", ObjectBuilder::new().schema_type(Type::Integer).build())
        .property("scope", ObjectBuilder::new().build())
        .property("filters", ObjectBuilder::new().build());
    let response = ResponseBuilder::new()
        .description("一页记录")
        .content(JSON, ContentBuilder::new().schema(Some(page)).build());
    operation(resource, "list", "查询")
        .parameter(query("q", "全文检索", Type::String))
        .parameter(query("sort", "字段名，前加 - 为倒序", Type::String))
        .parameter(query("page[size]", "每页行数，默认 50", Type::Integer))
        .parameter(query("page[after]", "上一页给出的 next", Type::String))
        .parameter(query("filter[field]", "按字段筛选；filter[field][gte] 等为范围", Type::String))
        .response("200", response)
}

fn body(resource: &ResourceDef) -> utoipa::openapi::request_body::RequestBody {
    body_of(&input_name(resource))
}

fn body_of(schema: &str) -> utoipa::openapi::request_body::RequestBody {
    let content = ContentBuilder::new().schema(Some(Ref::from_schema_name(schema))).build();
    RequestBodyBuilder::new().content(JSON, content).required(Some(Required::True)).build()
}

fn query(name: &str, description: &str, kind: Type) -> ParameterBuilder {
    parameter(name, description, ParameterIn::Query, kind)
}

fn header(name: &str, description: &str) -> ParameterBuilder {
    parameter(name, description, ParameterIn::Header, Type::String).required(Required::True)
}

fn parameter(name: &str, description: &str, place: ParameterIn, kind: Type) -> ParameterBuilder {
    ParameterBuilder::new()
        .name(name)
        .parameter_in(place)
        .description(Some(description))
        .schema(Some(ObjectBuilder::new().schema_type(kind)))
}

fn problem() -> ResponseBuilder {
    let content = ContentBuilder::new().schema(Some(Ref::from_schema_name("ProblemBody"))).build();
    ResponseBuilder::new()
        .description("未能办理，原因见 detail 与 errors")
        .content("application/problem+json", content)
}
