// Optional enhancements of all pages: keyboard shortcuts, protection of unsaved input, timeline tooltips.

const find = (selector) => document.querySelector(selector);
const { base } = document.documentElement.dataset;

// Keyboard shortcuts. They don't apply while the user is typing.

const rows = () => [...document.querySelectorAll("#table tbody .time a")];

function step(by) {
  const links = rows();
  const at = links.indexOf(document.activeElement);
  links[Math.min(links.length - 1, Math.max(0, at < 0 ? 0 : at + by))]?.focus();
}

function close() {
  const open = find(".choice[open]") ?? find("details[open]");
  if (!open) return document.activeElement?.blur();
  open.open = false;
  open.querySelector("summary").focus();
}

function search() {
  const field = find("#reason");
  if (!field) return location.assign(base);
  // On a phone the filters are collapsed.
  if (!field.checkVisibility()) find("#filter-fields").open = true;
  field.focus();
}

const visit = (path) => find("#keys").hasAttribute("data-may-create") && location.assign(base + path);

const keys = {
  "/": search,
  n: () => visit("admin/downtimes/new"),
  c: () => visit("admin/now#sites"),
  j: () => step(1),
  k: () => step(-1),
  "?": () => find("#keys").showModal(),
};

const isTextInput = (element) =>
  element.matches("textarea, select, input:not([type=checkbox], [type=radio])") || element.isContentEditable;

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || find("dialog[open]")) return;
  if (event.key === "Escape") return close();
  const act = keys[event.key];
  if (!act || isTextInput(event.target)) return;
  event.preventDefault();
  act();
});

// Disables a form's buttons while it is being sent. The server ignores a second submission anyway.

const submitTimeoutMillis = 15_000;

function release(form) {
  for (const button of form.elements) if (button.dataset.sending) button.disabled = false;
}

document.addEventListener("submit", ({ target: form }) => {
  if (form.method !== "post") return;
  // Later, since browsers don't send the value of a disabled button.
  setTimeout(() => {
    for (const button of form.elements)
      if (button.type === "submit" && !button.disabled) {
        button.dataset.sending = "yes";
        button.disabled = true;
      }
  });
  setTimeout(release, submitTimeoutMillis, form);
});

// The browser's Back button restores the page with its buttons still disabled.
addEventListener("pageshow", () => {
  for (const form of document.forms) release(form);
});

document.addEventListener("htmx:finally:request", ({ detail: { ctx } }) => {
  if (ctx.sourceElement.matches("form[method=post]")) release(ctx.sourceElement);
});

// Asks before the user leaves a page with unsaved input.

let isUnsaved = find("form[data-unsaved]") !== null;
const isGuarded = (form) => form?.matches("form[method=post]") && form.id !== "row" && !form.closest(".top");

document.addEventListener("input", ({ target }) => {
  if (isGuarded(target.form) && !target.form.querySelector("[type=password]")) isUnsaved = true;
});
document.addEventListener("submit", ({ target }) => {
  // htmx shows the form again if it wasn't saved.
  if (!target.hasAttribute("hx-post") && !target.closest(".top")) isUnsaved = false;
});
document.addEventListener("htmx:after:request", ({ detail: { ctx } }) => {
  if (ctx.hx?.redirect) isUnsaved = false;
});
document.addEventListener("draft:discarded", () => {
  isUnsaved = false;
});
addEventListener("beforeunload", (event) => {
  if (isUnsaved) event.preventDefault();
});

// Screen readers announce only what is added after the page was loaded.
const toast = find(".toast");
if (toast) setTimeout(() => toast.append(...toast.childNodes), 200);

// Closes open menus on a click outside.
document.addEventListener("click", (event) => {
  for (const open of document.querySelectorAll(".choice[open], .menu[open]")) if (!open.contains(event.target)) open.open = false;
});

// Shows a bar's text below the timeline, on hover and on keyboard focus.

function showBarText(event) {
  const text = event.target.closest?.(".bar")?.querySelector("title").textContent;
  if (text) find("#bar-text").textContent = text;
}
document.addEventListener("mouseover", showBarText);
document.addEventListener("focusin", showBarText);

// Shows an error above an unchanged page when an htmx request fails.

document.addEventListener("htmx:finally:request", ({ detail: { ctx } }) => {
  const hasFailed = ctx.response?.status >= 400 && ctx.swap === "none" && !ctx.text.startsWith("<form");
  const message = hasFailed && new DOMParser().parseFromString(ctx.text, "text/html").querySelector("main .message");
  find("#trouble").hidden = !hasFailed;
  find("#trouble").textContent = message?.textContent ?? (hasFailed ? `Something went wrong (error ${ctx.response.status}). Try again.` : "");
});

document.addEventListener("htmx:error", () => {
  find("#trouble").hidden = false;
  find("#trouble").textContent = "Can't reach the server. This page may be out of date.";
});

// Marks the page as busy, with a line at the top, once a request has taken 300 ms.

const busyMillis = 300;
const timers = new Map();
const slow = new Set();
const showBusy = () => (find("#main").ariaBusy = slow.size > 0 ? "true" : null);

document.addEventListener("htmx:before:request", ({ detail: { ctx } }) => {
  timers.set(
    ctx,
    setTimeout(() => {
      slow.add(ctx);
      showBusy();
    }, busyMillis),
  );
});
document.addEventListener("htmx:finally:request", ({ detail: { ctx } }) => {
  clearTimeout(timers.get(ctx));
  timers.delete(ctx);
  slow.delete(ctx);
  showBusy();
});

// "Mine" shows times of this browser's time zone, which the server gets to know by a cookie.

const mine = find("button[name=times][value=mine]");
const ownZone = Intl.DateTimeFormat().resolvedOptions().timeZone;
if (mine && ownZone) {
  document.cookie = `zone=${ownZone}; Path=${base}; Max-Age=31536000; SameSite=Lax`;
  mine.hidden = false;
  mine.title = ownZone;
}

// The page to share, with buttons that copy its address and print it.

const print = find("#print");
if (print) {
  print.hidden = false;
  print.addEventListener("click", () => window.print());
  find("#copy-share").hidden = !navigator.clipboard;
}

// A calendar's address stands selected in its field; where the browser allows it, a button copies it.

document.addEventListener(
  "toggle",
  ({ target }) => {
    if (!target.open || !target.matches(".calendar-menu")) return;
    target.querySelector("input").select();
    target.querySelector("button").hidden = !navigator.clipboard;
  },
  true,
);
document.addEventListener("click", async ({ target }) => {
  if (!target.matches?.("#copy-link, #copy-share")) return;
  const input = target.parentElement.querySelector("input");
  input.select();
  target.textContent = await navigator.clipboard.writeText(input.value).then(
    () => "Copied",
    () => "Press Ctrl+C",
  );
});
