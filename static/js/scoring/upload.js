// Sends each dropped or chosen file by itself and shows the card that comes back; htmx then polls for its verdict.
import { listenForFiles, uploadLimits } from "../upload/drop_zone.js";
import { SendQueue } from "../upload/send_queue.js";
import { isUnreached, postFile } from "../upload/transfer.js";

const form = document.querySelector("#score-upload");
const cards = document.querySelector("#score-cards");
const limits = uploadLimits();
const waiting = [];
const queue = new SendQueue({ next: () => waiting.shift(), send, atOnce: limits.filesAtOnce });

const paragraph = (properties) => Object.assign(document.createElement("p"), properties);

function makeCard(name) {
  const card = document.createElement("li");
  card.className = "card score-card";
  card.append(
    paragraph({ className: "score-name", textContent: name }),
    paragraph({ textContent: gettext("sending…") }),
    document.createElement("progress"),
  );
  cards.prepend(card);
  return card;
}

function fail(card, message) {
  card.querySelector("progress")?.remove();
  card.append(paragraph({ className: "notice error", role: "alert", textContent: message }));
}

async function send({ read, card }) {
  let file;
  try {
    file = await read();
  } catch (error) {
    return fail(card, error.message); // an entry of a zip that can't be unpacked, or a file deleted meanwhile
  }
  const answer = await postFile(form, file, { name: "files", headers: { "HX-Request": "true" } });
  if (isUnreached(answer) || answer.status >= 400) {
    return fail(card, gettext("The server did not take this file; try again."));
  }
  const template = document.createElement("template");
  template.innerHTML = answer.text;
  const arrived = [...template.content.children];
  card.replaceWith(...arrived);
  for (const element of arrived) htmx.process(element);
}

function receive(files) {
  for (const { name, read, problem } of files) {
    const card = makeCard(name);
    if (problem) fail(card, problem);
    else waiting.push({ read, card });
  }
  queue.run();
}

const zone = document.querySelector("#score-drop");
listenForFiles({ zone, pickers: [document.querySelector("#score-files")], limits, receive });
