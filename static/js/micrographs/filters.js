// On a narrow screen the filters of a list are closed, so that the list is seen.
const filters = document.querySelector("[data-narrow-closed]");
if (filters && matchMedia("(max-width: 56rem)").matches) filters.open = false;
