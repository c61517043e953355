// Copies a field: <button data-copy="#the-field" data-copied="Copied">.
for (const button of document.querySelectorAll("[data-copy]")) {
  button.addEventListener("click", async () => {
    const field = document.querySelector(button.dataset.copy);
    try {
      await navigator.clipboard.writeText(field.value);
    } catch {
      field.select(); // Without TLS browsers give no clipboard: the text is selected, ready for Ctrl+C.
      return;
    }
    const text = button.textContent;
    button.textContent = button.dataset.copied;
    setTimeout(() => {
      button.textContent = text;
    }, 2000);
  });
}
