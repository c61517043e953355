// The saliency map over a micrograph: a checkbox on cards, a slider on the score's own page.
document.addEventListener("change", (event) => {
  if (!event.target.matches(".saliency-toggle")) return;
  const overlay = event.target.closest(".score-card").querySelector(".overlay");
  overlay.hidden = !event.target.checked;
});

document.addEventListener("input", (event) => {
  if (!event.target.matches(".saliency-opacity")) return;
  document.querySelector(".overlay-stack.large .overlay").style.opacity = event.target.value / 100;
});
