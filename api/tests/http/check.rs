//! `pujiang check`: the built-in definitions are right, and a broken tree lists every mistake of every file.

use std::path::Path;

use pujiang_api::cli::check;
use pujiang_definition::Layers;

/// Copies the definitions of this repository.
fn tree(root: &Path) {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("repository");
    for folder in [
        "security/roles",
        "transactional/resources",
        "ingest/feeds",
        "warehouse/tables",
        "metrics/dimensions",
        "metrics/indicators",
        "reports/definitions",
        "dashboards/boards",
    ] {
        copy(&repository.join(folder), &root.join(folder));
    }
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("folder");
    for entry in std::fs::read_dir(from).expect("folder") {
        let entry = entry.expect("entry");
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).expect("copy");
        }
    }
}

fn change(root: &Path, file: &str, from: &str, to: &str) {
    let path = root.join(file);
    let text = std::fs::read_to_string(&path).expect("read");
    assert!(text.contains(from), "{file}: {from}");
    std::fs::write(path, text.replacen(from, to, 1)).expect("write");
}

#[test]
fn definitions_of_this_repository_are_right() {
    assert_eq!(check::errors(&Layers::builtin()), []);
    let folder = tempfile::tempdir().expect("folder");
    tree(folder.path());
    assert_eq!(check::errors(&Layers::tree(folder.path())), []);
}

#[test]
fn every_mistake_of_every_room_is_listed() {
    let folder = tempfile::tempdir().expect("folder");
    let root = folder.path();
    tree(root);
    change(root, "security/roles/leader.toml", "\"board_view\"", "\"bord_view\"");
    change(root, "security/roles/auditor.toml", "\"sec_admin\"", "\"sec_boss\"");
    change(root, "transactional/resources/region.toml", "group = ", "gruop = ");
    change(root, "transactional/resources/region.toml", "roles = [\"sys_admin\"]", "roles = [\"king\"]");
    change(root, "transactional/resources/person.toml", "format = 1", "format = 7");
    change(root, "ingest/feeds/bank.toml", "kind = \"files\"", "kind = \"flies\"");
    change(root, "metrics/indicators/benefit/S1-U03.toml", "unit = ", "unti = ");
    change(
        root,
        "metrics/indicators/benefit/S1-B05.toml",
        "table = \"benefit_transaction\"",
        "table = \"nowhere\"",
    );
    change(
        root,
        "reports/definitions/benefit_monthly.toml",
        "\"S1-U01\", \"S1-U02\"",
        "\"S1-X99\", \"S1-U02\"",
    );
    change(root, "reports/definitions/benefit_monthly.toml", "\"district_clerk\"]", "\"queen\"]");
    change(root, "warehouse/tables/party/organization.toml", "unit_clerk = ", "unit_boss = ");
    change(root, "dashboards/boards/benefit.toml", "indicators = [\"S1-U03\"]", "indicators = [\"S1-X98\"]");
    change(root, "dashboards/boards/benefit.toml", "span = 2", "span = 99");
    change(root, "metrics/dimensions/mode.toml", "#2b6cb8", "blue");
    change(root, "metrics/dimensions/place.toml", "\"place_code\"", "\"state\"");
    let tables = root.join("warehouse/tables");
    let table = std::fs::read_dir(&tables)
        .expect("layers")
        .map(|layer| layer.expect("layer").path().join("person.toml"))
        .find(|path| path.is_file())
        .expect("person.toml");
    let below = table.strip_prefix(root).expect("below").to_string_lossy().into_owned();
    change(root, &below, "resource = ", "resuorce = ");

    let findings = check::errors(&Layers::tree(root));
    let shown: Vec<String> = findings.iter().map(ToString::to_string).collect();
    for (file, part) in [
        ("security/roles/leader.toml", "bord_view"),
        ("security/roles/auditor.toml", "sec_boss"),
        ("transactional/resources/region.toml", "gruop"),
        ("transactional/resources/region.toml", "没有角色“king”"),
        ("transactional/resources/person.toml", "format"),
        ("ingest/feeds/bank.toml", "kind"),
        ("metrics/indicators/benefit/S1-U03.toml", "unti"),
        ("metrics/indicators/benefit/S1-B05.toml", "nowhere"),
        ("reports/definitions/benefit_monthly.toml", "S1-X99"),
        ("reports/definitions/benefit_monthly.toml", "没有角色“queen”"),
        ("warehouse/tables/party/organization.toml", "没有角色“unit_boss”"),
        ("dashboards/boards/benefit.toml", "S1-X98"),
        ("dashboards/boards/benefit.toml", "span"),
        ("metrics/dimensions/mode.toml", "colour"),
        ("metrics/dimensions/place.toml", "column"),
        (below.as_str(), "resuorce"),
    ] {
        assert!(
            shown.iter().any(|line| line.starts_with(&format!("{file}:")) && line.contains(part)),
            "{file} {part} is missing in\n{}",
            shown.join("\n")
        );
    }
    for line in &shown {
        let places: Vec<&str> = line.splitn(4, ':').collect();
        assert!(
            places.len() == 4 && places[1].parse::<usize>().is_ok() && places[2].parse::<usize>().is_ok(),
            "{line}"
        );
    }
}
