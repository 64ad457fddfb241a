// Live updates. The stream sends the version of the newest change; a page that shows an older one fetches its content again.
// It also does so every minute, since downtimes start and end by themselves. While the page can't be updated, it is marked
// as stale, and states are shown in the past tense.

const renewMillis = 60_000;
/** Whether the page updates itself. A form doesn't, so that no input is lost; it shows only whether the server can be reached. */
const isRenewing = find("#renew").hasAttribute("hx-get");
let renewedAt = Date.now();
/** When the page was last known to be current: by the server's clock, and by this one. */
let good = { time: find("#renew").dataset.now, at: Date.now() };
/** Whether the stream is connected and has sent something recently. */
let isConnected = false;
let watchdog;

/** Formats a time, with its date if it is more than 12 hours ago. */
const format = ({ time, at }) =>
  Date.now() - at < 12 * 3_600_000 ? `${time.slice(11, 16)}Z` : `${time.slice(0, 10)} ${time.slice(11, 16)}Z`;

/** @param state "connecting", "heard" or "broken" */
function showState(state, text) {
  find("#live").hidden = false;
  find("#live").className = `live ${state}`;
  find("#live-text").textContent = text;
  document.body.classList.toggle("stale", state === "broken");
  showAge();
}

/** Shows a banner with the page's age once it is stale for more than a minute. */
function showAge() {
  const minutes = Math.floor((Date.now() - good.at) / 60_000);
  const age = minutes < 120 ? `${minutes} min` : `${Math.floor(minutes / 60)} h`;
  const isOld = document.body.classList.contains("stale") && minutes > 0;
  const text = isOld ? `This page is ${age} old. States and times may have changed since ${format(good)}.` : "";
  find("#age").hidden = !isOld;
  if (find("#age").textContent !== text) find("#age").textContent = text;
}
setInterval(showAge, 5000);

const showLive = () => showState("heard", isRenewing ? `Live · updated ${format(good)}` : "Connected");

function showLost() {
  showState("broken", `Connection lost. Showing data from ${format(good)}. Reconnecting…`);
  if (!isRenewing) return;
  find(".summary").textContent = `Last known at ${format(good)}`;
  document.title = document.title.replace(/^(\(\d+\) )?/, "").replace(/^(?!Not live)/, "Not live · ");
  for (const state of document.querySelectorAll("#schedule .state"))
    state.textContent = state.textContent.replace(/^(Active|Upcoming|Down|Partly down|Available)$/, (name) => `Was ${name.toLowerCase()}`);
  for (const title of document.querySelectorAll(".bar title")) title.textContent = title.textContent.replace(/, (active|upcoming): /, ", was $1: ");
}

/** Handles a message of the stream; undefined if the connection was lost. */
function receive(message) {
  const age = message ? Date.now() - message.heardAt : silentMillis;
  if (age >= silentMillis) return lose();
  clearTimeout(watchdog);
  watchdog = setTimeout(lose, silentMillis - age);
  isConnected = true;
  if (!isRenewing) return showLive();
  const isCurrent = message.version === find("#renew").dataset.version && !document.body.classList.contains("stale");
  if (!isCurrent || Date.now() - renewedAt > renewMillis) return renew();
  good = { time: message.time, at: message.heardAt };
  showLive();
}

function lose() {
  clearTimeout(watchdog);
  isConnected = false;
  showLost();
}

function renew() {
  renewedAt = Date.now();
  htmx.trigger("#renew", "renew");
}

/** Marks new content as current, but only while the stream is connected. */
function swapped() {
  good = { time: find("#renew").dataset.now, at: Date.now() };
  if (isConnected) showLive();
  else if (document.body.classList.contains("stale")) showLost();
}

const isRenewal = ({ ctx }) => ctx?.sourceElement?.id === "renew";

document.addEventListener("htmx:error", ({ detail }) => isRenewal(detail) && showLost());
document.addEventListener("htmx:finally:request", ({ detail }) => {
  if (isRenewal(detail) && detail.ctx.response?.status >= 400) showLost();
});

// A page on a wall keeps its screen on, where the browser allows it: only with HTTPS, and only while the page is visible.
const keepAwake = () => document.body.matches(".kiosk") && !document.hidden && navigator.wakeLock?.request("screen").catch(() => {});
keepAwake();

/** The root font size in pixels at which pictures have the size in their markup. */
const plainSize = 16;

/** On a wall, uses the largest type with which everything fits on the screen; with too many telescopes, the smallest one. */
function fitType() {
  if (!document.body.matches(".kiosk")) return;
  const root = document.documentElement;
  const fits = (size) => {
    root.style.fontSize = `${size}px`;
    root.style.setProperty("--zoom", size / plainSize);
    return root.scrollHeight <= innerHeight && root.scrollWidth <= innerWidth;
  };
  // Tiles wrap; the timeline is 53 rem wide at least.
  const largest = Math.max(plainSize, innerWidth / (document.querySelector(".timeline") ? 54 : 30));
  for (let size = largest; size > Math.max(12, innerWidth / 160) && !fits(size); ) size *= 0.97;
}
fitType();
addEventListener("resize", fitType);

// Keeps the scroll position relative to the first visible row when an update adds or removes rows above it.

let before;

document.addEventListener("htmx:before:swap", ({ detail }) => {
  if (!isRenewal(detail)) return;
  const rows = [...document.querySelectorAll("#table tbody tr")];
  const firstVisible = rows.find((row) => row.getBoundingClientRect().top >= 0);
  before = {
    ids: new Set(rows.map(({ id }) => id)),
    anchor: scrollY > 0 ? firstVisible?.id : undefined,
    top: firstVisible?.getBoundingClientRect().top,
  };
});

document.addEventListener("htmx:after:swap", ({ detail }) => {
  swapped();
  fitType();
  if (!isRenewal(detail) || !before) return;
  for (const row of document.querySelectorAll("#table tbody tr")) row.classList.toggle("fresh", !before.ids.has(row.id));
  const anchor = before.anchor && document.getElementById(before.anchor);
  if (anchor) scrollBy({ top: anchor.getBoundingClientRect().top - before.top, behavior: "instant" });
  before = undefined;
});

/** A stream for this window only. */
function followAlone() {
  let stream;
  return {
    join() {
      stream?.close();
      stream = followStream(receive);
    },
    leave: () => stream?.close(),
  };
}

/** A stream shared by all windows. */
function followTogether() {
  const worker = new SharedWorker(document.body.dataset.live);
  worker.port.onmessage = ({ data }) => receive(data);
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
  if (isRenewing && Date.now() - good.at >= silentMillis) showLost();
  clearTimeout(watchdog);
  watchdog = setTimeout(lose, silentMillis);
  stream.join();
}

function leave() {
  clearTimeout(watchdog);
  isConnected = false;
  stream.leave();
}

showState("connecting", "Connecting…");
join();
addEventListener("pageshow", ({ persisted }) => persisted && join());
addEventListener("pagehide", leave);
addEventListener("online", join);
// Hidden windows disconnect, since browsers limit the connections to a server.
document.addEventListener("visibilitychange", () => {
  if (document.hidden) return leave();
  join();
  keepAwake();
});
