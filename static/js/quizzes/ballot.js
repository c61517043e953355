// The question page: keys, and moving between questions without loading the page again.
import { countDown, Stopwatch } from "./clock.js";
import { Reveal } from "./reveal.js";
import { Sheet } from "./sheet.js";

const find = (selector) => document.querySelector(selector);
const data = JSON.parse(find("#ballot-sheet").textContent);
const form = find("#answer-form");
const sheet = new Sheet(data, form);
const { questions } = sheet;
const image = find("#question-image");
const figure = image.closest("figure");
const heading = find("#question-heading");
const mark = find("#save-mark");
const refusal = find("#refusal");
const timeLeft = find("#time-estimate");
const examples = find("#exemplars");
const buttons = [...form.querySelectorAll("button[name=choice]")];
const confidences = [...form.querySelectorAll("input[name=confidence]")];
const links = [...document.querySelectorAll(".strip a")];
const singleKeys = find("#single-keys");
const movesOn = find("#moves-on"); // not in teaching mode, where the truth follows
const PAUSE_MS = 350; // so that the choice is seen before the next question comes
const stopwatch = new Stopwatch();
const reveal = new Reveal(find("#revealed"));
const saveTexts = {
  saved: gettext("Saved"),
  sending: gettext("Sending…"),
  kept: gettext("Not sent yet: kept on this device, trying again"),
};
let current = questions.findIndex((question) => question.key === form.question.value);

function choose(choice, confidence) {
  const question = questions[current];
  refusal.hidden = true;
  figure.blur(); // so that the arrows go on again
  sheet.answer(question, choice, choice === "unsure" ? null : confidence, stopwatch.credit(question.key));
  const settled = choice === "unsure" || !confidences.length || question.confidence !== null;
  if (movesOn?.checked && settled) setTimeout(() => question === questions[current] && goOn(), PAUSE_MS);
}

function goTo(index) {
  if (index < 0 || index >= questions.length) return;
  stopwatch.credit(questions[current].key);
  current = index;
  const question = questions[current];
  Object.assign(figure.dataset, { width: question.width, height: question.height });
  if (question.pixels_per_micrometre) figure.dataset.pixelsPerMicrometre = question.pixels_per_micrometre;
  else delete figure.dataset.pixelsPerMicrometre;
  Object.assign(image, { src: question.image, width: question.width, height: question.height });
  find("[data-zoom=fit]").click();
  form.question.value = question.key;
  history.replaceState(null, "", question.address);
  if (figure.getBoundingClientRect().top < 0) heading.scrollIntoView(); // on a phone the buttons are below the image
  show();
  preload();
}

function goOn() {
  if (current < questions.length - 1) goTo(current + 1);
  else find("#finish").click();
}

function show() {
  const question = questions[current];
  const text = interpolate(
    gettext("Question %(number)s of %(count)s"),
    { number: question.number, count: questions.length },
    true,
  );
  heading.textContent = text;
  document.title = [text, ...document.title.split(" · ").slice(1)].join(" · ");
  // An answer that waits for the network shows on every question, not only on its own.
  const state = question.state !== "sending" && questions.some((one) => one.state === "kept") ? "kept" : question.state;
  mark.textContent = saveTexts[state] ?? "";
  const minutes = Math.ceil(stopwatch.estimate(questions.length - sheet.answered, data.usualSeconds * 1000) / 60_000);
  const timeText = interpolate(gettext("about %(minutes)s min to go"), { minutes }, true);
  timeLeft.textContent = sheet.answered < questions.length ? timeText : "";
  const final = reveal.isOn && Boolean(question.acknowledged.choice);
  for (const button of buttons) {
    button.setAttribute("aria-pressed", button.value === question.choice);
    button.disabled = final;
  }
  for (const input of confidences) {
    input.checked = Number(input.value) === question.confidence;
    input.disabled = final || !question.choice || question.choice === "unsure";
  }
  find("#ballot-progress").value = sheet.answered;
  showLinks(question);
  reveal.show(question);
}

function showLinks(question) {
  link("#previous", questions[current - 1]);
  link("#next", questions[current + 1]);
  find("#next").classList.toggle("primary", Boolean(question.choice && questions[current + 1]));
  find("#finish").classList.toggle(
    "primary",
    questions.every((one) => one.choice),
  );
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
  for (const [name, value] of [
    ["role", "link"],
    ["aria-disabled", "true"],
  ]) {
    if (question) anchor.removeAttribute(name);
    else anchor.setAttribute(name, value);
  }
}

function preload() {
  const following = questions[current + 1];
  if (following) new Image().src = following.image;
}

function toggleExamples() {
  if (examples.open) examples.close();
  else examples.showModal();
}

// Runs before the image's own keys, where 0 fits the image: here 0 means none of these. Arrows move a focused image.
function onKey(event) {
  const typing = event.target.matches("input:not([type=radio]), textarea, select");
  if (event.ctrlKey || event.metaKey || event.altKey || typing || !singleKeys.checked) return;
  const key = event.key.toLowerCase();
  const free = event.target !== figure && !event.target.matches("input");
  const button = buttons.find((one) => one.dataset.key === key && !one.disabled);
  const sure = event.shiftKey && confidences.find((one, index) => event.code === `Digit${index + 1}` && !one.disabled);
  if (key === "e") toggleExamples();
  else if (examples.open) return;
  else if (sure) choose(questions[current].choice, Number(sure.value));
  else if (button && !event.shiftKey) choose(button.value, questions[current].confidence);
  else if (key === "arrowleft" && free) goTo(current - 1);
  else if (key === "arrowright" && free) goTo(current + 1);
  else if (key === "enter" && [document.body, figure].includes(event.target)) goOn();
  else return;
  event.preventDefault();
  event.stopPropagation();
}

async function leaveFor(href) {
  await sheet.outbox.flush();
  if (sheet.outbox.isEmpty) location.href = href;
}

addEventListener("online", () => {
  if (!image.naturalWidth) image.src = questions[current].image;
});
sheet.addEventListener("change", show);
sheet.addEventListener("refusal", ({ detail }) => {
  refusal.textContent = interpolate(gettext("Question %(number)s: %(message)s"), detail, true);
  refusal.hidden = false;
});
form.addEventListener("submit", (event) => {
  event.preventDefault();
  if (event.submitter?.name === "choice") choose(event.submitter.value, questions[current].confidence);
});
for (const input of confidences)
  input.addEventListener("change", () => choose(questions[current].choice, Number(input.value)));
document.addEventListener("keydown", onKey, { capture: true });
// When the page has just been hidden, the time until now was still in view.
document.addEventListener("visibilitychange", () =>
  stopwatch.credit(questions[current].key, document.visibilityState === "hidden"),
);
const moves = [
  ...links.map((anchor, index) => [anchor, () => goTo(index)]),
  [find("#previous"), () => goTo(current - 1)],
  [find("#next"), () => goTo(current + 1)],
];
for (const [anchor, move] of moves) {
  anchor.addEventListener("click", (event) => {
    event.preventDefault();
    move();
  });
}
if (movesOn) {
  const name = "quiz-moves-on";
  try {
    movesOn.checked = localStorage.getItem(name) === "yes";
    movesOn.addEventListener("change", () => localStorage.setItem(name, movesOn.checked ? "yes" : "no"));
  } catch {
    // Without storage the choice holds for this page.
  }
}
find("#show-exemplars").addEventListener("click", toggleExamples);
find("#finish").addEventListener("click", (event) => {
  if (sheet.outbox.isEmpty) return;
  event.preventDefault();
  leaveFor(event.currentTarget.href);
});
if (data.secondsLeft !== null) countDown(find("#countdown"), data.secondsLeft, () => leaveFor(find("#finish").href));
show();
preload();
sheet.outbox.flush();
