//! Just enough HTTP/1.1 to ask over a kept connection; its cost must not be taken for the server's.

use std::io;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

/// What came back.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Answer {
    /// Status code.
    pub status: u16,
    /// The tag, as sent.
    pub etag: Option<String>,
    /// The body as it came over the wire, compressed or not.
    pub body: Vec<u8>,
}

/// One connection that stays open.
pub struct Connection {
    stream: BufReader<TcpStream>,
    line: Vec<u8>,
}

impl Connection {
    /// Connects.
    pub async fn open(address: &str) -> io::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream: BufReader::with_capacity(1 << 16, stream), line: Vec::new() })
    }

    /// Sends a whole request and reads the whole answer.
    pub async fn ask(&mut self, request: &[u8]) -> io::Result<Answer> {
        self.stream.get_mut().write_all(request).await?;
        let mut answer = Answer { status: self.status().await?, ..Answer::default() };
        let (mut length, mut chunked) = (0, false);
        while let Some((name, value)) = self.header().await? {
            match name.as_str() {
                "content-length" => length = value.parse().map_err(|_| broken("length"))?,
                "transfer-encoding" => chunked = value.contains("chunked"),
                "etag" => answer.etag = Some(value),
                _ => {}
            }
        }
        if chunked {
            self.chunks(&mut answer.body).await?;
        } else {
            answer.body.resize(length, 0);
            self.stream.read_exact(&mut answer.body).await?;
        }
        Ok(answer)
    }

    async fn line(&mut self) -> io::Result<&str> {
        self.line.clear();
        if self.stream.read_until(b'\n', &mut self.line).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        std::str::from_utf8(&self.line).map(str::trim_end).map_err(|_| broken("head"))
    }

    async fn status(&mut self) -> io::Result<u16> {
        let line = self.line().await?;
        line.split(' ').nth(1).and_then(|code| code.parse().ok()).ok_or_else(|| broken("status"))
    }

    async fn header(&mut self) -> io::Result<Option<(String, String)>> {
        let line = self.line().await?;
        Ok(line.split_once(':').map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned())))
    }

    async fn chunks(&mut self, body: &mut Vec<u8>) -> io::Result<()> {
        loop {
            let size = usize::from_str_radix(self.line().await?, 16).map_err(|_| broken("chunk"))?;
            let before = body.len();
            body.resize(before + size, 0);
            self.stream.read_exact(&mut body[before..]).await?;
            self.line().await?;
            if size == 0 {
                return Ok(());
            }
        }
    }
}

fn broken(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("the {what} of an answer cannot be read"))
}

/// What a request carries.
pub struct Request<'a> {
    /// `GET` or `POST`.
    pub method: &'a str,
    /// Below `/api/v1`.
    pub path: &'a str,
    /// Of the session.
    pub token: Option<&'a str>,
    /// Accepts compressed answers, as browsers do.
    pub gzip: bool,
    /// The tag of the answer the client holds.
    pub known: Option<&'a str>,
    /// JSON.
    pub body: &'a str,
}

impl Request<'_> {
    /// The bytes to send.
    pub fn bytes(&self) -> Vec<u8> {
        let mut head = format!("{} /api/v1{} HTTP/1.1\r\nhost: localhost\r\n", self.method, self.path);
        let mut add = |name: &str, value: &str| head.push_str(&format!("{name}: {value}\r\n"));
        if let Some(token) = self.token {
            add("authorization", &format!("Bearer {token}"));
        }
        if self.gzip {
            add("accept-encoding", "gzip");
        }
        if let Some(tag) = self.known {
            add("if-none-match", tag);
        }
        if !self.body.is_empty() {
            add("content-type", "application/json");
            add("content-length", &self.body.len().to_string());
        }
        head.push_str("\r\n");
        head.push_str(self.body);
        head.into_bytes()
    }
}
