/* What forms do beyond their HTML: a calendar beside each instant and each date. Nothing here is needed to use it. */

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
  button.setAttribute("aria-label", `${label}: pick from a calendar`);
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
    input.value = picker.value.replace("T", " ") + (kind === "instant" ? "Z" : "");
    input.dispatchEvent(new Event("input", { bubbles: true }));
  });
  input.after(button, picker);
}

const addPickers = () => {
  for (const input of document.querySelectorAll("input[data-picks]")) addPicker(input);
};

addPickers();
// A form that comes back with its errors is another form.
new MutationObserver(addPickers).observe(document.getElementById("main"), { childList: true, subtree: true });
