// Sends some items at a time. While the server is out of reach only one item tries, after a pause.
export class SendQueue {
  // `next()`: the next item, or undefined. `send(item)`: resolves to false where the item did not reach the server;
  // `next` must then offer it again.
  constructor({ next, send, atOnce, retryMilliseconds = 3000, onSent = () => {} }) {
    Object.assign(this, { next, send, atOnce, retryMilliseconds, onSent, active: 0, offline: false });
  }

  run() {
    while (this.active < (this.offline ? 1 : this.atOnce)) {
      const item = this.next();
      if (item === undefined) return;
      this.#process(item);
    }
  }

  async #process(item) {
    this.active += 1;
    this.offline = (await this.send(item)) === false;
    if (this.offline) await new Promise((resolve) => setTimeout(resolve, this.retryMilliseconds));
    this.active -= 1;
    this.onSent(item);
    this.run();
  }
}
