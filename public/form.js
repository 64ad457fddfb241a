// Optional enhancements of forms: calendar buttons, and errors that disappear once they are corrected.

function addPicker(input) {
  if (input.nextElementSibling) return;
  const label = document.querySelector(`label[for="${input.id}"]`).textContent.split(",")[0];
  const picker = document.createElement("input");
  const kind = input.dataset.picks;
  picker.type = kind === "date" ? "date" : "datetime-local";
  picker.className = "picker";
  picker.tabIndex = -1;
  picker.setAttribute("aria-hidden", "true");
  const button = document.createElement("button");
  button.type = "button";
  button.className = "quiet pick";
  button.setAttribute("aria-label", `${label}: open calendar`);
  button.textContent = "▦";
  button.addEventListener("click", () => {
    const found = /(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d)/.exec(input.value);
    const date = /\d{4}-\d\d-\d\d/.exec(input.value)?.[0] ?? "";
    picker.value = kind === "date" ? date : found ? `${found[1]}T${found[2]}` : "";
    picker.showPicker();
  });
  picker.addEventListener("input", (event) => {
    event.stopPropagation();
    if (!picker.value) return;
    const isLocal = document.getElementById("zone")?.value;
    input.value = picker.value.replace("T", " ") + (kind === "instant" && !isLocal ? "Z" : "");
    input.dispatchEvent(new Event("input", { bubbles: true }));
  });
  input.after(button, picker);
}

const addPickers = () => {
  for (const input of document.querySelectorAll("input[data-picks]")) addPicker(input);
};

// A preview contains the current errors. Updates those that are shown, and removes those that are corrected; it adds none.
function updateErrors() {
  const preview = document.querySelector(".preview[data-errors]");
  if (!preview) return;
  const errors = JSON.parse(preview.dataset.errors);
  const isCorrected = (name) => (name === "form" ? Object.keys(errors).length === 0 : !(name in errors));
  for (const shown of document.querySelectorAll('#form .error[id$="-error"]')) {
    const name = shown.id.slice(0, -"-error".length);
    if (isCorrected(name)) removeError(shown);
    else if (name !== "form" && shown.textContent.trim() !== errors[name].trim()) shown.textContent = errors[name];
  }
}

function removeError(shown) {
  for (const input of document.querySelectorAll(`#form [aria-describedby~="${shown.id}"]`)) {
    const others = input.getAttribute("aria-describedby").split(" ");
    input.setAttribute("aria-describedby", others.filter((id) => id !== shown.id).join(" "));
    input.removeAttribute("aria-invalid");
  }
  shown.remove();
}

const enhance = () => {
  addPickers();
  updateErrors();
};

enhance();
// Again whenever htmx replaces the form or its preview.
new MutationObserver(enhance).observe(document.getElementById("main"), {
  childList: true,
  subtree: true,
  attributeFilter: ["data-errors"],
});

// Enter previews what repeats, by the preview's own request: the answer to the form's would replace what is typed meanwhile.
document.addEventListener("keydown", (event) => {
  const repeat = document.querySelector("#form #repeat");
  const isText = event.target.matches?.("#form input:not([type=checkbox], [type=radio])");
  if (event.key !== "Enter" || !isText || !repeat || repeat.value === "none") return;
  event.preventDefault();
  event.target.dispatchEvent(new Event("input", { bubbles: true }));
});

// A draft: what is typed into a form stays in this browser until it is saved or discarded.

const unkept = ["csrf", "once", "wrong", "do", "another"];
const isDraftForm = (form) => form?.matches("form[data-draft]");
// The draft of an edit belongs to what is edited: the version from which it began is one of its fields.
const editedIn = (form) => form.elements.version && ` ${form.elements.shown?.value ?? ""}`;
const draftKey = (form) => `draft ${form.dataset.draft} ${location.pathname}${editedIn(form) ?? location.search}`;

// The browser may forbid storage, or have none left: then there is no draft.
function storage(act) {
  try {
    return act(localStorage);
  } catch {
    return undefined;
  }
}

function showDraft(form, text) {
  let note = document.getElementById("draft");
  if (!note) {
    note = document.createElement("p");
    note.id = "draft";
    note.className = "message";
    note.setAttribute("role", "status");
    const discard = document.createElement("button");
    discard.type = "button";
    discard.className = "quiet";
    discard.textContent = "Discard draft";
    discard.addEventListener("click", () => {
      isSaved = true;
      dropDraft(document.getElementById("form"));
      document.dispatchEvent(new Event("draft:discarded"));
      location.reload();
    });
    note.append(document.createElement("span"), " ", discard);
    form.after(note);
  }
  note.firstChild.textContent = text;
}

const dropDraft = (form) => storage((drafts) => drafts.removeItem(draftKey(form)));

let isSaved = false;

function keepDraft(form) {
  if (!isDraftForm(form) || isSaved) return;
  const fields = [...new FormData(form)].filter(([name]) => !unkept.includes(name));
  const isKept = storage((drafts) => drafts.setItem(draftKey(form), new URLSearchParams(fields)) ?? true);
  if (isKept && !document.getElementById("draft")) showDraft(form, "A draft is kept in this browser until you save it.");
}

document.addEventListener("input", ({ target }) => keepDraft(target.form));
document.addEventListener("htmx:after:swap", () => {
  // After a button, such as one that adds a location.
  const form = document.getElementById("form");
  if (form?.dataset.unsaved === "true") keepDraft(form);
});

document.addEventListener("htmx:after:request", ({ detail: { ctx } }) => {
  if (!isDraftForm(ctx.sourceElement) || !ctx.hx?.redirect) return;
  isSaved = true;
  dropDraft(ctx.sourceElement);
});

// The server renders the draft, since it may have more locations than an empty form.
async function restoreDraft() {
  const form = document.getElementById("form");
  const draft = isDraftForm(form) && form.dataset.unsaved !== "true" && storage((drafts) => drafts.getItem(draftKey(form)));
  if (!draft) return;
  const body = new URLSearchParams(draft);
  // Someone saved another version meanwhile.
  if (body.has("version") && body.get("version") !== form.elements.version.value) return dropDraft(form);
  body.set("do", "preview");
  body.set("csrf", form.elements.csrf.value);
  const answer = await fetch(form.action, { method: "POST", body, headers: { "HX-Request": "true" } });
  if (!answer.ok) return;
  form.outerHTML = await answer.text();
  const restored = document.getElementById("form");
  htmx.process(restored);
  restored.elements.reason.dispatchEvent(new Event("input", { bubbles: true }));
  showDraft(restored, "Your draft is restored. It is kept in this browser until you save it.");
}
restoreDraft();
