//! psql itself, over TLS: it must connect, describe and ask. Where it is not installed these tests have nothing to do.

use std::process::Output;

use crate::support::WireApp;

fn shown(done: &Output) -> (bool, String) {
    let text = [&done.stdout[..], &done.stderr[..]].concat();
    (done.status.success(), String::from_utf8_lossy(&text).into_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn encryption_with_channel_binding() {
    let wire = WireApp::start().await;
    let options = "sslmode=require channel_binding=require";
    let Some(done) = wire.psql("city", options, &["-c", "\\conninfo", "-c", "select 6 * 7"]).await else {
        return;
    };
    let (well, text) = shown(&done);
    assert!(well && text.contains("42") && text.contains("TLSv1.3"), "{text}");
    let plain = wire.psql("city", "sslmode=disable", &["-c", "select 6 * 7"]).await.expect("psql");
    assert!(shown(&plain).0, "loopback may do without");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_certificate_is_checkable() {
    let wire = WireApp::start().await;
    let certificate = wire.data().join("tls/server.crt");
    let options = format!("sslmode=verify-full sslrootcert={} host=localhost", certificate.display());
    let Some(done) = wire.psql("city", &options, &["-c", "select 6 * 7"]).await else { return };
    let (well, text) = shown(&done);
    assert!(well && text.contains("42"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn backslash_commands() {
    let wire = WireApp::start().await;
    wire.load().await;
    for (command, want) in [
        ("\\dt", "benefit_transaction"),
        ("\\d", "district"),
        ("\\dn", "public"),
        ("\\l", "pujiang"),
        ("\\du", "city"),
        ("\\d benefit_transaction", "numeric(12,2)"),
        ("\\timing", "Timing is on"),
    ] {
        let Some(done) = wire.psql("city", "sslmode=prefer", &["-c", command]).await else { return };
        let (well, text) = shown(&done);
        assert!(well && text.contains(want), "{command}: {text}");
    }
}
