// What the modules take from a browser and node does not have: texts, storage and a channel between tabs.
import { File as NodeFile } from "node:buffer";

globalThis.File ??= NodeFile;
globalThis.CustomEvent ??= class extends Event {
  constructor(name, { detail } = {}) {
    super(name);
    this.detail = detail;
  }
};
globalThis.gettext = (text) => text;
globalThis.interpolate = (format, values) => format.replace(/%\((\w+)\)s/g, (_, name) => values[name]);

export function makeStorage() {
  const stored = new Map();
  return {
    getItem: (name) => stored.get(name) ?? null,
    setItem: (name, value) => stored.set(name, String(value)),
    removeItem: (name) => stored.delete(name),
  };
}

export function useBrowser() {
  globalThis.localStorage = makeStorage();
  globalThis.document = { cookie: "csrftoken=abc" };
  globalThis.addEventListener ??= () => {};
  globalThis.BroadcastChannel = class {
    postMessage() {}
  };
}

export const jsonResponse = (body, status = 200) =>
  new Response(JSON.stringify(body), { status, headers: { "Content-Type": "application/json" } });
