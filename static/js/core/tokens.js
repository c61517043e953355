// Values of the design tokens in css/tokens.css, as they are in the current theme.
const root = document.documentElement;

export const token = (name) => getComputedStyle(root).getPropertyValue(name).trim();

// A token may hold light-dark(); only a property that takes a colour resolves it to one.
export function colour(name) {
  const probe = root.appendChild(document.createElement("span"));
  probe.style.color = `var(${name})`;
  const resolved = getComputedStyle(probe).color;
  probe.remove();
  return resolved;
}
