// The question page: keys, moving between questions without loading the page, saving every answer as it is given.
import { Outbox } from "./quiz_outbox.js";
import { attachScaleBar } from "./scalebar.js";

const find = (selector) => document.querySelector(selector);
const sheet = JSON.parse(find("#ballot-sheet").textContent);
const form = find("#answer-form");
const image = find("#question-image");
const figure = image.closest("figure");
const heading = find("#question-heading");
const mark = find("#save-mark");
const refusal = find("#refusal");
const buttons = [...form.querySelectorAll("button[name=choice]")];
const links = [...document.querySelectorAll(".strip a")];
const outbox = new Outbox(sheet.ballot, form.action, form.csrfmiddlewaretoken.value, onChange);
const updateScaleBar = attachScaleBar(figure);
const activeMs = {};
let current = sheet.questions.findIndex((question) => question.key === form.question.value);
let since = performance.now(); // monotonic: a clock that jumps does no harm

function onChange(key, state, detail) {
  const question = sheet.questions.find((one) => one.key === key);
  if (!question) return;
  question.mark = state === "refused" ? "" : mark.dataset[state];
  if (state === "saved") question.acknowledged = detail.saved;
  if (state === "refused") {
    question.choice = question.acknowledged ?? "";
    refusal.textContent = detail;
    refusal.hidden = false;
  }
  show();
}

function countTime(inView = document.visibilityState === "visible") {
  const now = performance.now();
  if (inView) {
    const key = sheet.questions[current].key;
    activeMs[key] = (activeMs[key] ?? 0) + now - since;
  }
  since = now;
}

function choose(button) {
  countTime();
  const question = sheet.questions[current];
  question.choice = button.value;
  refusal.hidden = true;
  outbox.put(question.key, button.value, activeMs[question.key]);
  show();
}

function goTo(index) {
  if (index < 0 || index >= sheet.questions.length) return;
  countTime();
  current = index;
  const question = sheet.questions[current];
  image.src = question.image;
  image.width = question.width;
  image.height = question.height;
  figure.dataset.width = question.width;
  figure.dataset.height = question.height;
  if (question.pixels_per_micrometre) figure.dataset.pixelsPerMicrometre = question.pixels_per_micrometre;
  else delete figure.dataset.pixelsPerMicrometre;
  updateScaleBar();
  form.question.value = question.key;
  history.replaceState(null, "", question.address);
  show();
  preload();
}

function goOn() {
  if (current < sheet.questions.length - 1) goTo(current + 1);
  else find("#finish").click();
}

function show() {
  const { questions } = sheet;
  const question = questions[current];
  const text = heading.dataset.text.replace("{number}", question.number).replace("{count}", questions.length);
  heading.textContent = text;
  document.title = [text, ...document.title.split(" · ").slice(1)].join(" · ");
  mark.textContent = question.mark ?? (question.choice ? mark.dataset.saved : "");
  for (const button of buttons) button.setAttribute("aria-pressed", button.value === question.choice);
  find("#ballot-progress").value = questions.filter((one) => one.choice).length;
  link("#previous", questions[current - 1]);
  link("#next", questions[current + 1]);
  find("#next").classList.toggle("primary", Boolean(question.choice && questions[current + 1]));
  find("#finish").classList.toggle("primary", questions.every((one) => one.choice));
  links.forEach((anchor, index) => {
    anchor.classList.toggle("answered", Boolean(questions[index].choice));
    anchor.querySelector(".answered-word").hidden = !questions[index].choice;
    if (index === current) anchor.setAttribute("aria-current", "step");
    else anchor.removeAttribute("aria-current");
  });
}

function link(selector, question) {
  const anchor = find(selector);
  if (question) anchor.href = question.address;
  else anchor.removeAttribute("href");
}

function preload() {
  const following = sheet.questions[current + 1];
  if (following) new Image().src = following.image;
}

function toggleExemplars() {
  const details = find("#exemplars");
  details.open = !details.open;
  if (details.open) details.scrollIntoView({ block: "nearest" });
}

function onKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches("input, textarea, select")) return;
  const button = buttons.find((one) => one.dataset.key === event.key.toLowerCase());
  if (button) choose(button);
  else if (event.key === "ArrowLeft") goTo(current - 1);
  else if (event.key === "ArrowRight") goTo(current + 1);
  else if (event.key === "Enter" && event.target === document.body) goOn();
  else if (event.key.toLowerCase() === "e") toggleExemplars();
  else return;
  event.preventDefault();
}

// What was chosen before the page was left, and never acknowledged, is still the reader's choice.
for (const [key, { choice }] of Object.entries(outbox.entries)) {
  const question = sheet.questions.find((one) => one.key === key);
  if (question) Object.assign(question, { acknowledged: question.choice, choice, mark: mark.dataset.kept });
}
for (const question of sheet.questions) question.acknowledged ??= question.choice;

form.addEventListener("submit", (event) => {
  event.preventDefault();
  if (event.submitter?.name === "choice") choose(event.submitter);
});
document.addEventListener("keydown", onKey);
// When the page has just been hidden, the time until now was still in view.
document.addEventListener("visibilitychange", () => countTime(document.visibilityState === "hidden"));
for (const [index, anchor] of links.entries()) {
  anchor.addEventListener("click", (event) => {
    event.preventDefault();
    goTo(index);
  });
}
for (const [selector, step] of [["#previous", -1], ["#next", 1]]) {
  find(selector).addEventListener("click", (event) => {
    event.preventDefault();
    goTo(current + step);
  });
}
find("#finish").addEventListener("click", async (event) => {
  if (outbox.isEmpty) return;
  event.preventDefault();
  const { href } = event.currentTarget;
  await outbox.flush();
  if (outbox.isEmpty) location.href = href;
});
show();
preload();
outbox.flush();
