// Sends each dropped or chosen file by itself and shows the card that comes back; htmx then asks for its verdict.
const form = document.querySelector("#score-upload");
const input = document.querySelector("#score-files");
const zone = document.querySelector("#score-drop");
const cards = document.querySelector("#score-cards");
const AT_ONCE = 2;
const waiting = [];
let sending = 0;

function placeholder(file) {
  const card = document.createElement("li");
  card.className = "card score-card";
  const name = Object.assign(document.createElement("p"), { className: "score-name", textContent: file.name });
  const state = Object.assign(document.createElement("p"), { textContent: form.dataset.waiting });
  card.append(name, state, document.createElement("progress"));
  cards.prepend(card);
  return card;
}

function fail(card) {
  card.querySelector("progress")?.remove();
  const sentence = Object.assign(document.createElement("p"), {
    className: "notice error",
    textContent: form.dataset.failed,
  });
  sentence.setAttribute("role", "alert");
  card.append(sentence);
}

async function send({ body, card }) {
  try {
    const response = await fetch(form.action, { method: "POST", body, headers: { "HX-Request": "true" } });
    if (!response.ok) throw new Error(response.status);
    const answer = document.createElement("template");
    answer.innerHTML = await response.text();
    const arrived = [...answer.content.children];
    card.replaceWith(...arrived);
    arrived.forEach((element) => htmx.process(element));
  } catch {
    fail(card);
  }
}

async function next() {
  if (sending >= AT_ONCE || !waiting.length) return;
  sending += 1;
  await send(waiting.shift());
  sending -= 1;
  next();
}

function take(files) {
  for (const file of files) {
    const body = new FormData(form);
    body.delete("files");
    body.append("files", file);
    waiting.push({ body, card: placeholder(file) });
  }
  for (let slot = 0; slot < AT_ONCE; slot += 1) next();
}

input.addEventListener("change", () => {
  take([...input.files]);
  input.value = "";
});
for (const type of ["dragenter", "dragover"]) {
  zone.addEventListener(type, (event) => {
    event.preventDefault();
    zone.classList.add("over");
  });
}
zone.addEventListener("dragleave", () => zone.classList.remove("over"));
zone.addEventListener("drop", (event) => {
  event.preventDefault();
  zone.classList.remove("over");
  take([...event.dataTransfer.files]);
});
