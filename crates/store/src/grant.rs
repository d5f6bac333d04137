//! Grants as rows: every reason to see a record that is not one's own. What they mean is decided in `access`.

use jiff::Timestamp;

use crate::sql::{Row, Tx, Value, all, instant};
use crate::{Bucket, Fault, Keyring, News, PersonId, Store, Topic, person};

/// Leave for an institution, or for one person of it, to see groups of information for a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// Whose record.
    pub person: PersonId,
    /// Names the grant in the record.
    pub id: audit::EventId,
    /// To which institution.
    pub institution: String,
    /// Codes of consent groups or emergency scopes, as `rules/consent.toml` names them.
    pub groups: Vec<String>,
    /// By what right.
    pub basis: Basis,
    /// What for.
    pub purpose: Purpose,
    /// How it came: `card-reader (simulated)`, `console`.
    pub source: String,
    /// Who alone may use it; `None`: every clinician of the institution.
    pub holder: Option<Holder>,
    /// Id of the disaster that it rests on.
    pub disaster: Option<String>,
    /// Why, in the words of whoever opened it.
    pub reason: Option<String>,
    /// When it was given.
    pub given_at: Timestamp,
    /// From when.
    pub starts_at: Timestamp,
    /// Until when: that instant is outside.
    pub ends_at: Timestamp,
    /// When it was taken back.
    pub revoked_at: Option<Timestamp>,
    /// What the review found.
    pub review: Option<Review>,
}

/// By what right a grant opens a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Basis {
    /// 顔認証付きカードリーダー: the patient consented.
    CardReader,
    /// 救急時: life or body is in danger.
    Emergency,
    /// 災害時: an authority declared a disaster.
    Disaster,
}

/// Purpose of use: codes of HL7 v3 PurposeOfUse.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// 診療
    Treatment,
    /// 救急時の診療
    Emergency,
    /// 災害時の診療
    Disaster,
    /// 本人の求め
    PatientRequest,
    /// 保険者の保健事業
    InsurerProgramme,
    /// 運用・監査
    Operations,
}

/// The one person who may use a grant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    /// Id of their credential.
    pub credential: String,
    /// Their name, as the patient and the reviewer read it.
    pub name: String,
}

/// What a second person found when they looked at a grant afterwards.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Review {
    /// When.
    pub at: Timestamp,
    /// Who.
    pub by: Holder,
    /// What.
    pub finding: Finding,
    /// In their words.
    pub note: String,
}

/// What a review found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Finding {
    /// 正当: there was reason to look.
    Justified,
    /// 要調査: to be looked into.
    Flagged,
}

/// `select` with every column in the order that [`parse`] reads them, and this tail.
macro_rules! grants_where {
    ($tail:literal) => {
        concat!(
            "select person, id, institution, groups, basis, purpose, source, credential, viewer, disaster, reason,
                given_at, starts_at, ends_at, revoked_at, reviewed_at, reviewed_by, reviewer, finding, note
            from viewing_grant ",
            $tail
        )
    };
}

impl Store {
    /// Keeps a grant, puts the giving on record, and tells of what was opened without consent.
    ///
    /// # Errors
    /// On any [`Fault`].
    pub async fn keep_grant(&self, grant: Grant, event: audit::Event) -> Result<(), Fault> {
        let bucket = grant.person.bucket();
        let reason = grant.reason.as_deref().map(|text| self.seal_text(&grant.id, text)).transpose()?;
        self.write(bucket.number(), move |tx| {
            insert(tx, &grant, reason.as_deref())?;
            crate::event::insert(tx, bucket, Some(&grant.person), &event)?;
            news(&grant).map_or(Ok(()), |news| crate::outbox::enqueue(tx, &news, &event))
        })
        .await
    }

    /// Takes a grant back; false if there is none of this id that is not taken back already.
    ///
    /// # Errors
    /// On any [`Fault`].
    pub async fn revoke_grant(
        &self,
        person: PersonId,
        id: audit::EventId,
        event: audit::Event,
    ) -> Result<bool, Fault> {
        let bucket = person.bucket();
        self.write(bucket.number(), move |tx| {
            let sql = "update viewing_grant set revoked_at = $1
                where bucket = $2 and person = $3 and id = $4 and revoked_at is null";
            let mut is_revoked = false;
            for one in person::kin(tx, &person)?.all {
                let row = [
                    event.at.as_microsecond().into(),
                    one.bucket().number().into(),
                    one.as_bytes().into(),
                    id.as_bytes().into(),
                ];
                is_revoked |= tx.execute(sql, &row)? == 1;
            }
            if is_revoked {
                crate::event::insert(tx, bucket, Some(&person), &event)?;
            }
            Ok(is_revoked)
        })
        .await
    }

    /// Keeps what a review found; false if there is no such grant, or it was reviewed already.
    ///
    /// # Errors
    /// On any [`Fault`].
    pub async fn keep_review(
        &self,
        person: PersonId,
        id: audit::EventId,
        review: Review,
        event: audit::Event,
    ) -> Result<bool, Fault> {
        let bucket = person.bucket();
        let note = self.seal_text(&id, &review.note)?;
        self.write(bucket.number(), move |tx| {
            let sql = "update viewing_grant
                set reviewed_at = $1, reviewed_by = $2, reviewer = $3, finding = $4, note = $5
                where bucket = $6 and person = $7 and id = $8 and reviewed_at is null";
            let mut is_kept = false;
            for one in person::kin(tx, &person)?.all {
                let row = [
                    review.at.as_microsecond().into(),
                    review.by.credential.as_str().into(),
                    review.by.name.as_str().into(),
                    review.finding.code().into(),
                    note.as_slice().into(),
                    one.bucket().number().into(),
                    one.as_bytes().into(),
                    id.as_bytes().into(),
                ];
                is_kept |= tx.execute(sql, &row)? == 1;
            }
            if is_kept {
                crate::event::insert(tx, bucket, Some(&person), &event)?;
            }
            Ok(is_kept)
        })
        .await
    }

    /// All grants of a person, newest first.
    ///
    /// # Errors
    /// On any [`Fault`].
    pub async fn grants_of(&self, person: PersonId) -> Result<Vec<Grant>, Fault> {
        let rows = self.read(move |tx| grants(tx, &person)).await?;
        self.unsealed_grants(rows)
    }

    /// Who has granted this institution something that holds now: the people it may see.
    ///
    /// # Errors
    /// On any [`Fault`].
    pub async fn granted_to(&self, institution: String, now: Timestamp) -> Result<Vec<Grant>, Fault> {
        let rows = self.read(move |tx| {
            let sql = grants_where!(
                "where institution = $1 and ends_at > $2 and revoked_at is null order by starts_at desc, id"
            );
            let rows = all(tx, sql, &[institution.as_str().into(), now.as_microsecond().into()], parse)?;
            of_heads(tx, rows)
        });
        let rows = rows.await?;
        self.unsealed_grants(rows)
    }

    /// The grant of this id.
    ///
    /// # Errors
    /// On any [`Fault`].
    pub async fn grant(&self, id: audit::EventId) -> Result<Option<Grant>, Fault> {
        let rows = self.read(move |tx| {
            let key = [Bucket::of_id(&id).number().into(), id.as_bytes().into()];
            let rows = all(tx, grants_where!("where bucket = $1 and id = $2"), &key, parse)?;
            of_heads(tx, rows)
        });
        let rows = rows.await?;
        Ok(self.unsealed_grants(rows)?.pop())
    }

    /// What one person alone may use at an instant.
    ///
    /// # Errors
    /// On any [`Fault`].
    pub async fn grants_held_by(&self, credential: String, now: Timestamp) -> Result<Vec<Grant>, Fault> {
        let rows = self.read(move |tx| {
            let sql = grants_where!(
                "where credential = $1 and ends_at > $2 and revoked_at is null order by ends_at"
            );
            let rows = all(tx, sql, &[credential.as_str().into(), now.as_microsecond().into()], parse)?;
            of_heads(tx, rows)
        });
        let rows = rows.await?;
        self.unsealed_grants(rows)
    }

    /// The grants of emergencies and disasters, of one institution or of all (`None`), oldest first.
    ///
    /// # Errors
    /// On any [`Fault`].
    pub async fn grants_without_consent(&self, institution: Option<String>) -> Result<Vec<Grant>, Fault> {
        let rows = self.read(move |tx| {
            let mut rows = Vec::new();
            for basis in [Basis::Emergency, Basis::Disaster] {
                let basis = basis.code().into();
                rows.extend(match &institution {
                    Some(own) => {
                        let sql = grants_where!("where basis = $1 and institution = $2");
                        all(tx, sql, &[basis, own.as_str().into()], parse)?
                    }
                    None => all(tx, grants_where!("where basis = $1"), &[basis], parse)?,
                });
            }
            rows.sort_by_key(|row| (row.grant.given_at, row.grant.id));
            of_heads(tx, rows)
        });
        let rows = rows.await?;
        self.unsealed_grants(rows)
    }

    /// Free text under the hub's key, bound to what it belongs to.
    pub(crate) fn seal_text(&self, owner: &audit::EventId, text: &str) -> Result<Vec<u8>, Fault> {
        self.keyring.wrap(owner.as_bytes(), text.as_bytes())
    }

    /// What [`Self::seal_text`] sealed.
    pub(crate) fn unseal_text(&self, owner: &audit::EventId, sealed: &[u8]) -> Result<String, Fault> {
        let text = self.keyring.unwrap(owner.as_bytes(), sealed)?;
        String::from_utf8(text).map_err(|_| Fault::Damaged("what people wrote"))
    }

    pub(crate) fn unsealed_grants(&self, rows: Vec<GrantRow>) -> Result<Vec<Grant>, Fault> {
        rows.into_iter().map(|row| row.unsealed(&self.keyring)).collect()
    }
}

/// A grant as it is kept: its free text is still sealed.
pub(crate) struct GrantRow {
    grant: Grant,
    reason: Option<Vec<u8>>,
    note: Option<Vec<u8>>,
}

impl GrantRow {
    fn unsealed(self, keyring: &Keyring) -> Result<Grant, Fault> {
        let mut grant = self.grant;
        let open = |sealed: Vec<u8>| -> Result<String, Fault> {
            let text = keyring.unwrap(grant.id.as_bytes(), &sealed)?;
            String::from_utf8(text).map_err(|_| Fault::Damaged("a grant's words"))
        };
        let (reason, note) = (self.reason.map(open).transpose()?, self.note.map(open).transpose()?);
        grant.reason = reason;
        if let Some(review) = &mut grant.review {
            review.note = note.unwrap_or_default();
        }
        Ok(grant)
    }
}

/// All grants of a person and their kin, newest first, as grants of their head.
pub(crate) fn grants(tx: &mut dyn Tx, person: &PersonId) -> Result<Vec<GrantRow>, Fault> {
    let mut rows = Vec::new();
    for one in &person::kin(tx, person)?.all {
        rows.extend(grants_of_one(tx, one)?);
    }
    rows.sort_by_key(|row| std::cmp::Reverse(row.grant.starts_at));
    of_heads(tx, rows)
}

/// Ends what was given since an instant and still holds; tells which grants those were.
pub(crate) fn end_given_since(
    tx: &mut dyn Tx,
    person: &PersonId,
    since: Timestamp,
    at: Timestamp,
) -> Result<Vec<audit::EventId>, Fault> {
    let grants = grants_of_one(tx, person)?.into_iter().map(|row| row.grant).filter(|grant| {
        grant.given_at >= since && grant.ends_at > at && grant.revoked_at.is_none_or(|revoked| revoked > at)
    });
    let given: Vec<_> = grants.map(|grant| grant.id).collect();
    for id in &given {
        let sql = "update viewing_grant set revoked_at = $1 where bucket = $2 and person = $3 and id = $4";
        let row: [Value<'_>; 4] = [
            at.as_microsecond().into(),
            person.bucket().number().into(),
            person.as_bytes().into(),
            id.as_bytes().into(),
        ];
        tx.execute(sql, &row)?;
    }
    Ok(given)
}

fn grants_of_one(tx: &mut dyn Tx, person: &PersonId) -> Result<Vec<GrantRow>, Fault> {
    let key: [Value<'_>; 2] = [person.bucket().number().into(), person.as_bytes().into()];
    all(tx, grants_where!("where bucket = $1 and person = $2 order by starts_at desc"), &key, parse)
}

/// The same grants, each under the id that leads its person now.
fn of_heads(tx: &mut dyn Tx, mut rows: Vec<GrantRow>) -> Result<Vec<GrantRow>, Fault> {
    for row in &mut rows {
        row.grant.person = person::head(tx, &row.grant.person)?;
    }
    Ok(rows)
}

fn insert(tx: &mut dyn Tx, grant: &Grant, reason: Option<&[u8]>) -> Result<(), Fault> {
    tx.execute(
        "insert into viewing_grant (bucket, person, id, institution, groups, basis, purpose, source, credential,
            viewer, disaster, reason, given_at, starts_at, ends_at, revoked_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)",
        &[
            grant.person.bucket().number().into(),
            grant.person.as_bytes().into(),
            grant.id.as_bytes().into(),
            grant.institution.as_str().into(),
            grant.groups.join(" ").as_str().into(),
            grant.basis.code().into(),
            grant.purpose.code().into(),
            grant.source.as_str().into(),
            grant.holder.as_ref().map(|holder| holder.credential.as_str()).into(),
            grant.holder.as_ref().map(|holder| holder.name.as_str()).into(),
            grant.disaster.as_deref().into(),
            reason.into(),
            grant.given_at.as_microsecond().into(),
            grant.starts_at.as_microsecond().into(),
            grant.ends_at.as_microsecond().into(),
            grant.revoked_at.map(Timestamp::as_microsecond).into(),
        ],
    )
    .map(drop)
}

/// Whoever opens a record without consent does so before everybody's eyes.
fn news(grant: &Grant) -> Option<News> {
    let topic = match grant.basis {
        Basis::CardReader => return None,
        Basis::Emergency => Topic::EmergencyAccess,
        Basis::Disaster => Topic::DisasterAccess,
    };
    Some(News { topic, from: grant.institution.clone(), to: Vec::new(), person: grant.person, unit: None })
}

fn parse(row: &Row<'_>) -> Result<GrantRow, Fault> {
    let damaged = Fault::Damaged("a grant");
    let grant = Grant {
        person: PersonId::from_row(&row.bytes(0)?).ok_or_else(|| damaged.clone())?,
        id: crate::event::id(row, 1)?,
        institution: row.text(2)?,
        groups: row.text(3)?.split_ascii_whitespace().map(str::to_owned).collect(),
        basis: Basis::from_code(&row.text(4)?).ok_or_else(|| damaged.clone())?,
        purpose: Purpose::from_code(&row.text(5)?).ok_or(damaged)?,
        source: row.text(6)?,
        holder: holder(row, 7, 8)?,
        disaster: row.text_or_null(9)?,
        reason: None,
        given_at: instant(row.int(11)?)?,
        starts_at: instant(row.int(12)?)?,
        ends_at: instant(row.int(13)?)?,
        revoked_at: row.int_or_null(14)?.map(instant).transpose()?,
        review: review(row)?,
    };
    Ok(GrantRow { grant, reason: row.bytes_or_null(10)?, note: row.bytes_or_null(19)? })
}

fn holder(row: &Row<'_>, credential: usize, name: usize) -> Result<Option<Holder>, Fault> {
    let name = row.text_or_null(name)?.unwrap_or_default();
    Ok(row.text_or_null(credential)?.map(|credential| Holder { credential, name }))
}

fn review(row: &Row<'_>) -> Result<Option<Review>, Fault> {
    let (Some(at), Some(by)) = (row.int_or_null(15)?, holder(row, 16, 17)?) else { return Ok(None) };
    let finding = Finding::from_code(&row.text(18)?).ok_or(Fault::Damaged("a review"))?;
    Ok(Some(Review { at: instant(at)?, by, finding, note: String::new() }))
}

impl Grant {
    /// What a patient gives at a card reader: for treatment, to every clinician of the institution.
    pub fn at_card_reader(
        person: PersonId,
        id: audit::EventId,
        institution: &str,
        groups: Vec<String>,
        given_at: Timestamp,
        ends_at: Timestamp,
    ) -> Self {
        Self {
            person,
            id,
            institution: institution.to_owned(),
            groups,
            basis: Basis::CardReader,
            purpose: Purpose::Treatment,
            source: "card-reader (simulated)".to_owned(),
            holder: None,
            disaster: None,
            reason: None,
            given_at,
            starts_at: given_at,
            ends_at,
            revoked_at: None,
            review: None,
        }
    }
}

impl Basis {
    /// The code kept in the store.
    pub fn code(self) -> &'static str {
        match self {
            Self::CardReader => "card-reader",
            Self::Emergency => "emergency",
            Self::Disaster => "disaster",
        }
    }

    fn from_code(code: &str) -> Option<Self> {
        [Self::CardReader, Self::Emergency, Self::Disaster].into_iter().find(|basis| basis.code() == code)
    }
}

impl Purpose {
    /// All purposes.
    pub const ALL: [Self; 6] = [
        Self::Treatment,
        Self::Emergency,
        Self::Disaster,
        Self::PatientRequest,
        Self::InsurerProgramme,
        Self::Operations,
    ];

    /// The code of HL7 v3 PurposeOfUse.
    pub fn code(self) -> &'static str {
        match self {
            Self::Treatment => "TREAT",
            Self::Emergency => "ETREAT",
            Self::Disaster => "DISASTER",
            Self::PatientRequest => "PATRQT",
            Self::InsurerProgramme => "COVERAGE",
            Self::Operations => "HOPERAT",
        }
    }

    /// The purpose with this code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|purpose| purpose.code() == code)
    }
}

impl Finding {
    /// The code kept in the store.
    pub fn code(self) -> &'static str {
        match self {
            Self::Justified => "justified",
            Self::Flagged => "flagged",
        }
    }

    /// The finding with this code.
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::Justified, Self::Flagged].into_iter().find(|finding| finding.code() == code)
    }
}
