//! Functions of strings; places and lengths count characters.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};

use super::test::made;
use super::{Text, wrong_type};
use crate::path::error::Res;
use crate::path::eval::{Eval, Frame, Sink};
use crate::path::plan::Call;
use crate::path::value::Value;

pub(super) fn call<'t>(
    eval: &Eval<'_, 't>,
    function: Text,
    call: &'t Call,
    frame: &Frame<'_, 't>,
    sink: &mut Sink<'_, 't>,
) -> Res {
    if function == Text::Join {
        return join(eval, call, frame, sink);
    }
    let Some(value) = eval.single(&call.input, frame, call.name)? else { return Ok(()) };
    let Some(text) = value.text() else { return Err(wrong_type(call.name, &value).into()) };
    eval.spend(text.len() / 64)?;
    match function {
        Text::Upper => sink(eval.built(text.to_uppercase())?),
        Text::Lower => sink(eval.built(text.to_lowercase())?),
        Text::Trim => sink(eval.built(text.trim().to_owned())?),
        Text::Length => sink(Value::Integer(text.chars().count() as i64)),
        Text::ToChars => text.chars().try_for_each(|c| sink(eval.built(c.to_string())?)),
        Text::Substring => substring(eval, call, frame, &text, sink),
        _ => {
            let Some(first) = argument(eval, call, 0, frame)? else { return Ok(()) };
            with_argument(eval, function, call, frame, (&text, &first), sink)
        }
    }
}

fn argument<'t>(
    eval: &Eval<'_, 't>,
    call: &'t Call,
    which: usize,
    frame: &Frame<'_, 't>,
) -> Res<Option<Cow<'t, str>>> {
    let Some(value) = eval.argument(call, which, frame)? else { return Ok(None) };
    value.text().map(Some).ok_or_else(|| wrong_type(call.name, &value).into())
}

fn with_argument<'t>(
    eval: &Eval<'_, 't>,
    function: Text,
    call: &'t Call,
    frame: &Frame<'_, 't>,
    (text, first): (&str, &str),
    sink: &mut Sink<'_, 't>,
) -> Res {
    let place =
        |byte: Option<usize>| Value::Integer(byte.map_or(-1, |byte| text[..byte].chars().count() as i64));
    match function {
        Text::IndexOf => sink(place(text.find(first))),
        Text::LastIndexOf => sink(place(text.rfind(first))),
        Text::Split => text.split(first).try_for_each(|part| sink(eval.built(part.to_owned())?)),
        Text::Replace | Text::ReplaceMatches => {
            let Some(second) = argument(eval, call, 1, frame)? else { return Ok(()) };
            eval.spend(text.len() * second.len() / 64)?;
            if function == Text::Replace {
                return sink(eval.built(text.replace(first, &second))?);
            }
            if first.is_empty() {
                return sink(eval.built(text.to_owned())?);
            }
            let made_now;
            let regex = match &call.regex {
                Some(regex) => regex,
                None => {
                    made_now = made(eval, first, call)?;
                    &made_now
                }
            };
            sink(eval.built(regex.replace_all(text, &*second).into_owned())?)
        }
        Text::Encode => encode(text, first).map_or(Ok(()), |text| sink(eval.built(text)?)),
        Text::Decode => decode(text, first).map_or(Ok(()), |text| sink(eval.built(text)?)),
        Text::Escape => escape(text, first).map_or(Ok(()), |text| sink(eval.built(text)?)),
        _ => unescape(text, first).map_or(Ok(()), |text| sink(eval.built(text)?)),
    }
}

fn substring<'t>(
    eval: &Eval<'_, 't>,
    call: &'t Call,
    frame: &Frame<'_, 't>,
    text: &str,
    sink: &mut Sink<'_, 't>,
) -> Res {
    let number = |which| -> Res<Option<i64>> {
        Ok(eval.argument(call, which, frame)?.and_then(|value| value.integer()))
    };
    let Some(start) = number(0)?.and_then(|start| usize::try_from(start).ok()) else { return Ok(()) };
    let Some((from, _)) = text.char_indices().nth(start) else { return Ok(()) };
    let rest = &text[from..];
    let length = match number(1)? {
        Some(length) => usize::try_from(length).unwrap_or(0),
        None => usize::MAX,
    };
    let end = rest.char_indices().nth(length).map_or(rest.len(), |(end, _)| end);
    sink(eval.built(rest[..end].to_owned())?)
}

fn join<'t>(eval: &Eval<'_, 't>, call: &'t Call, frame: &Frame<'_, 't>, sink: &mut Sink<'_, 't>) -> Res {
    let between = argument(eval, call, 0, frame)?.unwrap_or_default();
    let mut joined: Option<String> = None;
    eval.each(&call.input, frame, &mut |value| {
        let Some(text) = value.str() else { return Err(wrong_type(call.name, &value).into()) };
        eval.spend(1 + (text.len() + between.len()) / 16)?;
        match &mut joined {
            None => joined = Some(text.to_owned()),
            Some(joined) => {
                joined.push_str(&between);
                joined.push_str(text);
            }
        }
        Ok(())
    })?;
    joined.map_or(Ok(()), |joined| sink(eval.built(joined)?))
}

fn encode(text: &str, form: &str) -> Option<String> {
    match form {
        "base64" => Some(STANDARD.encode(text)),
        "urlbase64" => Some(URL_SAFE.encode(text)),
        "hex" => Some(text.bytes().map(|byte| format!("{byte:02x}")).collect()),
        _ => None,
    }
}

fn decode(text: &str, form: &str) -> Option<String> {
    let bytes = match form {
        "base64" => STANDARD.decode(text).ok()?,
        "urlbase64" => URL_SAFE.decode(text).ok()?,
        "hex" if text.len().is_multiple_of(2) && text.is_ascii() => {
            let pair = |at: usize| u8::from_str_radix(&text[at..at + 2], 16).ok();
            (0..text.len()).step_by(2).map(pair).collect::<Option<_>>()?
        }
        _ => return None,
    };
    String::from_utf8(bytes).ok()
}

const HTML: [(char, &str); 4] = [('&', "&amp;"), ('<', "&lt;"), ('>', "&gt;"), ('"', "&quot;")];
const JSON: [(char, &str); 6] =
    [('\\', "\\\\"), ('"', "\\\""), ('\n', "\\n"), ('\r', "\\r"), ('\t', "\\t"), ('\u{c}', "\\f")];

fn escapes(form: &str) -> Option<&'static [(char, &'static str)]> {
    match form {
        "html" => Some(&HTML),
        "json" => Some(&JSON),
        _ => None,
    }
}

fn escape(text: &str, form: &str) -> Option<String> {
    let table = escapes(form)?;
    let mut out = String::new();
    for c in text.chars() {
        match table.iter().find(|row| row.0 == c) {
            Some((_, written)) => out.push_str(written),
            None => out.push(c),
        }
    }
    Some(out)
}

fn unescape(text: &str, form: &str) -> Option<String> {
    let table = escapes(form)?;
    let (mut out, mut rest) = (String::new(), text);
    while let Some(next) = rest.chars().next() {
        match table.iter().find(|row| rest.starts_with(row.1)) {
            Some((c, written)) => {
                out.push(*c);
                rest = &rest[written.len()..];
            }
            None => {
                out.push(next);
                rest = &rest[next.len_utf8()..];
            }
        }
    }
    Some(out)
}
