/** The timeline's view on a model that the test feeds: no server, and no chance in what comes when. */

import { h, render, signal, computed } from "../../vendor/preact.js";
import { Dialogs } from "../../chat/dialogs/dialogs.js";
import { aboutOf } from "../../chat/model/about.js";
import { ModelContext } from "../../chat/shell/context.js";
import { TimelineView } from "../../chat/timeline/timeline_view.js";
import { loadWords } from "../../chat/words/words.js";
import { asked } from "./session.js";

await loadWords();

const PAGE = 12;
const AMOUNT = 3_000;
const START = Date.parse("2026-11-01T08:00:00Z");
const TEXTS = ["short", "**bold** and `code` and https://example.com/a", "两行文字，**请注意：**今天\n第二行", "```js\nconst a = 1;\nreturn a;\n```", "- one\n- two\n- three", "a long line ".repeat(40)];

/** @returns {Record<string, any>} */
function message(seq, more = {}) {
  return {
    id: 1000 + seq, chat_id: 1, seq, sender_id: 2 + (Math.floor(seq / 3) % 2), type: "text", content: `${seq} ${TEXTS[seq % TEXTS.length]}`, metadata: null,
    reply_to: null, thread_id: null, thread_seq: null, thread: null, mentions: [], mentions_everyone: null, forwarded_from: null,
    files: seq % 35 === 0 ? [picture(seq)] : [], reactions: [], created_at: new Date(START + seq * 97_000).toISOString(), updated_at: null,
    deleted_at: null, deleted_by: null, ...more,
  };
}

/** A picture that is here; with no width its size is not known yet. */
const picture = (id, width = 640) => ({
  id, name: `${id}.png`, size: 1000, type: "image/png", width, height: width && 480, animated: false, pages: null, duration: null,
  placeholder: "1QcSHQRnh493V4dIh4eXh1h4kJUI", waveform: null, previews: ["thumbnail", "preview"], no_preview: null, refusal: null, state: "ready",
});

class HandFed {
  picture = picture;

  constructor(from, to, firstUnread) {
    this.known = signal(Array.from({ length: to - from + 1 }, (_, at) => message(from + at)));
    this.pending = signal([]);
    this.rows = computed(() => [...this.known.value, ...(this.atEnd.value ? this.pending.value : [])]);
    this.atStart = signal(false);
    this.atEnd = signal(true);
    this.loading = signal(null);
    this.firstUnread = firstUnread;
    this.newest = to;
  }

  async older() {
    const [first] = this.known.value;
    const from = Math.max(1, first.seq - PAGE);
    this.loading.value = "older";
    await Promise.resolve();
    this.known.value = [...Array.from({ length: first.seq - from }, (_, at) => message(from + at)), ...this.known.value];
    this.atStart.value = from === 1;
    this.loading.value = null;
  }

  async newer() {
    const last = this.known.value.at(-1);
    const to = Math.min(this.newest, last.seq + PAGE);
    this.known.value = [...this.known.value, ...Array.from({ length: to - last.seq }, (_, at) => message(last.seq + 1 + at))];
    this.atEnd.value = to === this.newest;
  }

  async around(id) {
    if (this.known.value.some((one) => one.id === id)) return;
    const seq = id - 1000;
    this.known.value = Array.from({ length: PAGE }, (_, at) => message(seq - PAGE / 2 + at));
    this.atEnd.value = false;
    this.atStart.value = false;
  }

  async toNewest() {
    if (this.atEnd.value) return;
    this.known.value = Array.from({ length: PAGE }, (_, at) => message(this.newest - PAGE + 1 + at));
    this.atEnd.value = true;
  }

  comes(more = {}) {
    this.newest += 1;
    if (this.atEnd.value) this.known.value = [...this.known.value, message(this.newest, more)];
    return this.newest;
  }

  change(seq, more) {
    this.known.value = this.known.value.map((one) => (one.seq === seq ? { ...one, ...more } : one));
  }
}

const people = new Map([1, 2, 3].map((id) => [id, signal({ id, username: ["ada", "grace", "kim"][id - 1], fullname: ["Ada", "Grace", "Kim 金"][id - 1], avatar: null })]));

/** @param {{ from?: number, to?: number, firstUnread?: number | null, unread?: number, target?: number | null }} options */
globalThis.show = ({ from = AMOUNT - 49, to = AMOUNT, firstUnread = null, unread = 0, target = null } = {}) => {
  const timeline = new HandFed(from, to, firstUnread);
  const chat = signal({ id: 1, workspace_id: 1, type: "Group", name: "general", role: "member", unread, pinned_message_ids: [] });
  const about = aboutOf(chat);
  const done = [];
  const model = {
    me: signal({ id: 1 }), chats: computed(() => new Map([[1, chat.value]])), boards: signal(new Map([[7, { id: 7, name: "Roadmap" }]])), pages: signal(new Map()),
    threads: signal(new Map()), emoji: signal(new Map()), chat: () => chat, about: () => about, person: (id) => people.get(id), timeline: () => timeline, members: () => signal([]),
    seen: (_, seq) => done.push(["seen", seq]), draft: () => ({ text: signal(""), set: (text) => done.push(["draft", text]) }),
    ...Object.fromEntries(["react", "pin", "markUnread", "remove", "edit", "forward", "retry", "discard"].map((name) => [name, async (...given) => done.push([name, ...given.map((one) => one?.seq ?? one)])])),
  };
  Object.assign(globalThis, { timeline, chat, done, asked });
  render(null, document.querySelector("#app"));
  const children = [h(TimelineView, { model, chatId: 1, target }), h(Dialogs, {})];
  render(h(ModelContext.Provider, { value: model, children }), document.querySelector("#app"));
};
globalThis.isReady = true;
