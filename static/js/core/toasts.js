// Messages about work that has ended. While the page is out of sight its title says so too.
const toasts = document.querySelector("#toasts");
const title = document.title;

function tell(added) {
  const text = added.querySelector("a")?.textContent.trim();
  const state = added.querySelector(".badge")?.textContent.trim();
  if (text && document.hidden) document.title = `${text}: ${state} · ${title}`;
}

if (toasts) {
  new MutationObserver((changes) => {
    for (const { addedNodes } of changes) for (const node of addedNodes) if (node.matches?.(".toast")) tell(node);
  }).observe(toasts, { childList: true });
  toasts.addEventListener("click", ({ target }) => target.closest("button")?.closest(".toast").remove());
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) document.title = title;
  });
}
