'use strict'
// How a document gets a former content back: by an edit, since to go back is what no CRDT can.
//
// The edit is an undo of all that was done since. So what stayed is not touched, and whatever people are doing to it
// meanwhile merges; what was added goes, and what was deleted comes as a copy. What an undo does not bring back (a pair of
// surrogates that was split, say) is written anew after it.

/** The update that gives the present the content of a former state; EMPTY where it has that already. Fails where that does
 * not come about: it is looked at before the update is anybody's. */
function restoration (former, present) {
  const wanted = everything(load(former))
  if (everything(load(present)) === wanted) return EMPTY
  const undone = undo(former, present)
  const doc = load(present, undone)
  if (everything(doc) === wanted) return undone
  const update = Y.mergeUpdates([undone, made(doc, () => bringBack(doc, load(former)))])
  if (everything(load(present, update)) !== wanted) throw new Error('it does not come back')
  return update
}

function undo (former, present) {
  const doc = load(former)
  const undoing = new Y.UndoManager(doc)
  Y.applyUpdate(doc, present) // what it deletes is collected there, and kept here to be undone
  return made(doc, () => { while (undoing.canUndo()) undoing.undo() })
}

/** What an edit has done, as one update. */
function made (doc, edit) {
  const updates = [EMPTY]
  const keep = (update) => updates.push(update)
  doc.on('update', keep)
  edit()
  doc.off('update', keep)
  return Y.mergeUpdates(updates)
}

function bringBack (doc, former) {
  const names = new Set([...doc.share.keys(), ...former.share.keys()])
  doc.transact(() => {
    for (const name of names) {
      const [now, then] = [doc.get(name), former.get(name)]
      if (JSON.stringify(full(now)) === JSON.stringify(full(then))) continue
      const type = listType(then) ?? listType(now) ?? Y.Map
      bringBackType(doc.get(name, type), former.get(name, type))
    }
  })
}

/** As little of it as there is a difference in. Both are of one type. */
function bringBackType (now, then) {
  const [has, had] = [new Map(entries(now)), new Map(entries(then))]
  for (const key of has.keys()) if (!had.has(key)) (now.delete?.bind(now) ?? now.removeAttribute.bind(now))(key)
  for (const [key, value] of had) {
    if (has.has(key) && alike(has.get(key), value)) continue
    if (has.has(key) && ofOneType(has.get(key), value)) bringBackType(has.get(key), value)
    else (now.set ?? now.setAttribute).call(now, key, copy(value))
  }
  if (now instanceof Y.Text) bringBackText(now, then)
  else if (now instanceof Y.Array || now instanceof Y.XmlFragment) bringBackList(now, then)
}

function bringBackText (now, then) {
  if (alike(full(now).list, full(then).list)) return
  now.delete(0, now.length)
  now.applyDelta(then.toDelta().map((piece) => ({ ...piece, insert: copy(piece.insert) })))
}

function bringBackList (now, then) {
  const [has, had] = [now.toArray(), then.toArray()]
  const shorter = Math.min(has.length, had.length)
  let start = 0
  while (start < shorter && alike(has[start], had[start])) start++
  let end = 0
  while (end < shorter - start && alike(has.at(-1 - end), had.at(-1 - end))) end++
  const inner = had.slice(start, had.length - end)
  if (inner.length === has.length - end - start && inner.every((value, at) => ofOneType(has[start + at], value))) {
    inner.forEach((value, at) => bringBackType(has[start + at], value))
  } else {
    now.delete(start, has.length - end - start)
    now.insert(start, inner.map(copy))
  }
}

const alike = (one, other) => JSON.stringify(fullValue(one)) === JSON.stringify(fullValue(other))

const ofOneType = (one, other) =>
  one instanceof Y.AbstractType && other instanceof Y.AbstractType && kind(one) === kind(other) && one.nodeName === other.nodeName

function copy (value) {
  if (value instanceof Y.AbstractType) return value.clone()
  return value instanceof Y.Doc ? new Y.Doc({ guid: value.guid, meta: value.meta, autoLoad: value.autoLoad }) : value
}
