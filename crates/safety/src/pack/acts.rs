//! Having a pack made, and handing it over.

use access::{Act, Viewer, on_record};
use audit::Outcome;
use guideline::{Catalogue, Edition};
use jiff::SignedDuration;
use ring::digest::{SHA256, digest};
use store::{Fault, Holder, InspectionPack, PackState, random};
use tokio::sync::mpsc;

use super::archive::{archive, hex};
use super::{Gathered, Line};
use crate::Safety;

/// How many parts a pack is put together in: what is gathered, and what [`archive`] tells of.
pub const STEPS: i64 = 6;
/// The edition whose form is filled in, and how the ids of its rows for institutions begin (医療機関確認用).
pub const PACK_FORM: (&str, &str) = ("chk", "chk.r7.h.");
/// A pack that is not done by then never will be: the program ended meanwhile.
const LONGEST: SignedDuration = SignedDuration::from_mins(10);
/// Acts in the extract, at most.
const MOST_ACTS: u16 = 5000;

/// Why no pack was made.
#[derive(Debug, Clone, thiserror::Error)]
pub enum NoPack {
    /// One is being put together: this one.
    #[error("a pack is being put together")]
    Making(String),
    /// The store could not do it.
    #[error(transparent)]
    Store(#[from] Fault),
}

impl Safety {
    /// Begins a pack, and puts that on record. [`Safety::make_pack`] makes it.
    ///
    /// # Errors
    /// See [`NoPack`].
    pub async fn begin_pack(
        &self,
        by: &Viewer,
        rule: &str,
        institution: &str,
        act: &Act,
    ) -> Result<InspectionPack, NoPack> {
        let newest = self.store.packs(institution.to_owned(), 1).await?.pop();
        if let Some(making) = newest.filter(|pack| pack.state == PackState::Making && !is_given_up(pack, act))
        {
            return Err(NoPack::Making(making.id));
        }
        let pack = InspectionPack {
            scope: institution.to_owned(),
            id: hex(&random::<16>().map_err(Fault::from)?),
            edition: PACK_FORM.0.to_owned(),
            by: Holder { credential: by.credential.clone(), name: by.name.clone() },
            made_at: act.now,
            steps: STEPS,
            done: 0,
            state: PackState::Making,
            sha256: None,
        };
        let mut event = on_record(act, audit::Act::Safety, Outcome::Done, by, rule)?;
        event.objects = vec![format!("inspection-pack/{}", pack.id), "made".to_owned()];
        self.store.begin_pack(pack.clone(), event).await?;
        Ok(pack)
    }

    /// Makes a pack that was begun, for the institution of this name; counts its steps as they are done. Whatever goes wrong,
    /// the pack ends: ready, or failed.
    ///
    /// # Errors
    /// On a [`Fault`] of keeping it.
    pub async fn make_pack(
        &self,
        pack: &InspectionPack,
        name: String,
        words: fn(&str) -> String,
    ) -> Result<(), Fault> {
        let made = match self.gather(pack, name, words).await {
            Ok(gathered) => self.put_together(pack, gathered).await,
            Err(_) => None,
        };
        let made = made.map(|bytes| (hex(digest(&SHA256, &bytes).as_ref()), bytes));
        self.store.end_pack(pack.scope.clone(), pack.id.clone(), made).await
    }

    /// Hands the archive of a pack out, and puts that on record first. None if it is not ready.
    ///
    /// # Errors
    /// On any [`Fault`] nothing is handed out.
    pub async fn hand_over_pack(
        &self,
        by: &Viewer,
        rule: &str,
        institution: &str,
        id: &str,
        act: &Act,
    ) -> Result<Option<Vec<u8>>, Fault> {
        let Some(bytes) = self.store.pack_archive(institution.to_owned(), id.to_owned()).await? else {
            return Ok(None);
        };
        let mut event = on_record(act, audit::Act::Safety, Outcome::Done, by, rule)?;
        event.objects = vec![format!("inspection-pack/{id}"), "taken".to_owned()];
        self.store.append(None, event).await?;
        Ok(Some(bytes))
    }

    async fn gather(
        &self,
        pack: &InspectionPack,
        name: String,
        words: fn(&str) -> String,
    ) -> Result<Gathered, Fault> {
        let mut overview = self.overview(&pack.scope, pack.made_at).await?;
        let (id, rows) = PACK_FORM;
        let edition: &'static Edition =
            Catalogue::shipped().edition(id).ok_or(Fault::Damaged("an edition"))?;
        let lines = overview.items.into_iter().filter(|(item, _)| item.id.starts_with(rows));
        let lines: Vec<Line> = lines
            .map(|(item, standing)| Line { item, standing, answer: overview.answers.remove(&item.id) })
            .collect();
        let is_asked = |control: &String| lines.iter().any(|line| line.item.controls.contains(control));
        overview.evidence.retain(|one| is_asked(&one.control));
        let acts = self.store.safety_acts(pack.scope.clone(), MOST_ACTS).await?;
        Ok(Gathered {
            institution: pack.scope.clone(),
            name,
            made_at: pack.made_at,
            made_by: pack.by.name.clone(),
            edition,
            lines,
            evidence: overview.evidence,
            acts,
            words,
        })
    }

    /// On a thread that may take its time; what it has done is counted meanwhile.
    async fn put_together(&self, pack: &InspectionPack, gathered: Gathered) -> Option<Vec<u8>> {
        let (told, mut heard) = mpsc::unbounded_channel();
        _ = told.send(());
        let work = tokio::task::spawn_blocking(move || archive(&gathered, || _ = told.send(())));
        let mut done = 0;
        while heard.recv().await.is_some() {
            done += 1;
            // A step that is not counted is only not seen.
            drop(self.store.pack_is_at(pack.scope.clone(), pack.id.clone(), done).await);
        }
        work.await.ok()?.ok()
    }
}

/// Whether a pack was begun so long ago that nobody makes it any more.
#[must_use]
pub fn is_given_up(pack: &InspectionPack, act: &Act) -> bool {
    pack.state == PackState::Making && act.now.duration_since(pack.made_at) > LONGEST
}
