// Swagger UI has its dark colours under html.dark-mode; the page has its theme as the scheme of its colours.
import { onThemeChange } from "./themed.js";

const root = document.documentElement;

function follow() {
  const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  root.classList.toggle("dark-mode", dark);
}

follow();
onThemeChange(follow);
