// The last page of a quiz: sends answers that are still in this browser before the ballot is submitted.
import { Outbox } from "./outbox.js";

const form = document.querySelector("#submit-form");
const refusal = document.querySelector("#refusal");
const { ballot, answer } = form.dataset;
let settled = 0;
const outbox = new Outbox(ballot, answer, form.csrfmiddlewaretoken.value, (_question, state, detail) => {
  if (state === "saved") settled += 1;
  if (detail?.message) {
    refusal.textContent = detail.message;
    refusal.hidden = false;
  }
});

form.addEventListener("submit", async (event) => {
  if (outbox.isEmpty) return;
  event.preventDefault();
  await outbox.flush();
  if (outbox.isEmpty) form.submit();
});
await outbox.flush();
if (settled) location.reload();
