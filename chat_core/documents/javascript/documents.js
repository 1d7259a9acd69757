'use strict'
// What is done with documents. A call has some pieces of bytes and is answered by some.

const EMPTY = new Uint8Array(2)
// Where more updates than this make Yjs fail, that is no accident of one of them.
const MOST_FAILING = 32
// Types may be nested so deep, by however many updates: Yjs deletes, and clients read, one within the other.
const DEEPEST_TYPE = 500

/** A document that only takes updates. Where formats become redundant by one, Yjs would delete them, as an edit of its own: it
 * would be in the snapshot, and reach nobody who has the board open. */
function load (...updates) {
  const doc = new Y.Doc()
  doc.on('afterTransaction', (transaction) => { transaction._needFormattingCleanup = false })
  for (const update of updates) Y.applyUpdate(doc, update)
  return doc
}

const calls = {
  /** One state made of a former one and the updates since: it, its vector, its deletions, one byte that is 1 where some of it
   * waits for what has not come yet, and as JSON which of the updates make Yjs fail and are not in it: [[index, why], …]. */
  compact (base, ...updates) {
    const { doc, failing } = gather(base, updates)
    const pending = doc.store.pendingStructs !== null || doc.store.pendingDs !== null
    const state = Y.encodeStateAsUpdate(doc)
    // Of structs that wait the vector tells too, as far as nothing is missing before them.
    const vector = pending ? Y.encodeStateVectorFromUpdate(state) : Y.encodeStateVector(doc)
    const deleting = pending ? deletions(state) : Y.encodeStateAsUpdate(doc, vector)
    return [state, vector, deleting, Uint8Array.of(pending), bytes(JSON.stringify(failing))]
  },

  /** What a document with this state vector lacks of these updates, as one. */
  difference: (vector, ...updates) => [Y.encodeStateAsUpdate(gather(EMPTY, updates).doc, vector)],

  /** What a former state and the updates since contain, as JSON, and which updates fail, as in `compact`. */
  export (base, ...updates) {
    const { doc, failing } = gather(base, updates)
    return [bytes(encoded(content(doc))), bytes(JSON.stringify(failing))]
  },

  /** A JSON Patch that turns the content of one document into that of a former state and the updates since, and which
   * updates fail, as in `compact`. */
  compare (before, base, ...updates) {
    const { doc, failing } = gather(base, updates)
    return [bytes(encoded(changes(content(load(before)), content(doc)))), bytes(JSON.stringify(failing))]
  },

  /** The update that gives the present the content of a former state. */
  restore: (former, present) => [restoration(former, present)],

  /** Two strings that are the same where the contents are, in full. */
  contents: (...states) => states.map((state) => bytes(everything(load(state))))
}

// -- updates on which Yjs fails

/** A document with all of these but those on which Yjs fails. Which one that is can be told as long as nothing waits: where
 * it fails and something did, each is held back until all that it needs has come. */
function gather (base, updates) {
  const failing = new Map()
  let waits = false
  for (;;) {
    const doc = load(base)
    const failed = (waits ? applyInTheirTurn : applyInOrder)(doc, updates, failing)
    if (failed === null) return { doc, failing: [...failing] }
    if (failed.waits && !waits) {
      waits = true
    } else {
      failing.set(failed.at, failed.why)
      if (failing.size > MOST_FAILING) throw new Error('too many updates fail')
    }
  }
}

function applyInOrder (doc, updates, failing) {
  for (const [at, update] of updates.entries()) {
    if (failing.has(at)) continue
    const waits = doc.store.pendingStructs !== null || doc.store.pendingDs !== null
    const why = reason(() => apply(doc, update))
    if (why !== null) return { at, why, waits }
  }
  return null
}

function applyInTheirTurn (doc, updates, failing) {
  let waiting = [...updates.entries()].filter(([at]) => !failing.has(at))
  for (let before = -1; before !== waiting.length;) {
    before = waiting.length
    const still = []
    for (const [at, update] of waiting) {
      const ready = reason(() => { if (!isReady(doc, update)) still.push([at, update]) })
      if (ready !== null) return { at, why: ready, waits: false }
      if (still.at(-1)?.[0] === at) continue
      const why = reason(() => apply(doc, update))
      if (why !== null) return { at, why, waits: false }
    }
    waiting = still
  }
  for (const [, update] of waiting) Y.applyUpdate(doc, update) // they wait on
  return null
}

/** Fails, too, where types come to be nested too deep. */
function apply (doc, update) {
  let deepest = 0
  const look = ({ beforeState, afterState }) => {
    for (const [client, clock] of afterState) {
      const before = beforeState.get(client) ?? 0
      if (clock === before) continue
      const structs = doc.store.clients.get(client)
      for (let at = Y.findIndexSS(structs, before); at < structs.length; at++) {
        if (structs[at].content instanceof Y.ContentType) deepest = Math.max(deepest, depth(structs[at].content.type))
      }
    }
  }
  doc.on('afterTransaction', look)
  Y.applyUpdate(doc, update)
  doc.off('afterTransaction', look)
  if (deepest > DEEPEST_TYPE) throw new Error(`types are nested more than ${DEEPEST_TYPE} deep`)
}

const depths = new WeakMap()

/** How many types it is within, itself among them; the root is none. */
function depth (type) {
  const within = []
  for (; type !== null && type._item !== null && !depths.has(type); type = type._item.parent) within.push(type)
  let amount = depths.get(type) ?? 0
  for (const one of within.reverse()) depths.set(one, ++amount)
  return amount
}

/** Whether all that an update needs is in the document or in itself. */
function isReady (doc, update) {
  const { structs, ds } = Y.decodeUpdate(update)
  const upto = new Map()
  const clock = (client) => upto.get(client) ?? Y.getState(doc.store, client)
  for (const { id, length } of structs) {
    if (id.clock > clock(id.client)) return false
    upto.set(id.client, Math.max(clock(id.client), id.clock + length))
  }
  const has = (id) => !(id instanceof Y.ID) || id.clock < clock(id.client)
  if (!structs.every(({ origin, rightOrigin, parent }) => has(origin) && has(rightOrigin) && has(parent))) return false
  return [...ds.clients].every(([client, ranges]) => ranges.every((range) => range.clock + range.len <= clock(client)))
}

function reason (work) {
  try {
    work()
    return null
  } catch (error) {
    return String(error)
  }
}

// -- bytes

/** An update that deletes what this one deletes, and brings nothing. */
function deletions (update) {
  const { ds } = Y.decodeUpdate(update)
  const encoder = encoding.createEncoder()
  for (const number of [0, ds.clients.size]) encoding.writeVarUint(encoder, number)
  for (const [client, ranges] of ds.clients) {
    for (const number of [client, ranges.length, ...ranges.flatMap(({ clock, len }) => [clock, len])]) {
      encoding.writeVarUint(encoder, number)
    }
  }
  return encoding.toUint8Array(encoder)
}

const bytes = (text) => new TextEncoder().encode(text)

let request = null

/** Room for the bytes of the next request. */
function room (size) {
  request = new Uint8Array(size)
  return request.buffer
}

/** A request is the name of a call and its pieces, each with its length in front. The answer is 1 and pieces, or 0 and why
 * not. */
function answer () {
  const encoder = encoding.createEncoder()
  try {
    const decoder = decoding.createDecoder(request)
    request = null
    const name = decoding.readVarString(decoder)
    const pieces = []
    while (decoding.hasContent(decoder)) pieces.push(decoding.readVarUint8Array(decoder))
    const answers = calls[name](...pieces)
    encoding.writeVarUint(encoder, 1)
    for (const piece of answers) encoding.writeVarUint8Array(encoder, piece)
  } catch (error) {
    const failed = encoding.createEncoder()
    encoding.writeVarUint(failed, 0)
    encoding.writeVarUint8Array(failed, bytes(String(error)))
    return encoding.toUint8Array(failed).buffer
  }
  return encoding.toUint8Array(encoder).buffer
}
