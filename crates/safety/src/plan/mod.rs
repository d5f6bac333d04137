//! 事業継続計画 (BCP): chapters that are written, a whole that another person approves, and what that proves.
//!
//! What a chapter is for is a table, `rules/bcp.toml`. A changed chapter is a draft; the approved version goes on holding
//! until the day by which it must be looked at again.

mod acts;
mod paper;

use std::collections::BTreeMap;
use std::sync::LazyLock;

use access::Viewer;
use jiff::civil::Date;
use serde::Deserialize;
use store::{Fault, PlanApproval, PlanChapter};

use crate::Safety;

pub use acts::{NotApproved, NotWrittenDown};
pub use paper::plan_document;

/// 章: a part of the plan.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Chapter {
    /// Its code, with words in `locale/`.
    pub code: String,
    /// Ids of the guideline's items that it answers.
    pub items: Vec<String>,
    /// What the registers add to it in print.
    pub drawn: Option<Drawn>,
}

/// What the registers add to a chapter in print.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Drawn {
    /// The system diagram.
    Diagram,
    /// Whom to call.
    Contacts,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Skeleton {
    chapter: Vec<Chapter>,
}

static SKELETON: LazyLock<Skeleton> = LazyLock::new(|| {
    toml::from_str(include_str!("../../../../rules/bcp.toml"))
        .expect("rules/bcp.toml is compiled in and a test reads it")
});

/// Every chapter, in order.
#[must_use]
pub fn chapters() -> &'static [Chapter] {
    &SKELETON.chapter
}

/// The plan of an institution: every text each chapter had, and the versions that were approved, newest first.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    texts: Vec<PlanChapter>,
    /// The versions that were approved, newest first.
    pub approvals: Vec<PlanApproval>,
}

impl Plan {
    /// The texts a chapter had, oldest first.
    pub fn texts<'p>(&'p self, chapter: &'p str) -> impl Iterator<Item = &'p PlanChapter> {
        self.texts.iter().filter(move |one| one.chapter == chapter)
    }

    /// What a chapter says now.
    #[must_use]
    pub fn newest(&self, chapter: &str) -> Option<&PlanChapter> {
        self.texts.iter().rfind(|one| one.chapter == chapter)
    }

    /// The version that was approved last.
    #[must_use]
    pub fn approved(&self) -> Option<&PlanApproval> {
        self.approvals.first()
    }

    /// What a chapter says in an approved version.
    #[must_use]
    pub fn approved_text(&self, approval: &PlanApproval, chapter: &str) -> Option<&PlanChapter> {
        let version = versions_of(approval).get(chapter).copied()?;
        self.texts.iter().find(|one| one.chapter == chapter && one.version == version)
    }

    /// Whether a chapter says something else than the version that was approved last.
    #[must_use]
    pub fn is_changed(&self, chapter: &str) -> bool {
        let approved = self.approved().and_then(|approval| versions_of(approval).get(chapter).copied());
        self.newest(chapter).map(|one| one.version) != approved
    }

    /// Codes of the chapters that nobody has written.
    #[must_use]
    pub fn missing(&self) -> Vec<&'static str> {
        let is_missing = |one: &&Chapter| self.newest(&one.code).is_none();
        chapters().iter().filter(is_missing).map(|one| one.code.as_str()).collect()
    }

    /// Which version of each chapter stands: what somebody who approves has before them.
    #[must_use]
    pub fn standing(&self) -> BTreeMap<String, i64> {
        // Of each chapter the newest comes last.
        self.texts.iter().map(|one| (one.chapter.clone(), one.version)).collect()
    }

    /// Whether somebody wrote anything of what would be approved. One person may have several accounts, so the name
    /// counts as well.
    #[must_use]
    pub fn is_by(&self, viewer: &Viewer) -> bool {
        let approved = self.approved().map(versions_of).unwrap_or_default();
        let stands =
            |one: &&PlanChapter| approved.get(&one.chapter).is_none_or(|version| one.version >= *version);
        let is_theirs =
            |one: &PlanChapter| one.by.credential == viewer.credential || one.by.name == viewer.name;
        self.texts.iter().filter(stands).any(is_theirs)
    }

    /// Whether there is an approved version that need not be looked at before `today`.
    #[must_use]
    pub fn is_in_time(&self, today: Date) -> bool {
        self.approved().is_some_and(|one| one.review_on >= today)
    }
}

fn versions_of(approval: &PlanApproval) -> BTreeMap<String, i64> {
    serde_json::from_str(&approval.chapters).unwrap_or_default()
}

impl Safety {
    /// The plan of an institution.
    ///
    /// # Errors
    /// On any [`Fault`] of reading.
    pub async fn plan(&self, institution: &str) -> Result<Plan, Fault> {
        let texts = self.store.plan_chapters(institution.to_owned()).await?;
        let approvals = self.store.plan_approvals(institution.to_owned()).await?;
        Ok(Plan { texts, approvals })
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use jiff::civil::date;
    use store::Holder;

    use super::*;

    fn text(chapter: &str, version: i64, by: &str) -> PlanChapter {
        let by = Holder { credential: format!("a-{by}"), name: by.to_owned() };
        PlanChapter {
            chapter: chapter.to_owned(),
            version,
            words: "本文".to_owned(),
            at: Timestamp::UNIX_EPOCH,
            by,
        }
    }

    fn viewer(name: &str) -> Viewer {
        Viewer { credential: format!("b-{name}"), name: name.to_owned(), ..Viewer::hub() }
    }

    #[test]
    fn chapters_name_items_of_the_guideline() {
        let all = guideline::Catalogue::shipped();
        for chapter in chapters() {
            assert!(chapter.items.iter().all(|id| all.item(id).is_some()), "{}", chapter.code);
        }
    }

    #[test]
    fn a_changed_chapter_is_a_draft_while_the_approved_version_holds_and_its_writer_cannot_approve() {
        let mut plan = Plan {
            texts: vec![text("people", 1, "架空 一"), text("purpose", 1, "架空 二")],
            approvals: vec![PlanApproval {
                version: 1,
                chapters: r#"{"people":1,"purpose":1}"#.to_owned(),
                review_on: date(2027, 3, 31),
                at: Timestamp::UNIX_EPOCH,
                by: Holder { credential: "c".to_owned(), name: "架空 三".to_owned() },
            }],
        };
        assert!(!plan.is_changed("people") && plan.is_in_time(date(2027, 3, 31)));
        assert!(!plan.is_in_time(date(2027, 4, 1)));
        plan.texts.insert(1, PlanChapter { words: "新しい本文".to_owned(), ..text("people", 2, "架空 四") });
        assert!(plan.is_changed("people") && !plan.is_changed("purpose"));
        let approval = plan.approved().unwrap();
        assert_eq!(plan.approved_text(approval, "people").unwrap().words, "本文");
        assert!(plan.is_by(&viewer("架空 四")) && plan.is_by(&viewer("架空 二")));
        assert!(!plan.is_by(&viewer("架空 三")));
        assert_eq!(plan.missing().len(), chapters().len() - 2);
    }
}
