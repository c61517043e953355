// Requests to this site's own server. A refusal becomes an Error with a message for the person; `error.body` is the
// JSON of the answer, where there is one.
async function parse(response) {
  const isJson = response.headers.get("Content-Type")?.startsWith("application/json");
  if (response.ok && isJson) return response.json();
  if (isJson) {
    const body = await response.json();
    throw Object.assign(new Error(body.message), { body });
  }
  if (response.redirected) {
    throw new Error(gettext("You were signed out. Sign in again in another tab, then try again."));
  }
  if (response.status === 403) throw new Error(gettext("Your role in this dataset is too low for this."));
  const message = gettext("The server answered %(status)s. Try again in a moment.");
  throw new Error(interpolate(message, { status: response.status }, true));
}

async function request(address, options) {
  let response;
  try {
    response = await fetch(address, { headers: { Accept: "application/json" }, ...options });
  } catch {
    throw new Error(gettext("The server can't be reached. Check the connection and try again."));
  }
  return parse(response);
}

const csrfToken = () => document.querySelector("[name=csrfmiddlewaretoken]").value;

export const getJson = (address) => request(address, {});

export function postJson(address, value) {
  const headers = { Accept: "application/json", "Content-Type": "application/json", "X-CSRFToken": csrfToken() };
  return request(address, { method: "POST", headers, body: JSON.stringify(value) });
}

// Posts files and texts as multipart, `{field: [values]}`: files of any size, which the server reads as a stream.
export function postParts(address, parts) {
  const body = new FormData();
  body.append("csrfmiddlewaretoken", csrfToken());
  for (const [field, values] of Object.entries(parts)) for (const value of values) body.append(field, value);
  return request(address, { method: "POST", body });
}

// The same with JSON values before the files, each as a file of its own.
export function postJsonParts(address, values, parts) {
  const asFile = ([field, value]) => [field, [new Blob([JSON.stringify(value)], { type: "application/json" })]];
  return postParts(address, { ...Object.fromEntries(Object.entries(values).map(asFile)), ...parts });
}

export function postForm(address, fields) {
  const body = new URLSearchParams({ ...fields, csrfmiddlewaretoken: csrfToken() });
  return request(address, { method: "POST", body });
}
