/* What the form of a downtime does beyond its HTML: a calendar beside each instant. Nothing here is needed to use it. */

function addPicker(input) {
  if (input.nextElementSibling) return;
  const label = document.querySelector(`label[for="${input.id}"]`).textContent.split(",")[0];
  const picker = document.createElement("input");
  picker.type = "datetime-local";
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
    picker.value = found ? `${found[1]}T${found[2]}` : "";
    picker.showPicker();
  });
  picker.addEventListener("input", (event) => {
    event.stopPropagation();
    if (!picker.value) return;
    input.value = `${picker.value.replace("T", " ")}Z`;
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
