// Counts the chosen micrographs of a new quiz, and asks what so many can show.
const output = document.querySelector("#chosen-count");
const powerInput = document.querySelector("#power-questions");
const boxes = [...document.querySelectorAll("input[name=micrographs]")];

function count() {
  const chosen = boxes.filter((box) => box.checked).length;
  output.textContent = interpolate(gettext("%(count)s chosen"), { count: chosen }, true);
  powerInput.value = chosen;
  powerInput.dispatchEvent(new Event("change", { bubbles: true }));
}
for (const box of boxes) box.addEventListener("change", count);
