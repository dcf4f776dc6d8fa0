//! Certificate and key of the wire: those of the operator, or a pair made on first start. A self-made certificate keeps
//! listeners out; it does not prove who the server is, so an operator's own is better on a network.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use pgwire::api::auth::sasl::scram::ScramServerAuth;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::{self, ServerConfig};

/// Name the protocol has in the handshake, for clients that begin with it at once.
const PROTOCOL: &[u8] = b"postgresql";

/// Names a certificate of our own is made for, besides the machine's.
const OWN_NAMES: [&str; 3] = ["localhost", "127.0.0.1", "::1"];

/// Why the wire has no certificate.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file cannot be read or written.
    #[error("读写证书文件 {path} 失败")]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file holds no certificate or key.
    #[error("证书或私钥文件 {path} 的内容不对，应为 PEM")]
    Pem {
        /// The file.
        path: PathBuf,
        /// Why.
        source: rustls::pki_types::pem::Error,
    },
    /// Certificate and key do not fit.
    #[error("证书与私钥不相配，或算法不支持")]
    Pair(#[source] rustls::Error),
    /// No pair of our own could be made.
    #[error("生成证书失败")]
    Make(#[source] rcgen::Error),
}

/// A certificate with its key.
#[derive(Clone)]
pub struct Identity {
    acceptor: TlsAcceptor,
    certificate: Arc<[u8]>,
    binding: Binding,
}

/// Whether logins can be bound to a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Binding {
    /// They can.
    Possible,
    /// Its signature has no hash to bind to.
    Impossible,
}

impl Identity {
    /// Reads an operator's pair.
    pub fn read(certificate: &Path, key: &Path) -> Result<Self, TlsError> {
        let pem = |path: &Path| {
            let path = path.to_path_buf();
            move |source| TlsError::Pem { path, source }
        };
        let bytes = std::fs::read(certificate)
            .map_err(|source| TlsError::File { path: certificate.to_path_buf(), source })?;
        let chain: Vec<CertificateDer<'static>> =
            CertificateDer::pem_slice_iter(&bytes).collect::<Result<_, _>>().map_err(pem(certificate))?;
        let private = PrivateKeyDer::from_pem_file(key).map_err(pem(key))?;
        let mut config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()
            .and_then(|builder| builder.with_no_client_auth().with_single_cert(chain, private))
            .map_err(TlsError::Pair)?;
        config.alpn_protocols = vec![PROTOCOL.to_vec()];
        let bound = ScramServerAuth::new().configure_certificate(&bytes).is_ok();
        let binding = if bound { Binding::Possible } else { Binding::Impossible };
        Ok(Self { acceptor: TlsAcceptor::from(Arc::new(config)), certificate: bytes.into(), binding })
    }

    /// Reads the pair in a folder, making it on first use.
    pub fn own(folder: &Path) -> Result<Self, TlsError> {
        let (certificate, key) = (folder.join("server.crt"), folder.join("server.key"));
        if !certificate.exists() || !key.exists() {
            make(folder, &certificate, &key)?;
        }
        Self::read(&certificate, &key)
    }

    /// What answers a client's handshake.
    pub fn acceptor(&self) -> TlsAcceptor {
        self.acceptor.clone()
    }

    /// Whether logins can be bound to this certificate.
    pub fn binding(&self) -> Binding {
        self.binding
    }

    /// Binds a login to this certificate, where its algorithm allows that.
    pub fn bind(&self, login: &mut ScramServerAuth) {
        if self.binding == Binding::Possible && login.configure_certificate(&self.certificate).is_err() {
            tracing::error!("a certificate that could be bound to can no longer be");
        }
    }
}

fn make(folder: &Path, certificate: &Path, key: &Path) -> Result<(), TlsError> {
    let file = |path: &Path| {
        let path = path.to_path_buf();
        move |source| TlsError::File { path, source }
    };
    std::fs::create_dir_all(folder).map_err(file(folder))?;
    let machine = std::fs::read_to_string("/etc/hostname").unwrap_or_default();
    let mut names: Vec<String> = OWN_NAMES.map(str::to_owned).to_vec();
    names.extend(Some(machine.trim().to_owned()).filter(|name| !name.is_empty() && name != "localhost"));
    let pair = rcgen::generate_simple_self_signed(names).map_err(TlsError::Make)?;
    private(key, pair.signing_key.serialize_pem().as_bytes()).map_err(file(key))?;
    std::fs::write(certificate, pair.cert.pem()).map_err(file(certificate))
}

/// Writes a file that only its owner reads.
fn private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    use std::io::Write;
    use std::os::unix::fs::OpenOptionsExt;
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true).mode(0o600).open(path)?.write_all(bytes)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_pair_is_made_once_and_binds_logins() {
        let folder = tempfile::tempdir().expect("folder");
        let own = folder.path().join("tls");
        let identity = Identity::own(&own).expect("made");
        assert_eq!(identity.binding(), Binding::Possible);
        let before = std::fs::read(own.join("server.crt")).expect("certificate");
        Identity::own(&own).expect("read again");
        assert_eq!(std::fs::read(own.join("server.crt")).expect("certificate"), before);
        let mode = std::fs::metadata(own.join("server.key")).expect("key").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn a_wrong_file_is_named() {
        let folder = tempfile::tempdir().expect("folder");
        let path = folder.path().join("x.pem");
        std::fs::write(&path, "no certificate").expect("written");
        let error = Identity::read(&path, &path).err().expect("refused");
        assert!(error.to_string().contains("x.pem"), "{error}");
    }
}
