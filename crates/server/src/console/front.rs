//! 表紙: what this is, and the four doors of the demo.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use crate::App;
use crate::console::frame::Frame;
use crate::console::reader::Guest;

#[derive(Template)]
#[template(path = "front.html")]
pub(crate) struct FrontPage {
    frame: Frame,
    doors: Vec<Door>,
}

/// A door as it stands on the front page.
struct Door {
    code: &'static str,
    title: String,
    who: String,
    sees: String,
}

/// `GET /`.
pub(crate) async fn front(State(app): State<Arc<App>>, guest: Guest) -> Response {
    let frame = guest.frame(&app);
    let doors = app.doors.iter().map(|door| {
        let text = |part: &str| frame.word(&format!("door.{}{part}", door.code)).to_owned();
        Door { code: door.code, title: text(""), who: door.name.clone(), sees: text("-sees") }
    });
    let doors = doors.collect();
    let title = frame.word("front.title").to_owned();
    let page = FrontPage { frame: frame.titled(title), doors };
    page.frame.answer(StatusCode::OK, &page)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::frame::sample::{frames, rendered};

    #[test]
    fn the_front_page_offers_each_door_by_a_button() {
        for frame in frames() {
            let door = Door {
                code: "clinician",
                title: "医師".to_owned(),
                who: "架空 当直".to_owned(),
                sees: "アレルギー".to_owned(),
            };
            let html = rendered(&FrontPage { frame, doors: vec![door] });
            assert!(html.contains(r#"name="door" value="clinician""#) && html.contains("架空 当直"));
        }
    }

    #[test]
    fn outside_the_demo_the_front_page_leads_to_the_sign_in() {
        for mut frame in frames() {
            frame.is_demo = false;
            let html = rendered(&FrontPage { frame, doors: Vec::new() });
            assert!(html.contains(r#"href="/sign-in""#) && !html.contains("data-door"));
        }
    }
}
