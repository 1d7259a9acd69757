// Random scripts: what some people do to a document of all types, undo among it, at every UTF-16 position, with emoji, combining
// marks and lone halves of surrogate pairs.

import * as Y from 'yjs'

const STRINGS = ['a', 'word ', '😀', '👩‍👩‍👧', 'e\u0301', '한', 'x😀y', '🇫🇷', '\ufeff', '\0']
const HALVES = ['\ud83d', '\ude00']
const KEYS = ['a', 'b', '😀', '__proto__']
const ROOTS = { text: Y.Text, map: Y.Map, array: Y.Array, xml: Y.XmlFragment }

export function play (seed, steps) {
  const chance = random(seed)
  // In JSON, where it stays what it is only as long as updates come in order: those that wait Yjs keeps in another encoding.
  const half = seed % 2 ? 'x' : '\ud83d'
  const { edit, pick } = scribe(chance, { strings: [...STRINGS, ...HALVES], keys: [...KEYS, '\ud83d'], half, parts: true })
  const people = [0, 1, 2].map((number) => person(seed * 8 + number + 1))
  const updates = []
  for (const { doc } of people) {
    doc.on('update', (update, origin) => { if (origin !== 'others') updates.push(update) })
  }
  const met = new Map(people.map(({ doc }) => [doc, 0]))
  const meet = (doc) => {
    for (const update of updates.slice(met.get(doc))) Y.applyUpdate(doc, update, 'others')
    met.set(doc, updates.length)
  }
  for (let step = 0; step < steps; step++) {
    const { doc, undo } = pick(people)
    if (chance() < 0.4) meet(doc)
    if (chance() < 0.1) chance() < 0.7 ? undo.undo() : undo.redo()
    else doc.transact(() => edit(doc))
  }
  return updates

  function person (clientID) {
    const doc = new Y.Doc()
    doc.clientID = clientID
    const scope = Object.entries(ROOTS).map(([name, type]) => doc.get(name, type))
    return { doc, undo: new Y.UndoManager(scope, { captureTimeout: 0, trackedOrigins: new Set([null]) }) }
  }
}

/** Random edits. What halves of pairs somebody writes Yjs makes U+FFFD for others and not for them, and in formats where updates
 * come out of order; and a format that changes nothing cuts a character in two for whoever set it alone. So those who edit live
 * cut characters in two by what they insert and delete, and format whole texts: `parts` is for others. */
export function scribe (chance, { strings = STRINGS, keys = KEYS, half = 'x', parts = false } = {}) {
  const pick = (list) => list[Math.floor(chance() * list.length)]
  const below = (number) => Math.floor(chance() * number)
  return { edit, pick, below }

  function edit (doc) {
    const name = pick(Object.keys(ROOTS))
    editType(doc.get(name, ROOTS[name]), 0)
  }

  function editType (type, depth) {
    if (type instanceof Y.Text) return editText(type)
    if (type instanceof Y.Map) {
      const key = pick(keys)
      const value = type.get(key)
      if (value instanceof Y.AbstractType && chance() < 0.5) editType(value, depth + 1)
      else if (value !== undefined && chance() < 0.3) type.delete(key)
      else type.set(key, newValue(depth))
      return
    }
    const inner = type.toArray().filter((one) => one instanceof Y.AbstractType)
    if (inner.length && chance() < 0.5) return editType(pick(inner), depth + 1)
    if (type.length && chance() < 0.35) return type.delete(below(type.length), 1)
    if (type instanceof Y.Array) return type.insert(below(type.length + 1), [inList(newValue(depth))])
    if (type instanceof Y.XmlElement && chance() < 0.3) return type.setAttribute(pick(['p', 'q']), pick(strings))
    type.insert(below(type.length + 1), [chance() < 0.5 ? new Y.XmlText(pick(strings)) : new Y.XmlElement('p')])
  }

  function editText (text) {
    const at = below(text.length + 1)
    const amount = Math.min(1 + below(3), text.length - at)
    const what = chance()
    if (what < 0.35 && amount > 0) text.delete(at, amount)
    else if (what < 0.5 && amount > 0) text.format(...(parts ? [at, amount] : [0, text.length]), { [pick(['bold', 'link'])]: pick([true, null, 'x', half]) })
    else if (what < 0.6) text.insertEmbed(at, pick([{ image: half }, { n: 1 }]))
    else text.insert(at, pick(strings), chance() < 0.2 ? { bold: true } : undefined)
  }

  function newValue (depth) {
    const plain = [1, -1.5, -0, 2 ** 60, NaN, Infinity, -Infinity, 2n ** 62n, -1n, undefined, null, true, Uint8Array.of(1, 255)]
    const value = pick([...plain, ...strings, [[{ deep: pick(plain) }]], { '😀': pick(strings) }])
    if (depth > 2 || chance() < 0.5) return value
    return pick([() => new Y.Text(pick(strings)), () => new Y.Map([['a', value]]), () => Y.Array.from([inList(value)])])()
  }
}

// A list of Yjs' does not take these by themselves.
const inList = (value) => typeof value === 'bigint' || value === undefined ? [value] : value

/** All that updates make of a document, as a string. */
export function shown (updates) {
  const doc = new Y.Doc()
  for (const update of updates) Y.applyUpdate(doc, update)
  if (doc.store.pendingStructs !== null || doc.store.pendingDs !== null) return 'it waits'
  return JSON.stringify(Object.entries(ROOTS).map(([name, type]) => of(doc.get(name, type))))
}

function of (value) {
  if (value instanceof Y.XmlElement) return { [value.nodeName]: value.toArray().map(of), attributes: of(value.getAttributes()) }
  if (value instanceof Y.XmlFragment) return value.toArray().map(of)
  if (value instanceof Y.Text) return value.toDelta().map(({ insert, attributes }) => [of(insert), of(attributes)])
  if (value instanceof Y.Map) return [...value.entries()].sort().map(([key, one]) => [key, of(one)])
  if (value instanceof Y.Array || Array.isArray(value)) return value.map(of)
  if (value instanceof Uint8Array) return `bytes ${value}`
  if (typeof value === 'object' && value !== null) return Object.entries(value).sort().map(([key, one]) => [key, of(one)])
  if (typeof value === 'string' || typeof value === 'boolean' || value === null) return value
  return `${typeof value} ${Object.is(value, -0) ? '-0' : value}`
}

export function random (seed) {
  return () => {
    seed = seed + 0x6d2b79f5 | 0
    let mixed = Math.imul(seed ^ seed >>> 15, seed | 1)
    mixed ^= mixed + Math.imul(mixed ^ mixed >>> 7, mixed | 61)
    return ((mixed ^ mixed >>> 14) >>> 0) / 2 ** 32
  }
}
