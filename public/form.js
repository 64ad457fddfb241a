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
