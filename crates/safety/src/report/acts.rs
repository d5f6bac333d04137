//! Who reports is registered and ended by a person, and reports are taken: each with its event in the same commit.

use std::collections::BTreeSet;

use access::{Act, Role, Viewer, on_record};
use audit::{Event, Outcome};
use guideline::Proof;
use identity::app::{KeySetFault, MachineKey};
use serde_json::Value;
use store::{Evidence, Fault, Holder, Report, Reporter, Taken, random};

use super::measured::Port;
use super::rules::{Expected, Found, found, limits};
use super::sent::{ReportFault, Said, Sent};
use super::vpn::Versions;
use crate::Safety;
use crate::checks::evidence;
use crate::place::Place;

/// A reporter as somebody wants it registered, as it was typed.
#[derive(Clone, Debug, Default)]
pub struct Enrolment {
    /// What people call it.
    pub name: String,
    /// Name of its row in the register of devices, if any.
    pub device: String,
    /// Its public key (RFC 7517).
    pub jwk: String,
    /// See [`ports`].
    pub ports: String,
    /// See [`administrators`].
    pub administrators: String,
}

/// Why a reporter is not registered, or not as it should be.
#[derive(Clone, Debug, thiserror::Error)]
pub enum NotEnrolled {
    /// A name has 1 to 60 characters.
    #[error("it has no name, or one that is too long")]
    Name,
    /// The register of devices has no such row.
    #[error("no such device is registered")]
    Device,
    /// The key is not taken.
    #[error(transparent)]
    Key(#[from] KeySetFault),
    /// The key was registered before.
    #[error("the key was registered before")]
    KeyKnown,
    /// A port cannot be read.
    #[error("a port cannot be read")]
    Ports,
    /// So many report already.
    #[error("so many report already")]
    TooMany,
    /// It is not there, or was ended.
    #[error("it is not there, or was ended")]
    Gone,
    /// The store could not do it.
    #[error(transparent)]
    Store(#[from] Fault),
}

/// Why a report is not taken.
#[derive(Clone, Debug, thiserror::Error)]
pub enum NotTaken {
    /// What is wrong with it.
    #[error(transparent)]
    Report(#[from] ReportFault),
    /// The store could not do it.
    #[error(transparent)]
    Store(#[from] Fault),
}

/// What became of a report that was taken.
#[derive(Clone, Debug)]
pub struct Receipt {
    /// Who reported.
    pub reporter: String,
    /// What the report says of controls.
    pub found: Vec<Found>,
}

/// Most characters of a name.
const LONGEST_NAME: usize = 60;
/// Nothing at all is meant, as opposed to: nobody said.
const NOTHING: &str = "-";
/// The rule by which reports are taken or refused.
const RULE: &str = "reporter-key";

/// Ports that are meant to be open, as somebody typed them: `22, 443, 123/udp`; `-` for none at all, nothing where nobody
/// says.
///
/// # Errors
/// [`NotEnrolled::Ports`]
pub fn ports(typed: &str) -> Result<Option<BTreeSet<Port>>, NotEnrolled> {
    let parts = typed.split(|sign: char| sign.is_whitespace() || matches!(sign, ',' | '、' | ';'));
    let ports = parts.filter(|part| !part.is_empty() && *part != NOTHING).map(str::parse);
    let ports = ports.collect::<Result<BTreeSet<Port>, _>>().map_err(|_| NotEnrolled::Ports)?;
    Ok((!typed.trim().is_empty()).then_some(ports))
}

/// Who is meant to administer a machine, as somebody typed it: names parted by commas or lines; `-` for nobody, nothing
/// where nobody says.
pub fn administrators(typed: &str) -> Option<BTreeSet<String>> {
    let parts = typed.split(['\n', ',', '、', ';']).map(str::trim);
    let names = parts.filter(|part| !part.is_empty() && *part != NOTHING).map(str::to_owned).collect();
    (!typed.trim().is_empty()).then_some(names)
}

impl Safety {
    /// Registers what will report for an institution; answers its id.
    ///
    /// # Errors
    /// See [`NotEnrolled`]; nothing is kept then.
    pub async fn enrol_reporter(
        &self,
        by: &Viewer,
        rule: &str,
        institution: &str,
        one: Enrolment,
        act: &Act,
    ) -> Result<String, NotEnrolled> {
        let name = one.name.trim().to_owned();
        if name.is_empty() || name.chars().count() > LONGEST_NAME || name.chars().any(char::is_control) {
            return Err(NotEnrolled::Name);
        }
        let device = Some(one.device.trim().to_owned()).filter(|device| !device.is_empty());
        if let Some(device) = &device {
            let rows = self.store.all_register_rows(institution, Some("devices")).await?;
            rows.iter().find(|row| !row.is_over && &row.name == device).ok_or(NotEnrolled::Device)?;
        }
        let key = MachineKey::parse(&one.jwk)?;
        let expected =
            Expected { ports: ports(&one.ports)?, administrators: administrators(&one.administrators) };
        let known = self.store.reporters(institution.to_owned()).await?;
        if known.iter().filter(|one| one.is_in_force()).count() >= limits().most_reporters {
            return Err(NotEnrolled::TooMany);
        }
        let id = u128::from_be_bytes(random::<16>().map_err(Fault::from)?);
        let kept = Reporter {
            id: format!("{id:032x}"),
            institution: institution.to_owned(),
            name,
            device,
            thumbprint: key.thumbprint().to_owned(),
            jwk: one.jwk.trim().to_owned(),
            ports: expected.written_ports(),
            administrators: expected.written_administrators(),
            made_at: act.now,
            made_by: Holder { credential: by.credential.clone(), name: by.name.clone() },
            ended_at: None,
            last: None,
        };
        let (id, event) = (kept.id.clone(), told(by, rule, &kept.id, "registered", Outcome::Done, act)?);
        if self.store.keep_reporter(kept, event).await? { Ok(id) } else { Err(NotEnrolled::KeyKnown) }
    }

    /// Keeps what a reporter is meant to be like. It is held against from its next report on.
    ///
    /// # Errors
    /// See [`NotEnrolled`]; nothing is changed then.
    pub async fn expect_of_reporter(
        &self,
        by: &Viewer,
        rule: &str,
        one: &Reporter,
        (typed_ports, typed_names): (&str, &str),
        act: &Act,
    ) -> Result<(), NotEnrolled> {
        let expected = Expected { ports: ports(typed_ports)?, administrators: administrators(typed_names) };
        let event = told(by, rule, &one.id, "expected", Outcome::Done, act)?;
        let (ports, names) = (expected.written_ports(), expected.written_administrators());
        let kept = self.store.expect_of_reporter(one.id.clone(), ports, names, event).await?;
        if kept { Ok(()) } else { Err(NotEnrolled::Gone) }
    }

    /// Ends a reporter: no report of it is taken any more, and what it said proves nothing. False if it was ended before.
    ///
    /// # Errors
    /// On any [`Fault`] nothing is changed.
    pub async fn end_reporter(
        &self,
        by: &Viewer,
        rule: &str,
        one: &Reporter,
        act: &Act,
    ) -> Result<bool, Fault> {
        let event = told(by, rule, &one.id, "ended", Outcome::Done, act)?;
        self.store.end_reporter(one, event).await
    }

    /// Takes a report: with what it proves and its event in one commit, or not at all. What is wrong with a report under
    /// the key of a known reporter is put on record.
    ///
    /// # Errors
    /// See [`NotTaken`].
    pub async fn take_report(&self, body: &[u8], act: &Act) -> Result<Receipt, NotTaken> {
        let sent = Sent::parse(body)?;
        let known = self.store.reporter_of_key(sent.thumbprint().to_owned()).await?;
        let one = known.filter(Reporter::is_in_force).ok_or(ReportFault::UnknownKey)?;
        let taken = self.take_from(&one, sent, act).await;
        if let Err(NotTaken::Report(fault)) = &taken {
            let event = told(&as_viewer(&one), RULE, &one.id, fault.code(), Outcome::Refused, act)?;
            self.store.append(None, event).await?;
        }
        taken
    }

    async fn take_from(&self, one: &Reporter, sent: Sent<'_>, act: &Act) -> Result<Receipt, NotTaken> {
        let key = MachineKey::parse(&one.jwk).map_err(|_| Fault::Damaged("the key of a reporter"))?;
        let said = sent.prove(&key)?.read(act.now)?;
        let found = found(&said.measured, &Expected::of(one), &self.place.vpn_versions(), act.today());
        let proved =
            found.iter().map(|found| proof(one, found, &said, act)).collect::<Result<Vec<_>, _>>()?;
        let report = Report {
            jti: said.jti,
            at: said.at,
            received_at: act.now,
            measured: serde_json::to_string(&said.measured).map_err(|_| Fault::Damaged("a report"))?,
        };
        let event = told(&as_viewer(one), RULE, &one.id, "reported", Outcome::Done, act)?;
        match self.store.keep_report(one.id.clone(), report, proved, event).await? {
            Taken::Kept => Ok(Receipt { reporter: one.name.clone(), found }),
            Taken::Replayed => Err(ReportFault::Replayed.into()),
            Taken::Older => Err(ReportFault::Older.into()),
            Taken::Ended => Err(ReportFault::UnknownKey.into()),
        }
    }
}

impl Expected {
    /// What is meant of a reporter.
    pub fn of(one: &Reporter) -> Self {
        Self {
            ports: one.ports.as_deref().and_then(|text| ports(text).ok().flatten()),
            administrators: one.administrators.as_deref().and_then(administrators),
        }
    }

    /// The ports as [`ports`] reads them; none where nobody said.
    pub fn written_ports(&self) -> Option<String> {
        self.ports.as_ref().map(|all| written(all.iter().map(Port::to_string).collect()))
    }

    /// The names as [`administrators`] reads them; none where nobody said.
    pub fn written_administrators(&self) -> Option<String> {
        self.administrators.as_ref().map(|all| written(all.iter().cloned().collect()))
    }
}

impl Place {
    /// The operator's table of VPN versions, or the one that is compiled in.
    pub(super) fn vpn_versions(&self) -> Result<Versions, String> {
        self.vpn_versions.as_deref().map_or_else(|| Ok(Versions::shipped()), Versions::read)
    }
}

fn written(all: Vec<String>) -> String {
    if all.is_empty() { NOTHING.to_owned() } else { all.join(", ") }
}

fn proof(one: &Reporter, found: &Found, said: &Said, act: &Act) -> Result<Evidence, Fault> {
    let mut measured = found.measured.clone();
    measured["machine"] = Value::from(one.name.as_str());
    let told = (found.control, found.holds, measured.to_string());
    evidence(&one.institution, &one.source(), Proof::Auto, told, &Viewer::hub(), said.at, act)
}

/// A reporter as the record names it.
fn as_viewer(one: &Reporter) -> Viewer {
    Viewer {
        credential: format!("reporter/{}", one.id),
        name: one.name.clone(),
        role: Role::Institution,
        institution: Some(one.institution.clone()),
        ..Viewer::hub()
    }
}

fn told(by: &Viewer, rule: &str, id: &str, deed: &str, outcome: Outcome, act: &Act) -> Result<Event, Fault> {
    let mut event = on_record(act, audit::Act::Safety, outcome, by, rule)?;
    event.objects = vec![format!("reporter/{id}"), deed.to_owned()];
    Ok(event)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_said_and_nothing_is_meant_are_two_things() {
        assert_eq!(ports(" ").unwrap(), None);
        assert_eq!(ports("-").unwrap(), Some(BTreeSet::new()));
        let all = Expected {
            ports: ports("443、22/TCP 123/udp").unwrap(),
            administrators: administrators("b\na, b"),
        };
        assert_eq!(all.written_ports().unwrap(), "22/tcp, 123/udp, 443/tcp");
        assert_eq!(all.written_administrators().unwrap(), "a, b");
        assert_eq!(ports(&all.written_ports().unwrap()).unwrap(), all.ports);
        assert_eq!(Expected { ports: Some(BTreeSet::new()), ..all }.written_ports().unwrap(), "-");
        for bad in ["70000", "22/sctp", "ssh"] {
            assert!(matches!(ports(bad), Err(NotEnrolled::Ports)), "{bad}");
        }
    }
}
