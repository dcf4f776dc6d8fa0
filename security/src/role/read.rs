//! Turns one role's file into a [`Role`] and notes every mistake in it. Here stand the rules no file goes round: what one
//! role must not combine, and that rows of business data are seen by assignment only.

use std::collections::BTreeSet;

use pujiang_definition::{ROLES, Section, SourceFile};

use super::{Role, RoleId};
use crate::assignment::AssignmentKind;
use crate::permission::Permission;

const FORMAT: i64 = 1;
/// Longest id.
const LONGEST: usize = 30;
/// Keys that stand beside ids of roles in other definitions.
const RESERVED: [&str; 3] = ["column", "form", "otherwise"];

/// Reads one file.
pub(super) fn role(file: &SourceFile, root: &Section<'_>) -> Option<Role> {
    root.format(FORMAT);
    named(&file.id, root);
    let title = root.required_text("title");
    let description = root.required_text("description");
    let order = root.required_whole::<u32>("order", 0..=9_999);
    let permissions = permissions(root);
    let assignments = assignments(root);
    let separate_from = separate_from(root, &file.id);
    let (first_account, manages) =
        (root.flag("first_account"), permissions.contains(&Permission::AccountManage));
    if first_account && !manages {
        root.wrong("first_account", "首个账号要能管理账号，请在 rights 中补上 account_manage");
    }
    // How columns are shown is decided where the columns are; a role must not open one from here.
    if root.has("columns") {
        root.leave(&["columns"]);
        root.wrong(
            "columns",
            "角色不决定列的显示，请删去此键，并在数据表的 [[mask]] 中写明此角色；机密列对任何角色都不开放",
        );
    }
    let role = Role {
        order: order?.value,
        id: RoleId::from(file.id.as_str()),
        title: title?.value,
        description: description?.value,
        permissions,
        assignments,
        separate_from,
        first_account: first_account && manages,
    };
    if role.is_of_business() && role.assignments.is_empty() {
        root.wrong(
            "assignments",
            "有业务数据权限的角色只按数据范围看数据，请列出可以授予的范围，例如 [\"district\"]",
        );
    }
    Some(role)
}

fn named(id: &str, root: &Section<'_>) {
    let starts = id.starts_with(|c: char| c.is_ascii_lowercase());
    let known = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    if !starts || id.len() > LONGEST || !id.bytes().all(known) {
        let message =
            format!("文件名即角色编号：小写字母开头，只含小写字母、数字和下划线，最多 {LONGEST} 个");
        root.wrong("id", message);
    } else if RESERVED.contains(&id) {
        root.wrong("id", format!("“{id}”在其他定义中另有含义，请换一个文件名"));
    }
}

/// The permissions, and what is wrong with having them together: said once for each one that does not fit those before it.
fn permissions(root: &Section<'_>) -> BTreeSet<Permission> {
    let words = Permission::ALL.map(|permission| (permission.as_str(), permission));
    let texts = root.distinct_texts("rights");
    if texts.is_empty() && root.is_list("rights") {
        root.wrong("rights", "请至少写一项权限");
    }
    let mut kept: Vec<Permission> = Vec::new();
    for text in &texts {
        let Some(permission) = root.known(text, &words) else { continue };
        if let Some(other) = kept.iter().find(|other| !other.duty().goes_with(permission.duty())) {
            let message = format!(
                "“{}”与“{}”不能同属一个角色，系统、安全、审计管理与业务须由不同的人担任，请分成两个角色",
                permission.title(),
                other.title()
            );
            root.wrong_at(text, message);
        }
        kept.push(permission);
    }
    kept.into_iter().collect()
}

fn assignments(root: &Section<'_>) -> BTreeSet<AssignmentKind> {
    root.words("assignments", &AssignmentKind::ALL.map(|kind| (kind.as_str(), kind))).into_iter().collect()
}

fn separate_from(root: &Section<'_>, own: &str) -> BTreeSet<RoleId> {
    let mut separate = BTreeSet::new();
    for text in root.texts("separate_from").unwrap_or_default() {
        if text.value == own {
            root.wrong_at(&text, "这是角色本身，请改成另一个角色或删去");
            continue;
        }
        root.refers(&text, &ROLES);
        if !separate.insert(RoleId::from(text.value.as_str())) {
            root.wrong_at(&text, format!("“{}”写了两次，请删去一个", text.value));
        }
    }
    separate
}

#[cfg(test)]
mod tests {
    use pujiang_definition::Sources;

    use crate::role::Roles;

    const ADMINISTRATOR: &str = "format = 1\ntitle = \"甲\"\ndescription = \"管账号\"\norder = 1\n\
         rights = [\"account_manage\"]\nassignments = []\nfirst_account = true\n";
    const CLERK: &str = "format = 1\ntitle = \"乙\"\ndescription = \"经办\"\norder = 2\n\
         rights = [\"resource_read\", \"feed_view\"]\nassignments = [\"street\", \"person\"]\n";

    /// Mistakes of a file beside a right one, after the folder.
    fn mistakes(name: &str, text: &str) -> Vec<String> {
        let sources =
            Sources::texts(&pujiang_definition::ROLES, [("boss.toml", ADMINISTRATOR), (name, text)]);
        let errors = Roles::read(&sources).finished().err().unwrap_or_default();
        let shown = |error: &pujiang_definition::DefinitionError| {
            error.to_string().trim_start_matches("security/roles/").to_owned()
        };
        errors.iter().map(shown).collect()
    }

    fn refused(text: &str, expected: &[&str]) {
        let found = mistakes("clerk.toml", text);
        assert_eq!(found.len(), expected.len(), "{text}\n{found:#?}");
        for (error, start) in found.iter().zip(expected) {
            assert!(error.starts_with(start), "{start}\n{error}");
        }
    }

    #[test]
    fn a_role_is_read() {
        refused(CLERK, &[]);
        refused(&format!("{CLERK}separate_from = [\"boss\"]\n"), &[]);
    }

    #[test]
    fn every_mistake_is_named() {
        refused(
            "format = 1\ntitel = \"乙\"\nrights = []\nassignments = [\"all\"]\nseparate_from = [\"clerk\", \"boss\", \"boss\"]\n",
            &[
                "clerk.toml:1:1: description: ",
                "clerk.toml:1:1: order: ",
                "clerk.toml:1:1: title: ",
                "clerk.toml:2:1: titel: 没有这个键",
                "clerk.toml:3:10: rights: 请至少写一项",
                "clerk.toml:4:16: assignments[0]: 没有“all”",
                "clerk.toml:5:18: separate_from[0]: 这是角色本身",
                "clerk.toml:5:35: separate_from[2]: “boss”写了两次",
            ],
        );
        for name in ["Clerk.toml", "9.toml", "otherwise.toml"] {
            let found = mistakes(name, CLERK);
            assert_eq!(found.len(), 1, "{found:?}");
            assert!(found[0].contains(": id: "), "{found:?}");
        }
    }

    #[test]
    fn no_file_combines_audit_or_administration_with_business() {
        let with = |rights: &str| CLERK.replace("[\"resource_read\", \"feed_view\"]", rights);
        refused(
            &with("[\"resource_read\", \"audit_read\"]"),
            &["clerk.toml:5:28: rights[1]: “查看审计日志”与“查看业务数据”不能同属一个角色"],
        );
        refused(&with("[\"audit_read\", \"feed_view\"]"), &["clerk.toml:5:25: rights[1]: "]);
        refused(&with("[\"board_view\", \"account_manage\"]"), &["clerk.toml:5:25: rights[1]: "]);
        refused(&with("[\"view_as\", \"sql_query\"]"), &["clerk.toml:5:22: rights[1]: "]);
        refused(&with("[\"account_manage\", \"audit_read\"]"), &["clerk.toml:5:29: rights[1]: "]);
        refused(&with("[\"account_manage\", \"view_as\", \"access_explain\"]"), &[]);
    }

    #[test]
    fn no_file_sees_without_assignment_or_opens_columns() {
        let nowhere = CLERK.replace("[\"street\", \"person\"]", "[]");
        refused(&nowhere, &["clerk.toml:6:15: assignments: 有业务数据权限的角色只按数据范围看数据"]);
        refused(
            &format!("{CLERK}columns = {{ secret = \"clear\" }}\n"),
            &["clerk.toml:7:11: columns: 角色不决定列的显示"],
        );
    }

    #[test]
    fn the_first_account_is_one_that_manages_accounts() {
        refused(
            &format!("{CLERK}first_account = true\n"),
            &["clerk.toml:7:17: first_account: 首个账号要能管理账号"],
        );
        let second = ADMINISTRATOR.replace("甲", "丙");
        refused(&second, &["clerk.toml:7:17: first_account: 只能有一个角色"]);
        let sources = Sources::texts(&pujiang_definition::ROLES, [("clerk.toml", CLERK)]);
        let errors = Roles::read(&sources).finished().err().unwrap_or_default();
        assert_eq!(errors.len(), 1, "{errors:?}");
        assert!(errors[0].message.contains("first_account = true"), "{errors:?}");
    }
}
