//! Functions that FHIR adds to FHIRPath.

use super::Fhir;
use crate::bundle::resource_type;
use crate::json::{Kind, Name as Step, Node, trail};
use crate::path::error::Res;
use crate::path::eval::{Eval, Frame, Sink};
use crate::path::plan::Call;
use crate::path::value::{Element, Value};

pub(super) fn call<'t>(
    eval: &Eval<'_, 't>,
    function: Fhir,
    call: &'t Call,
    frame: &Frame<'_, 't>,
    sink: &mut Sink<'_, 't>,
) -> Res {
    match function {
        Fhir::Extension => {
            let Some(url) = eval.argument(call, 0, frame)?.and_then(|url| url.text()) else { return Ok(()) };
            eval.each(&call.input, frame, &mut |value| extensions(eval, &value, &url, sink))
        }
        Fhir::GetValue => {
            let value = eval.single(&call.input, frame, call.name)?;
            value
                .filter(|value| value.element().is_none_or(Element::has_value))
                .map_or(Ok(()), |value| sink(value.plain().into_owned()))
        }
        Fhir::Resolve => eval.each(&call.input, frame, &mut |value| resolve(eval, &value, sink)),
    }
}

fn extensions<'t>(eval: &Eval<'_, 't>, value: &Value<'t>, url: &str, sink: &mut Sink<'_, 't>) -> Res {
    let Some(element) = value.element() else { return Ok(()) };
    element.each_child(&mut |child| {
        eval.spend(1)?;
        let is_wanted = child.kind().name() == "Extension"
            && child.node().is_some_and(|node| node.key() == "extension" || node.key().is_empty())
            && child.node().and_then(|node| node.text_at(&["url"])) == Some(url);
        if is_wanted { sink(Value::Element(child)) } else { Ok(()) }
    })
}

/// What a Reference, or a string that is one, leads to: what is contained at once, anything else by the hook.
fn resolve<'t>(eval: &Eval<'_, 't>, value: &Value<'t>, sink: &mut Sink<'_, 't>) -> Res {
    eval.spend(10)?;
    let place = value.element().and_then(Element::node);
    let address = match place {
        Some(node) if node.kind() == Kind::Object => node.get("reference").and_then(Node::str),
        _ => None,
    };
    let Some(address) = address.map(Into::into).or_else(|| value.text()) else { return Ok(()) };
    let found = match address.strip_prefix('#') {
        Some(id) => match place {
            Some(place) => contained(eval, place, id)?,
            None => None,
        },
        None => eval.scope.resolve.and_then(|resolve| resolve(&address)),
    };
    found.and_then(Element::resource).map_or(Ok(()), |found| sink(Value::Element(found)))
}

/// The resource `id` contained in the one that holds `place`; with an empty id, that one itself.
fn contained<'t>(eval: &Eval<'_, 't>, place: Node<'t>, id: &str) -> Res<Option<Node<'t>>> {
    let (mut here, mut holder) = (place.json().root(), place.json().root());
    for step in trail(place.json(), place.slot()) {
        let next = match step {
            Step::Member(name) => here.get(name),
            Step::Item(index) => {
                eval.spend(index)?;
                here.items().nth(index)
            }
        };
        let Some(next) = next else { break };
        let is_contained = step == Step::Member("contained");
        here = next;
        if is_contained {
            break;
        }
        if !resource_type(here).is_empty() {
            holder = here;
        }
    }
    if id.is_empty() {
        return Ok(Some(holder));
    }
    let inner = holder.get("contained").into_iter().flat_map(Node::items);
    Ok(inner.into_iter().find(|inner| inner.text_at(&["id"]) == Some(id)))
}
