// Posts one file of a form, with progress. Resolves to {status, text}; status 0 means that no server answered.
export function postFile(form, file, { name, fields = {}, headers = {}, onProgress = () => {} }) {
  const body = new FormData(form);
  body.delete(name);
  body.append(name, file);
  for (const [field, value] of Object.entries(fields)) body.set(field, value);
  return new Promise((resolve) => {
    const request = new XMLHttpRequest(); // fetch reports no progress of an upload
    request.open("POST", form.action || location.href);
    for (const [header, value] of Object.entries(headers)) request.setRequestHeader(header, value);
    request.upload.addEventListener("progress", ({ loaded, total }) => onProgress(total ? loaded / total : 0));
    request.addEventListener("loadend", () => resolve({ status: request.status, text: request.responseText }));
    request.send(body);
  });
}

// Statuses that come from a connection or a proxy: the server itself is away, for example while it restarts.
export const isUnreached = ({ status }) => [0, 502, 503, 504].includes(status);
