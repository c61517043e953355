// Time on the question page, by a monotonic clock: setting the device's clock changes nothing.

// Adds up how long each question was in view; while the page is hidden nothing counts.
export class Stopwatch {
  constructor() {
    this.milliseconds = {};
    this.since = performance.now();
  }

  // Credits the time since the last call to `key`.
  credit(key, inView = document.visibilityState === "visible") {
    const now = performance.now();
    if (inView) this.milliseconds[key] = (this.milliseconds[key] ?? 0) + now - this.since;
    this.since = now;
    return this.milliseconds[key] ?? 0;
  }

  // Milliseconds that `count` more questions will take at the reader's own pace so far.
  estimate(count, usual) {
    const times = Object.values(this.milliseconds);
    const own = times.reduce((sum, time) => sum + time, 0);
    return (count * (own + usual * 3)) / (times.length + 3);
  }
}

// Seconds as minutes and seconds: 75 is 1:15.
export function clockText(seconds) {
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

// Shows what is left of the time limit in `element`, and calls `onEnd` once at its end.
export function countDown(element, secondsLeft, onEnd) {
  const end = performance.now() + secondsLeft * 1000;
  const tick = () => {
    const left = Math.max(0, Math.ceil((end - performance.now()) / 1000));
    element.textContent = interpolate(gettext("%(time)s left"), { time: clockText(left) }, true);
    element.classList.toggle("urgent", left < 60);
    if (left) return;
    clearInterval(timer);
    onEnd();
  };
  const timer = setInterval(tick, 1000);
  tick();
}
