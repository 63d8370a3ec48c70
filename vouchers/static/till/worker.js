// The till's service worker: gives the kept page when the server cannot be reached, and hands scans over when
// the browser says that the link is back. It keeps the till's page and its files, and nothing else: no other
// page, no answer of the server, nothing about a customer. What it is to keep comes with the script's address.

import { deliver } from "./offline/api.js";
import { openDatabase } from "./offline/database.js";
import { Desk } from "./offline/desk.js";

/** Milliseconds the server has for the page before the kept one is shown. */
const PATIENCE = 4000;
/** The caches: of the files (its version follows), and of the page, which a person's end of work throws away. */
const FILES = "till-files-";
export const PAGE = "till-page";
/** What the browser calls when the link is back. */
export const SYNC = "till-hand-over";

/** Serve the till: {version, files, page, delivery}. */
export function serve(shell) {
  const files = new Set(shell.files.map((file) => new URL(file, self.location).href));
  const cacheName = FILES + shell.version;
  const shown = new Set(); // pages that were served from here, whose files must fit to them

  self.addEventListener("install", (event) => {
    event.waitUntil((async () => {
      const cache = await caches.open(cacheName);
      await cache.addAll(shell.files.map((file) => new Request(file, { cache: "reload" })));
      // The queue is in the database: a new version may take over at once.
      await self.skipWaiting();
    })());
  });

  self.addEventListener("activate", (event) => {
    event.waitUntil((async () => {
      const old = (await caches.keys()).filter((name) => name.startsWith(FILES) && name !== cacheName);
      await Promise.all(old.map((name) => caches.delete(name)));
      await self.clients.claim();
    })());
  });

  async function kept(event) {
    const page = await caches.match(shell.page, { cacheName: PAGE });
    if (page) shown.add(event.resultingClientId);
    return page;
  }

  async function navigate(event) {
    const url = new URL(event.request.url);
    const late = new Promise((_resolve, reject) => { setTimeout(() => reject(new Error("late")), PATIENCE); });
    const answer = fetch(event.request);
    try {
      return await Promise.race([answer, late]);
    } catch {
      const page = await kept(event);
      if (!page) return answer;
      // Any other page of the till needs the server; what works without it is the till itself.
      return url.pathname === shell.page ? page : Response.redirect(shell.page);
    }
  }

  async function file(event) {
    const fromCache = () => caches.match(event.request, { cacheName, ignoreSearch: true, ignoreVary: true });
    if (shown.has(event.clientId)) return (await fromCache()) ?? fetch(event.request);
    try {
      return await fetch(event.request);
    } catch (error) {
      const answer = await fromCache();
      if (answer) return answer;
      throw error;
    }
  }

  self.addEventListener("fetch", (event) => {
    const { request } = event;
    if (request.method !== "GET") return;
    if (request.mode === "navigate") event.respondWith(navigate(event));
    else if (files.has(request.url.split("#")[0])) event.respondWith(file(event));
  });

  self.addEventListener("sync", (event) => {
    if (event.tag === SYNC) event.waitUntil(handOver(shell));
  });
}

async function handOver(urls) {
  const desk = new Desk({ database: await openDatabase(), clock: () => Date.now(), deliver: (items) => deliver(urls, items) });
  await desk.handOver();
  new BroadcastChannel("till").postMessage("handed over");
}
