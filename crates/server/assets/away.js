// Leaves a page that nobody touches before it shows a record to whoever passes by (離席). The hub locks the session too.
(() => {
  const seconds = Number(document.documentElement.dataset.idle);
  if (!seconds) return;
  let timer;
  const again = () => {
    clearTimeout(timer);
    timer = setTimeout(() => location.replace(`/proof?next=${location.pathname}`), seconds * 1000);
  };
  for (const sign of ['keydown', 'pointerdown', 'pointermove', 'scroll', 'touchstart']) {
    addEventListener(sign, again, { passive: true });
  }
  again();
})();
