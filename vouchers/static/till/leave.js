// On the pages where a person's work at a till has ended (login, before a shift, a shift's end): forgets what the
// till kept of them in this browser. Scans that wait stay; where somebody is signed in at their till they are handed over.

import { deliver } from "./offline/api.js";
import { openDatabase } from "./offline/database.js";
import { Desk } from "./offline/desk.js";

const PAGE = "till-page";

if (isSecureContext && globalThis.indexedDB && globalThis.caches && crypto.subtle) {
  const element = document.getElementById("till-left");
  const { delivery, till } = element.dataset;
  const desk = new Desk({
    database: await openDatabase(),
    clock: () => Date.now(),
    deliver: (items) => deliver({ delivery }, items),
  });
  await caches.delete(PAGE);
  await desk.wipe();
  new BroadcastChannel("till").postMessage("wiped");
  // A link that is down, or a page where nobody may hand over: they wait for the till's own page.
  if (delivery) await desk.outbox.handOver(Number(till)).then(() => desk.outbox.dropKey()).catch(() => {});
  const waiting = await desk.waiting();
  element.hidden = !waiting.length;
}
