/** What changes with each message of a thousand chats is drawn two or three times a second at most: nobody reads faster. */

import { effect, signal, useEffect, useMemo } from "../../vendor/preact.js";

const EVERY_MS = 400;

/** @template T @typedef {{ readonly value: T, peek(): T }} Readable */
/** @typedef {{ now: () => number, after: (ms: number, act: () => void) => () => void }} Clock */

/** @type {Clock} */
const clock = {
  now: () => performance.now(),
  after: (ms, act) => {
    const timer = setTimeout(act, ms);
    return () => clearTimeout(timer);
  },
};

/**
 * A signal that follows another: at once, but for changes that come sooner than so after the one before, which wait for that.
 *
 * @template T
 * @param {Readable<T>} source  @param {Clock} [by]
 * @returns {{ shown: Readable<T>, stop: () => void }}
 */
export function calmed(source, by = clock) {
  const shown = signal(source.peek());
  let at = -Infinity;
  /** @type {(() => void) | null} */
  let unwait = null;
  const show = () => {
    at = by.now();
    unwait = null;
    shown.value = source.peek();
  };
  const end = effect(() => {
    if (source.value === shown.peek() || unwait) return;
    const wait = at + EVERY_MS - by.now();
    if (wait > 0) unwait = by.after(wait, show);
    else show();
  });
  return {
    shown,
    stop: () => {
      unwait?.();
      end();
    },
  };
}

/** @template T @param {Readable<T>} source @returns {T} */
export function useCalm(source) {
  const calm = useMemo(() => calmed(source), [source]);
  useEffect(() => calm.stop, [calm]);
  return calm.shown.value;
}
