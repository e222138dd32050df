// Renews what is live every minute in place: the page is not loaded again, so focus, scrolling and choices stay.
"use strict";
const EVERY = 60_000;

const renew = async () => {
  if (document.hidden) return;
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
  if (answer.redirected) location.reload(); // the session ended: sign in
  if (!answer.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const old of document.querySelectorAll("[data-live]")) {
    const next = fresh.querySelector(`[data-live="${old.dataset.live}"]`);
    if (next && !old.contains(document.activeElement)) old.replaceChildren(...next.childNodes);
  }
};

setInterval(() => renew().catch(() => {}), EVERY); // a failed one shows by the time that stands still
