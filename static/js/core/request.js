// Requests to our own server without a reload; a refusal becomes an Error whose message a person can read.
async function answered(response) {
  const json = response.headers.get("Content-Type")?.startsWith("application/json");
  if (response.ok && json) return response.json();
  if (json) {
    const told = await response.json();
    throw Object.assign(new Error(told.message), { told });
  }
  if (response.redirected) throw new Error("You were signed out. Sign in again in another tab, then try again.");
  if (response.status === 403) throw new Error("Your role in this dataset is too low for this.");
  throw new Error(`The server answered ${response.status}. Try again in a moment.`);
}

async function sent(address, options) {
  let response;
  try {
    response = await fetch(address, { headers: { Accept: "application/json" }, ...options });
  } catch {
    throw new Error("The server can't be reached. Check the connection and try again.");
  }
  return answered(response);
}

export const getJson = (address) => sent(address, {});

export function postJson(address, value) {
  const token = document.querySelector("[name=csrfmiddlewaretoken]").value;
  const headers = { Accept: "application/json", "Content-Type": "application/json", "X-CSRFToken": token };
  return sent(address, { method: "POST", headers, body: JSON.stringify(value) });
}

export function postForm(address, fields) {
  const token = document.querySelector("[name=csrfmiddlewaretoken]").value;
  const body = new URLSearchParams({ ...fields, csrfmiddlewaretoken: token });
  return sent(address, { method: "POST", body });
}
