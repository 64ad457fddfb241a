// Renewal. The stream says which change is the newest; the page asks for itself anew when it shows an older one. It also
// does so once a minute, because what is active, and what comes next, changes by itself. A page that can't be renewed says
// nothing in the present tense.

const renewMillis = 60_000;
let renewedAt = Date.now();
/** When the page was last known to be right: by the server's clock, and by this one. */
let good = { time: find("#renew").dataset.now, at: Date.now() };
/** Whether the stream was heard within its heartbeat. */
let isHeard = false;
let watchdog;

/** A time for people; its date too once it may be yesterday's. */
const spell = ({ time, at }) =>
  Date.now() - at < 12 * 3_600_000 ? `${time.slice(11, 16)}Z` : `${time.slice(0, 10)} ${time.slice(11, 16)}Z`;

/** @param state "connecting", "heard" or "broken" */
function mark(state, text) {
  find("#live").hidden = false;
  find("#live").className = `live ${state}`;
  find("#live-text").textContent = text;
  document.body.classList.toggle("stale", state === "broken");
}

/** The states of downtimes, as they are told once nobody knows whether they still hold. */
const pastTense = { now: "was active", upcoming: "was upcoming" };

const showLive = () => mark("heard", `Live · updated ${spell(good)}`);

function showLost() {
  mark("broken", `Connection lost. Showing data from ${spell(good)}. Reconnecting…`);
  find(".summary").textContent = `Last known at ${spell(good)}`;
  for (const state of document.querySelectorAll("#table .state")) state.textContent = pastTense[state.textContent] ?? state.textContent;
  for (const title of document.querySelectorAll(".bar title")) title.textContent = title.textContent.replace(/, (now|upcoming): /, (_, state) => `, ${pastTense[state]}: `);
}

function hear(message) {
  const age = message ? Date.now() - message.heardAt : silentMillis;
  if (age >= silentMillis) return lose();
  clearTimeout(watchdog);
  watchdog = setTimeout(lose, silentMillis - age);
  isHeard = true;
  const isRight = message.version === find("#renew").dataset.version && !document.body.classList.contains("stale");
  if (!isRight || Date.now() - renewedAt > renewMillis) return renew();
  good = { time: message.time, at: message.heardAt };
  showLive();
}

function lose() {
  clearTimeout(watchdog);
  isHeard = false;
  showLost();
}

function renew() {
  renewedAt = Date.now();
  htmx.trigger("#renew", "renew");
}

/** Whatever is swapped in is right for now; unless the stream is heard, for no longer. */
function swapped() {
  good = { time: find("#renew").dataset.now, at: Date.now() };
  if (isHeard) showLive();
  else if (document.body.classList.contains("stale")) showLost();
}

const isRenewal = ({ ctx }) => ctx?.sourceElement?.id === "renew";

document.addEventListener("htmx:error", ({ detail }) => isRenewal(detail) && showLost());
document.addEventListener("htmx:finally:request", ({ detail }) => {
  if (isRenewal(detail) && detail.ctx.response?.status >= 400) showLost();
});

// What is renewed leaves the reader where they were: the first row in sight stays in its place.

let before;

document.addEventListener("htmx:before:swap", ({ detail }) => {
  if (!isRenewal(detail)) return;
  const rows = [...document.querySelectorAll("#table tbody tr")];
  const inSight = rows.find((row) => row.getBoundingClientRect().top >= 0);
  before = {
    ids: new Set(rows.map(({ id }) => id)),
    anchor: scrollY > 0 ? inSight?.id : undefined,
    top: inSight?.getBoundingClientRect().top,
  };
});

document.addEventListener("htmx:after:swap", ({ detail }) => {
  swapped();
  if (!isRenewal(detail) || !before) return;
  for (const row of document.querySelectorAll("#table tbody tr")) row.classList.toggle("fresh", !before.ids.has(row.id));
  const anchor = before.anchor && document.getElementById(before.anchor);
  if (anchor) scrollBy({ top: anchor.getBoundingClientRect().top - before.top, behavior: "instant" });
  before = undefined;
});

/** A stream of this window's own. */
function followAlone() {
  let stream;
  return {
    join() {
      stream?.close();
      stream = followStream(hear);
    },
    leave: () => stream?.close(),
  };
}

/** The stream that all windows share. */
function followTogether() {
  const worker = new SharedWorker(document.body.dataset.live);
  worker.port.onmessage = ({ data }) => hear(data);
  return { worker, join: () => worker.port.postMessage("join"), leave: () => worker.port.postMessage("leave") };
}

let stream = "SharedWorker" in globalThis ? followTogether() : followAlone();
if (stream.worker)
  stream.worker.onerror = () => {
    stream = followAlone();
    join();
  };

function join() {
  if (document.hidden) return;
  if (Date.now() - good.at >= silentMillis) showLost();
  clearTimeout(watchdog);
  watchdog = setTimeout(lose, silentMillis);
  stream.join();
}

function leave() {
  clearTimeout(watchdog);
  isHeard = false;
  stream.leave();
}

mark("connecting", "Connecting…");
join();
addEventListener("pageshow", ({ persisted }) => persisted && join());
addEventListener("pagehide", leave);
addEventListener("online", join);
// A window that nobody sees needs no news, and gives a connection of its own back.
document.addEventListener("visibilitychange", () => (document.hidden ? leave() : join()));
