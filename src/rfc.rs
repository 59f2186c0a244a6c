//! Where a rule comes from: RFC sections and other documents, ready to cite.

use std::fmt;

/// A document that a rule can be cited from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Document {
    /// An RFC by its number.
    Rfc(u16),
    /// Linux's documentation (`ip-sysctl`, `tcp(7)`); the citation's section names the setting.
    Linux,
}

/// A place in a document, such as `RFC 9293 §3.10.7.4`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Citation {
    /// The document.
    pub document: Document,
    /// Its section (`3.10.7.4`), or for Linux the setting's name.
    pub section: &'static str,
}

impl Citation {
    /// A citation of an RFC's section.
    pub const fn rfc(number: u16, section: &'static str) -> Self {
        Citation { document: Document::Rfc(number), section }
    }

    /// A citation of a Linux setting or manual page.
    pub const fn linux(setting: &'static str) -> Self {
        Citation { document: Document::Linux, section: setting }
    }

    /// The address at which the cited section can be read.
    pub fn url(&self) -> String {
        match self.document {
            Document::Rfc(number) => {
                format!("https://www.rfc-editor.org/rfc/rfc{number}#section-{}", self.section)
            }
            Document::Linux => "https://www.kernel.org/doc/html/latest/networking/ip-sysctl.html".to_owned(),
        }
    }
}

impl fmt::Display for Citation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.document {
            Document::Rfc(number) => write!(f, "RFC {number} §{}", self.section),
            Document::Linux => write!(f, "Linux {}", self.section),
        }
    }
}
