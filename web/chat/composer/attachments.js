/** The files that go with the next message: they are uploaded while it is written. */

import { faultOf, limitOf, reasonOf } from "../../lib/uploads.js";
import { signal } from "../../vendor/preact.js";
import { sizeInWords, t } from "../words/words.js";

export const MOST_FILES = 10;

/** @typedef {import("../model/model.js").Model} Model */
/**
 * @typedef {object} Attachment
 * @property {number} key
 * @property {File} file
 * @property {string | null} picture the address of what is shown of it
 * @property {ReturnType<Model["upload"]> | null} upload null: it was refused before
 * @property {number | null} id of the file, once the server has it
 * @property {string | null} problem
 */

export class Attachments {
  #model;
  #chatId;
  #next = 1;
  items = signal(/** @type {readonly Attachment[]} */ ([]));
  /** What was not taken, and why. */
  refused = signal("");

  /** @param {Model} model  @param {number} chatId */
  constructor(model, chatId) {
    this.#model = model;
    this.#chatId = chatId;
  }

  /** @param {Iterable<File>} files */
  async add(files) {
    this.refused.value = "";
    const chosen = [...files];
    const room = MOST_FILES - this.items.peek().length;
    if (chosen.length > room) this.refused.value = t("files.tooMany", { n: MOST_FILES });
    const workspaceId = this.#model.chat(this.#chatId).peek()?.workspace_id;
    const most = await limitOf(workspaceId).catch(() => Infinity); // then the server says so
    for (const file of chosen.slice(0, Math.max(room, 0))) {
      const fault = faultOf(file, most);
      if (fault === "tooLarge") this.refused.value = t("files.tooLarge", { name: file.name, size: sizeInWords(most) });
      else if (fault === "empty") this.refused.value = t("files.empty", { name: file.name });
      else this.#begin(file);
    }
  }

  /** @param {File} file */
  #begin(file) {
    const key = this.#next++;
    const picture = /^image\/(?!svg)/.test(file.type) ? URL.createObjectURL(file) : null;
    this.items.value = [...this.items.peek(), { key, file, picture, upload: null, id: null, problem: null }];
    this.#upload(key);
  }

  /** @param {number} key */
  #upload(key) {
    const item = this.#at(key);
    if (!item) return;
    const upload = this.#model.upload(item.file, { chatId: this.#chatId });
    this.#change(key, { upload, problem: null });
    upload.id.then(
      (id) => this.#change(key, { id }),
      (problem) => this.#at(key)?.upload === upload && this.#change(key, { problem: wordsOf(problem) }),
    );
  }

  /** @param {number} key */
  #at(key) {
    return this.items.peek().find((item) => item.key === key);
  }

  /** @param {number} key  @param {Partial<Attachment>} change */
  #change(key, change) {
    this.items.value = this.items.peek().map((item) => (item.key === key ? { ...item, ...change } : item));
  }

  /** @param {number} key */
  retry(key) {
    if (this.#at(key)?.problem) this.#upload(key);
  }

  /** @param {number} key */
  remove(key) {
    const item = this.#at(key);
    if (!item) return;
    this.items.value = this.items.peek().filter((one) => one !== item);
    if (item.picture) URL.revokeObjectURL(item.picture);
    if (item.id === null && !item.problem) item.upload?.cancel();
    this.refused.value = "";
  }

  get isUploading() {
    return this.items.value.some(({ id, problem }) => id === null && problem === null);
  }

  get hasFailed() {
    return this.items.value.some(({ problem }) => problem !== null);
  }

  /** The ids of all files, which go with a message now. */
  take() {
    const taken = this.items.peek();
    for (const { picture } of taken) if (picture) URL.revokeObjectURL(picture);
    this.items.value = [];
    this.refused.value = "";
    return /** @type {number[]} */ (taken.map(({ id }) => id));
  }
}

const REASONS = /** @type {const} */ ({ refusedSize: "files.refusedSize", quota: "files.quota", storage: "files.storage", failed: "files.failed" });

/** @param {any} problem */
const wordsOf = (problem) => t(REASONS[reasonOf(problem)]);

/** @type {WeakMap<Model, Map<string, Attachments>>} */
const kept = new WeakMap();

/** Those of a chat or a thread: they stay when one looks at another. @param {Model} model  @param {number} chatId  @param {number} [threadId] */
export function attachmentsOf(model, chatId, threadId) {
  const all = kept.get(model) ?? new Map();
  kept.set(model, all);
  const key = `${chatId}/${threadId ?? ""}`;
  if (!all.has(key)) all.set(key, new Attachments(model, chatId));
  return /** @type {Attachments} */ (all.get(key));
}
