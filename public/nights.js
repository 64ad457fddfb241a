// Optional enhancements of granted nights: whole nights, dragging, ranges, arrow keys, the sum, and files to import.

const boxIn = (target) => target.closest?.(".months input");
const cellOf = (target) => target.closest?.(".months td");
const boxesIn = (element) => [...element.querySelectorAll("input[data-hours]:enabled")];
const allBoxes = () => boxesIn(document.getElementById("form"));

/** The two boxes and all between them, in order of time. */
function between(from, to) {
  const boxes = allBoxes();
  const [first, last] = [boxes.indexOf(from), boxes.indexOf(to)].sort((a, b) => a - b);
  return boxes.slice(Math.max(0, first), last + 1);
}

function tick(boxes, checked) {
  for (const box of boxes) box.checked = checked;
  // The preview, the sum and the page's guard of unsaved input follow.
  boxes[0]?.dispatchEvent(new Event("input", { bubbles: true }));
}

// A press on a box or a date, and the boxes to which it is dragged, all get the same state. Touch scrolls instead.

let last;
let drag;
const targetsOf = (target, isWhole) => (isWhole ? boxesIn(cellOf(target) ?? document.createElement("td")) : [boxIn(target)].filter(Boolean));

document.addEventListener("pointerdown", (event) => {
  const isWhole = !boxIn(event.target);
  const boxes = cellOf(event.target) && event.button === 0 && event.pointerType !== "touch" ? targetsOf(event.target, isWhole) : [];
  drag = boxes.length > 0 ? { boxes, isWhole, checked: !boxes.every((box) => box.checked), moved: false } : undefined;
});
document.addEventListener("pointerover", (event) => {
  if (!drag || event.buttons !== 1) return;
  const boxes = targetsOf(event.target, drag.isWhole);
  if (!drag.moved && boxes.every((box) => drag.boxes.includes(box))) return;
  tick(drag.moved ? boxes : [...drag.boxes, ...boxes], drag.checked);
  drag.moved = true;
});
document.addEventListener("click", (event) => {
  const moved = drag?.moved;
  drag = undefined;
  const box = boxIn(event.target);
  const boxes = cellOf(event.target) && !box ? targetsOf(event.target, true) : [];
  // Where a drag ends, nothing is clicked.
  if (moved) return (box || boxes.length > 0) && event.preventDefault();
  const isChecked = box ? box.checked : !boxes.every(({ checked }) => checked);
  const [first] = box ? [box] : boxes;
  if (!first) return;
  if (event.shiftKey && last?.isConnected) tick([...between(last, first), ...boxes], isChecked);
  else if (!box) tick(boxes, isChecked);
  last = first;
});

// Arrow keys move from night to night; with Shift, the boxes up to there get the same state.

const other = { first_half: "second_half", second_half: "first_half" };
const steps = {
  ArrowLeft: (half) => [-1, half],
  ArrowRight: (half) => [1, half],
  ArrowUp: (half) => [half === "first_half" ? -7 : 0, other[half]],
  ArrowDown: (half) => [half === "second_half" ? 7 : 0, other[half]],
};
document.addEventListener("keydown", (event) => {
  const box = boxIn(event.target);
  // Enter would send the form.
  if (box && event.key === "Enter") event.preventDefault();
  const step = box && steps[event.key];
  if (!step || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  let next = box;
  do {
    const [day, half] = next.value.split(",");
    const [days, name] = step(half);
    const date = new Date(Date.parse(day) + days * 86_400_000).toISOString().slice(0, 10);
    next = document.querySelector(`.months input[value="${date},${name}"]`);
  } while (next?.disabled);
  if (!next) return;
  if (event.shiftKey) tick(between(box, next), box.checked);
  next.focus();
});

// The box that has the focus is the only one that Tab stops at.
document.addEventListener("focusin", (event) => {
  const box = boxIn(event.target);
  if (!box) return;
  for (const one of allBoxes()) one.tabIndex = one === box ? 0 : -1;
  last ??= box;
});

function showSum() {
  const ticked = allBoxes().filter(({ checked }) => checked);
  const hours = ticked.reduce((sum, box) => sum + Number(box.dataset.hours), 0);
  const sum = document.querySelector("[data-sum=nights]");
  sum.textContent = `${(ticked.length / 2).toLocaleString("en")} night${ticked.length === 2 ? "" : "s"}, ${hours.toFixed(1)} h`;
}

document.addEventListener("input", ({ target }) => {
  if (boxIn(target)) showSum();
});

// The browser keeps ticks when the page is loaded again.
if (document.querySelector("[data-sum]")) showSum();

document.addEventListener("change", async ({ target }) => {
  if (target.id !== "file" || !target.files[0]) return;
  const { csv, do: buttons } = target.form.elements;
  csv.value = await target.files[0].text();
  target.form.requestSubmit([...buttons].find(({ value }) => value === "import"));
});
