//! Names of actions and things of the audit log, for people. What has no name here stays as it is stored.

use pujiang_transactional::Definitions;

/// What was done, in words; a transition has the title of its definition.
pub fn action(definitions: &Definitions, target_type: &str, action: &str) -> Option<String> {
    let fixed = match action {
        "create" => "新增",
        "update" => "修改",
        "delete" => "删除",
        "bulk_insert" => "批量装载",
        "export" => "导出",
        "login" => "登录",
        "set_password" => "改密码",
        "set_grants" => "改授权",
        "sql" => "查询",
        "explain_access" => "查权限说明",
        "view_as" => "以他人身份查看",
        "read_audit" => "查审计日志",
        "apply_definitions" => "启用定义",
        other => {
            let def = definitions.get(target_type)?;
            return def.transitions.iter().find(|t| t.id == other).map(|t| t.title.clone());
        }
    };
    Some(fixed.to_owned())
}

/// The kind of thing, in words.
pub fn target(definitions: &Definitions, target_type: &str) -> Option<String> {
    let fixed = match target_type {
        "account" => "账号",
        "session" => "会话",
        "sql" => "数据查询",
        "audit_log" => "审计日志",
        "definitions" => "定义",
        other => return definitions.get(other).map(|def| def.title.clone()),
    };
    Some(fixed.to_owned())
}
