'use strict'
// How two contents differ.

/** A JSON Patch (RFC 6902) that makes the one into the other, in time that grows with their size and no faster: of lists,
 * what they begin and end with in common is left alone, and the rest goes item by item. */
function changes (before, after) {
  const patch = []
  change(patch, '', before, after)
  return patch
}

function change (patch, path, before, after) {
  if (Array.isArray(before) && Array.isArray(after)) return changeList(patch, path, before, after)
  if (!isObject(before) || !isObject(after)) {
    if (!same(before, after)) patch.push({ op: 'replace', path, value: after })
    return
  }
  for (const key of [...new Set([...Object.keys(before), ...Object.keys(after)])].sort()) {
    const place = `${path}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`
    if (!Object.hasOwn(after, key)) patch.push({ op: 'remove', path: place })
    else if (!Object.hasOwn(before, key)) patch.push({ op: 'add', path: place, value: after[key] })
    else change(patch, place, before[key], after[key])
  }
}

function changeList (patch, path, before, after) {
  const shorter = Math.min(before.length, after.length)
  let start = 0
  while (start < shorter && same(before[start], after[start])) start++
  let end = 0
  while (end < shorter - start && same(before.at(-1 - end), after.at(-1 - end))) end++
  const at = shorter - end
  for (let place = start; place < at; place++) change(patch, `${path}/${place}`, before[place], after[place])
  for (let left = before.length; left > shorter; left--) patch.push({ op: 'remove', path: `${path}/${at}` })
  for (let place = at; place < at + after.length - shorter; place++) patch.push({ op: 'add', path: `${path}/${place}`, value: after[place] })
}

const isObject = (value) => typeof value === 'object' && value !== null && !Array.isArray(value)

/** Equal as JSON, which tells 0 from -0. */
function same (one, other) {
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) return Object.is(one, other)
  if (Array.isArray(one) !== Array.isArray(other)) return false
  const keys = Object.keys(one)
  return keys.length === Object.keys(other).length && keys.every((key) => Object.hasOwn(other, key) && same(one[key], other[key]))
}
