// The checkbox of a card, which lays the saliency map over its micrograph.
document.addEventListener("change", (event) => {
  if (!event.target.matches(".saliency-toggle")) return;
  const overlay = event.target.closest(".score-card").querySelector(".overlay");
  overlay.hidden = !event.target.checked;
});
