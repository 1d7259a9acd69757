/** What the chat client's model talks to: REST as far as it asks for it, and the socket of the events. */

export const message = (id, seq, more = {}) => ({
  id, chat_id: 1, seq, sender_id: 2, type: "text", content: `message ${seq}`, metadata: null, reply_to: null, thread_id: null,
  thread_seq: null, thread: null, mentions: [], mentions_everyone: null, forwarded_from: null, files: [], reactions: [],
  created_at: "2026-11-22T06:26:43.36999+00:00", updated_at: null, deleted_at: null, deleted_by: null, ...more,
});

export const chat = (id, messages, more = {}) => ({
  id, workspace_id: 1, type: "Group", name: `chat ${id}`, first_seq: 1, first_message_id: 1, last_seq: messages.at(-1)?.seq ?? 0,
  last_read_seq: messages.at(-1)?.seq ?? 0, unread: 0, mention_count: 0, unread_mentions: [], notification_level: "all",
  muted_until: null, draft: null, members: null, messages, pinned_message_ids: [], bans: null, invites: null, role: "owner", ...more,
});

export const me = { id: 1, username: "ada", fullname: "Ada" };

export class ChatServer {
  asked = [];
  /** What the next requests of a kind are answered with, by "METHOD /path" without the query. */
  answers = new Map();
  sockets = [];
  snapshot = {
    cursor: "1.1", user: me, presence_mode: "auto", workspaces: [{ id: 1, name: "Engines" }], emoji: [], invitations: [], reports: [],
    chats: [chat(1, [message(11, 1), message(12, 2)])], threads: [], boards: [], pages: [],
  };

  token = async () => "token";

  /** Answers with JSON; an answer that is a Problem or throws does so. */
  fetch = async (url, { method, headers, body }) => {
    const path = url.replace(/^\/api/, "");
    const given = typeof body === "string" ? JSON.parse(body) : body;
    this.asked.push({ what: `${method} ${path}`, body: given, headers: Object.fromEntries(headers) });
    const answer = this.answers.get(`${method} ${path.split("?")[0]}`);
    const json = await (answer ? answer(given, path) : this.#usual(path));
    return json instanceof Response ? json : Response.json(json ?? null);
  };

  #usual(path) {
    if (path.startsWith("/sync")) return this.snapshot;
    const [, chatId, query] = path.match(/^\/chats\/(\d+)\/messages\?(.*)$/) ?? [];
    if (!chatId || query.includes("_id=")) return [];
    return this.snapshot.chats.find(({ id }) => id === Number(chatId)).messages.toReversed();
  }

  /** What the server says when it refuses. */
  refuses(status, problem, headers = {}) {
    return Response.json(problem, { status, headers });
  }

  /** What was asked, "METHOD /path", but for what is asked at the start. */
  did(method) {
    return this.asked.filter(({ what }) => what.startsWith(`${method} `));
  }

  /** A class of sockets, of which the newest is `socket`. */
  get WebSocket() {
    const { sockets } = this;
    return class extends EventTarget {
      sent = [];

      constructor(url) {
        super();
        this.url = url;
        sockets.push(this);
      }

      send(text) {
        this.sent.push(JSON.parse(text));
      }

      close() {}
    };
  }

  get socket() {
    return this.sockets.at(-1);
  }

  opens() {
    this.socket.dispatchEvent(new Event("open"));
  }

  loses(code = 1006) {
    this.socket.dispatchEvent(Object.assign(new Event("close"), { code }));
  }

  says(type, payload = {}, cursor = undefined) {
    this.socket.dispatchEvent(Object.assign(new Event("message"), { data: JSON.stringify({ type, payload, cursor }) }));
  }
}
