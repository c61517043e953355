// Counts the chosen micrographs of a new quiz.
const output = document.querySelector("#chosen-count");
const boxes = [...document.querySelectorAll("input[name=micrographs]")];
const count = () => {
  output.textContent = `${boxes.filter((box) => box.checked).length} ${output.dataset.text}`;
};
for (const box of boxes) box.addEventListener("change", count);
if (output) count();
