// A place to drop files on, and file pickers beside it; both pass on the opened files. What may be sent, and how much
// of it, comes from the server: {% upload_limits %}.
import { droppedFiles, pickedFiles } from "./files.js";

export const uploadLimits = () => JSON.parse(document.querySelector("#upload-limits").textContent);

// `target`: the element that takes drops, the zone or the whole page. `receive(files)` may be async.
export function listenForFiles({ zone, target = zone, pickers, limits, receive }) {
  const setDragging = (on) => (event) => {
    event.preventDefault();
    zone.classList.toggle("dragging", on);
  };
  for (const type of ["dragenter", "dragover"]) target.addEventListener(type, setDragging(true));
  target.addEventListener("dragleave", (event) => {
    if (!target.contains(event.relatedTarget)) setDragging(false)(event);
  });
  target.addEventListener("drop", async (event) => {
    setDragging(false)(event);
    receive(await droppedFiles(event.dataTransfer, limits));
  });
  for (const picker of pickers) {
    picker.addEventListener("change", async () => {
      const files = await pickedFiles(picker, limits);
      picker.value = "";
      receive(files);
    });
  }
}
