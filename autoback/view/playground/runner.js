// A trainer at work, in a worker where the browser allows one, so that the page stays quick; and else on the page's own thread.

class Runner {
  constructor() {
    this.waiting = []; // orders without an answer: {order, resolve, reject}
    try {
      const text = `const { answering } = (${engine})(), answer = answering(); onmessage = ({ data }) => postMessage(answer(data));`;
      const address = URL.createObjectURL(new Blob([text], { type: "text/javascript" }));
      this.worker = new Worker(address);
      this.worker.onmessage = ({ data }) => { this.works = true; this.waiting.shift()?.resolve(data); };
      this.worker.onerror = (event) => {
        event.preventDefault();
        if (this.works) this.waiting.shift()?.reject(new Error(event.message));
        else this.fall();
      };
    } catch { this.fall(); }
  }

  // No worker: what it was asked so far and will be asked is done here.
  fall() {
    this.worker?.terminate();
    this.worker = null;
    this.answer = answering();
    const orders = this.waiting;
    this.waiting = [];
    for (const { order, resolve, reject } of orders) try { resolve(this.answer(order)); } catch (error) { reject(error); }
  }

  ask(...order) {
    if (this.worker) return new Promise((resolve, reject) => { this.waiting.push({ order, resolve, reject }); this.worker.postMessage(order); });
    return new Promise((resolve) => resolve(this.answer(order)));
  }

  start(job) { return this.ask("start", job); }
  change(changes) { return this.ask("change", changes); }
  advance(much) { return this.ask("advance", much); }

  // Ends the worker; orders that wait get no answer.
  stop() { this.worker?.terminate(); }
}
