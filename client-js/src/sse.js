/**
 * notify_server's stream over server-sent events (docs/events.md), for places that let no WebSocket through: it looks like a
 * WebSocket that only listens. It is fetched, since EventSource sends no headers and hides why it fails.
 */

export class EventSocket extends EventTarget {
  #aborting = new AbortController();

  /**
   * @param {string} url  @param {{ token: string, cursor: string | null, fetch?: typeof globalThis.fetch }} options
   */
  constructor(url, { token, cursor, fetch = globalThis.fetch }) {
    super();
    const headers = { Authorization: `Bearer ${token}`, Accept: "text/event-stream", ...(cursor && { "Last-Event-ID": cursor }) };
    this.#follow(() => fetch(url, { headers, signal: this.#aborting.signal, credentials: "omit" }));
  }

  /** Nothing can be said here. */
  send() {}

  close() {
    this.#aborting.abort();
  }

  /** @param {() => Promise<Response>} ask */
  async #follow(ask) {
    let code = 1006;
    try {
      const answer = await ask();
      if (!answer.ok || !answer.body) {
        if (answer.status === 401) code = 4007;
        throw new Error(`The server answered ${answer.status}.`);
      }
      this.dispatchEvent(new Event("open"));
      for await (const frame of framesOf(answer.body)) this.#say(frame);
    } catch {
      // However it ended, it has ended.
    }
    if (!this.#aborting.signal.aborted) this.dispatchEvent(Object.assign(new Event("close"), { code }));
  }

  /** @param {{ event?: string, id?: string, data?: string, retry?: string }} frame */
  #say({ event, id, data, retry }) {
    if (retry) this.#tell({ type: "retry", payload: { milliseconds: Number(retry) } });
    if (event && data) this.#tell({ type: event, cursor: id, payload: JSON.parse(data) });
  }

  /** @param {object} frame */
  #tell(frame) {
    if (!this.#aborting.signal.aborted) this.dispatchEvent(new MessageEvent("message", { data: JSON.stringify(frame) }));
  }
}

/** The frames of an event stream. @param {ReadableStream<Uint8Array>} body @returns {AsyncGenerator<Record<string, string>, void>} */
export async function* framesOf(body) {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let rest = "";
  /** @type {Record<string, string>} */
  let frame = {};
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const lines = (rest + decoder.decode(value, { stream: true })).split("\n");
    rest = /** @type {string} */ (lines.pop());
    for (const line of lines) {
      const text = line.replace(/\r$/, "");
      if (!text) {
        if (Object.keys(frame).length) yield frame;
        frame = {};
        continue;
      }
      const [, name, given] = /** @type {string[]} */ (text.match(/^([^:]*):? ?(.*)$/));
      if (name) frame[name] = name === "data" && frame.data !== undefined ? `${frame.data}\n${given}` : given;
    }
  }
}
