// What pages do beyond their HTML: keys, and texts of bars.
// Nothing here is needed to use a page, and nothing here asks another server.

const find = (selector) => document.querySelector(selector);

// Keys. What has the focus takes its own: nothing is taken from somebody who types.

const rows = () => [...document.querySelectorAll("#table tbody a")];

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
  if (!field) return location.assign("/");
  // On a phone it lies folded up.
  if (!field.checkVisibility()) find("#narrow").open = true;
  field.focus();
}

const keys = {
  "/": search,
  n: () => find("#keys").hasAttribute("data-may-create") && location.assign("/admin/downtimes/new"),
  j: () => step(1),
  k: () => step(-1),
  "?": () => find("#keys").showModal(),
};

const types = (element) =>
  element.matches("textarea, select, input:not([type=checkbox], [type=radio])") || element.isContentEditable;

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || find("dialog[open]")) return;
  if (event.key === "Escape") return close();
  const act = keys[event.key];
  if (!act || types(event.target)) return;
  event.preventDefault();
  act();
});

// A form that is on its way can't be sent again. The server would do it once all the same.

const patienceMillis = 15_000;

function release(form) {
  for (const button of form.elements) if (button.dataset.sending) button.disabled = false;
}

document.addEventListener("submit", ({ target: form }) => {
  if (form.method !== "post") return;
  // Only after the browser has taken the value of the button that was pressed.
  setTimeout(() => {
    for (const button of form.elements)
      if (button.type === "submit" && !button.disabled) {
        button.dataset.sending = "yes";
        button.disabled = true;
      }
  });
  setTimeout(release, patienceMillis, form);
});

// The browser's "back" shows the page as it was left.
addEventListener("pageshow", () => {
  for (const form of document.forms) release(form);
});

document.addEventListener("htmx:finally:request", ({ detail: { ctx } }) => {
  if (ctx.sourceElement.matches("form[method=post]")) release(ctx.sourceElement);
});

// A form that was typed into isn't left without a question, until what was typed is sent.

let isUnsaved = find("form[data-unsaved]") !== null;
const isGuarded = (form) => form?.matches("form[method=post]") && form.id !== "row" && !form.closest("nav");

document.addEventListener("input", ({ target }) => {
  if (isGuarded(target.form) && !target.form.querySelector("[type=password]")) isUnsaved = true;
});
document.addEventListener("submit", ({ target }) => {
  // What htmx sends comes back where it isn't saved.
  if (!target.hasAttribute("hx-post")) isUnsaved = false;
});
document.addEventListener("htmx:after:request", ({ detail: { ctx } }) => {
  if (ctx.hx?.redirect) isUnsaved = false;
});
addEventListener("beforeunload", (event) => {
  if (isUnsaved) event.preventDefault();
});

// A choice that is open closes when somebody goes on elsewhere.
document.addEventListener("click", (event) => {
  for (const open of document.querySelectorAll(".choice[open]")) if (!open.contains(event.target)) open.open = false;
});

// The text of a bar stands under the picture, for the pointer and for the keyboard alike.

function tell(event) {
  const text = event.target.closest?.(".bar")?.querySelector("title").textContent;
  if (text) find("#bar-text").textContent = text;
}
document.addEventListener("mouseover", tell);
document.addEventListener("focusin", tell);

// A question that was not answered leaves the page as it is, and says so.

document.addEventListener("htmx:finally:request", ({ detail: { ctx } }) => {
  const isRefused = ctx.response?.status >= 400 && ctx.swap === "none" && !ctx.text.startsWith("<form");
  const answer = isRefused && new DOMParser().parseFromString(ctx.text, "text/html").querySelector("main .message");
  find("#trouble").hidden = !isRefused;
  find("#trouble").textContent = answer?.textContent ?? (isRefused ? `Something went wrong (error ${ctx.response.status}). Try again.` : "");
});

document.addEventListener("htmx:error", () => {
  find("#trouble").hidden = false;
  find("#trouble").textContent = "Can't reach the server. This page may be out of date.";
});
