//! What an endpoint reads: ids only, signed as Standard Webhooks are (<https://www.standardwebhooks.com>, v1).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use ring::hmac;
use serde_json::{Value, json};
use store::{Delivery, SigningSecret, Subscription, Topic};

/// One message to an endpoint.
pub(super) struct Message {
    /// The same however often it is sent.
    pub(super) id: String,
    /// Empty where the subscription wants no payload.
    pub(super) body: String,
}

impl Message {
    /// Asks whether the endpoint wants notices at all; a 2xx answer says so.
    pub(super) fn handshake(subscription: &Subscription) -> Self {
        let id = format!("handshake_{}", subscription.id);
        Self::of(subscription, id, "handshake", Vec::new())
    }

    /// Tells of one act.
    pub(super) fn notice(subscription: &Subscription, delivery: &Delivery) -> Self {
        let reference = |name: &str, to: String| json!({"name": name, "valueReference": {"reference": to}});
        let told = vec![
            json!({"name": "topic", "valueCode": delivery.key.topic.code()}),
            json!({"name": "timestamp", "valueInstant": delivery.created_at.to_string()}),
            reference("focus", focus(delivery)),
            reference("event", format!("AuditEvent/{}", delivery.key.event)),
        ];
        Self::of(subscription, delivery.key.to_string(), "event-notification", told)
    }

    fn of(subscription: &Subscription, id: String, kind: &str, told: Vec<Value>) -> Self {
        if !subscription.has_payload {
            return Self { id, body: String::new() };
        }
        let subscription = format!("Subscription/{}", subscription.id);
        let mut parameters = vec![
            json!({"name": "subscription", "valueReference": {"reference": subscription}}),
            json!({"name": "type", "valueCode": kind}),
        ];
        parameters.extend(told);
        Self { id, body: json!({"resourceType": "Parameters", "parameter": parameters}).to_string() }
    }

    /// The value of `webhook-signature`: over id, time in seconds, and body.
    pub(super) fn signature(&self, secret: &SigningSecret, at: Timestamp) -> String {
        let key = hmac::Key::new(hmac::HMAC_SHA256, secret.bytes());
        let signed = format!("{}.{}.{}", self.id, at.as_second(), self.body);
        format!("v1,{}", STANDARD.encode(hmac::sign(&key, signed.as_bytes())))
    }
}

/// The secret as its receiver keeps it.
pub(crate) fn secret_text(secret: &SigningSecret) -> String {
    format!("whsec_{}", STANDARD.encode(secret.bytes()))
}

/// What a notice is about, as one may ask for it here.
fn focus(delivery: &Delivery) -> String {
    let (person, unit) = (delivery.person, delivery.unit);
    match (delivery.key.topic, unit) {
        (
            Topic::ReferralOpen | Topic::ReferralFetched | Topic::ReferralExpired | Topic::ReferralDeleted,
            Some(unit),
        ) => format!("Task/{unit}"),
        (Topic::Registered | Topic::Changed | Topic::Cancelled, Some(unit)) => format!("Bundle/{unit}"),
        _ => format!("Patient/{person}"),
    }
}
