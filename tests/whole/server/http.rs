//! One user over HTTP. Every request is a connection of its own: what a test shows must not hang on keep-alive.

use std::error::Error;
use std::net::SocketAddr;

use http_body_util::{BodyExt, Full};
use hyper::Request;
use hyper::body::Bytes;
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpStream;

/// An answer, read whole.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Bytes,
}

impl Answer {
    /// The body as JSON; null if it is none.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or(Value::Null)
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// A header, or nothing.
    pub fn header(&self, name: &str) -> &str {
        let found = self.headers.iter().find(|(given, _)| given.eq_ignore_ascii_case(name));
        found.map_or("", |(_, value)| value)
    }
}

/// One user, or nobody.
#[derive(Debug, Clone)]
pub struct Http {
    server: SocketAddr,
    token: Option<String>,
}

impl Http {
    pub fn anonymous(server: SocketAddr) -> Self {
        Self { server, token: None }
    }

    pub fn with_token(server: SocketAddr, token: &str) -> Self {
        Self { server, token: Some(token.to_owned()) }
    }

    /// Sends anything and reads the whole answer.
    pub async fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Bytes>,
    ) -> Result<Answer, Box<dyn Error>> {
        let stream = TcpStream::connect(self.server).await?;
        stream.set_nodelay(true)?;
        let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
        tokio::spawn(connection);
        let mut request = Request::builder().method(method).uri(path).header("host", self.server.to_string());
        if let Some(token) = &self.token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Full::new(body.into()))?;
        let (parts, body) = sender.send_request(request).await?.into_parts();
        let body = body.collect().await?.to_bytes();
        let headers = parts.headers.iter().map(|(name, value)| {
            (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
        });
        Ok(Answer { status: parts.status.as_u16(), headers: headers.collect(), body })
    }

    /// GET, if somebody listens.
    pub async fn try_get(&self, path: &str) -> Option<Answer> {
        self.send("GET", path, &[], Bytes::new()).await.ok()
    }

    /// GET.
    pub async fn get(&self, path: &str) -> Answer {
        let answer = self.send("GET", path, &[], Bytes::new()).await;
        answer.unwrap_or_else(|error| panic!("GET {path}: no answer: {error:?}"))
    }

    /// POST of JSON.
    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        let headers = [("content-type", "application/json")];
        let answer = self.send("POST", path, &headers, body.to_string()).await;
        answer.unwrap_or_else(|error| panic!("POST {path}: no answer: {error:?}"))
    }
}
