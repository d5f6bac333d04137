// Asks the browser for a passkey and hands its answer to the hub. Forms with data-passkey name the occasion; those with
// data-new set a passkey up. Without this script, and where a browser knows no passkeys, the rest of the page works.
(() => {
  const known = window.PublicKeyCredential?.parseRequestOptionsFromJSON && navigator.credentials;
  if (!known) return;
  const send = async (path, body) => {
    const answer = await fetch(path, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
    });
    const told = await answer.json();
    if (!answer.ok) throw new Error(told.error ?? told.issue?.[0]?.details?.text ?? answer.statusText);
    return told;
  };
  const ask = async (form) => {
    const sent = Object.fromEntries(['login', 'next', 'label'].map((name) => [name, form.elements[name]?.value ?? '']));
    const path = `/passkey/${form.dataset.passkey}`;
    const { publicKey } = await send(path, sent);
    const credential = 'new' in form.dataset
      ? await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(publicKey) })
      : await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(publicKey) });
    const { to } = await send(`${path}/done`, { ...sent, answer: credential.toJSON() });
    location.assign(to);
  };
  for (const form of document.querySelectorAll('form[data-passkey]')) {
    const button = form.querySelector('[data-ask]');
    const error = form.querySelector('[data-error]');
    button.addEventListener('click', async () => {
      button.disabled = true;
      error.textContent = '';
      try {
        await ask(form);
      } catch (why) {
        // The browser's own words for a holder who turned away say nothing to them.
        error.textContent = why.name === 'NotAllowedError' ? '' : why.message;
        button.disabled = false;
        button.focus();
      }
    });
  }
  for (const part of document.querySelectorAll('.with-script')) part.hidden = false;
})();
