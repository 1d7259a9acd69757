'use strict'
// What is in a document: as JSON, and in full, to see whether two documents have the same.

const { Y, decoding, encoding } = npm

const XML = [Y.XmlElement, Y.XmlText, Y.XmlHook]
const isXml = (value) => XML.some((type) => value instanceof type)
const isHook = (value) => value instanceof Y.XmlHook

/** The items of a type that are there, in their order. */
function * present (type) {
  for (let item = type._start; item !== null; item = item.right) {
    if (!item.deleted) yield item
  }
}

/** The entries of a type that are there, by their keys. */
function entries (type) {
  const items = [...type._map].filter(([, item]) => !item.deleted)
  return items.map(([key, item]) => [key, item.content.getContent()[item.length - 1]]).sort(byKey)
}

const byKey = ([one], [other]) => one < other ? -1 : one > other ? 1 : 0

// -- as JSON

/** Every root type that has something in it. An update does not say of what type a root is; what is in it does. */
function content (doc) {
  const roots = [...doc.share].sort(byKey).map(([name, root]) => [name, rootAsJson(root)])
  return object(roots.filter(([, value]) => value !== undefined))
}

/** Undefined where it is empty. */
function rootAsJson (root) {
  const map = entries(root)
  if (map.length) return object(map.map(([key, value]) => [key, asJson(value)]))
  switch (listType(root)) {
    case Y.Text: return text(root)
    case Y.XmlFragment: return xmlOf(root)
    case Y.Array: return list(root)
  }
}

/** What a root is whose items are these; undefined where it has none. */
function listType (root) {
  const contents = Array.from(present(root), (item) => item.content)
  if (contents.some((one) => one instanceof Y.ContentString || one instanceof Y.ContentEmbed || one instanceof Y.ContentFormat)) return Y.Text
  if (contents.length) return contents[0] instanceof Y.ContentType && isXml(contents[0].type) ? Y.XmlFragment : Y.Array
}

/** A value, a type among them, of which JSON has something like it: bytes are numbers, a text loses its formats, XML is its
 * text, a whole number is one however large; what JSON has nothing for is null. */
function asJson (value) {
  if (value instanceof Y.XmlText || value instanceof Y.XmlElement || value instanceof Y.XmlFragment) return xml(value)
  if (value instanceof Y.Text) return text(value)
  if (value instanceof Y.Array) return list(value)
  if (value instanceof Y.Map) return object(entries(value).map(([key, one]) => [key, asJson(one)]))
  if (value instanceof Y.Doc) return object([['guid', value.guid]])
  if (value instanceof Uint8Array) return [...value]
  if (Array.isArray(value)) return value.map(asJson)
  if (typeof value === 'object' && value !== null) return object(Object.entries(value).map(([key, one]) => [key, asJson(one)]))
  return value === undefined || (typeof value === 'number' && !Number.isFinite(value)) ? null : value
}

/** Without a prototype, so that no key means anything. */
function object (pairs) {
  const made = Object.create(null)
  for (const [key, value] of pairs) made[key] = value
  return made
}

const encoded = (json) => JSON.stringify(json, (_, value) => {
  if (typeof value === 'bigint') return JSON.rawJSON(value)
  return Object.is(value, -0) ? JSON.rawJSON('-0') : value
})

const list = (type) => Array.from(present(type), (item) => item.countable ? item.content.getContent() : []).flat().map(asJson)

const text = (type) => Array.from(present(type), ({ content }) => content instanceof Y.ContentString ? content.str : '').join('')

const xmlOf = (type) => Array.from(present(type), ({ content }) => content instanceof Y.ContentType ? xml(content.type) : '').join('')

function xml (node) {
  if (node instanceof Y.XmlText) return escaped(text(node))
  if (isHook(node)) return ''
  if (!(node instanceof Y.XmlElement)) return xmlOf(node)
  const attributes = entries(node).map(([name, value]) => ` ${name}=${quoted(String(asJson(value)))}`).join('')
  return `<${node.nodeName}${attributes}>${xmlOf(node)}</${node.nodeName}>`
}

const escaped = (string) => string.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')

function quoted (string) {
  const inner = escaped(string).replaceAll('\n', '&#10;').replaceAll('\r', '&#13;').replaceAll('\t', '&#9;')
  return inner.includes('"') && !inner.includes("'") ? `'${inner}'` : `"${inner.replaceAll('"', '&quot;')}"`
}

// -- in full

/** All there is to see of a document, as a string: two that have the same have the same string. */
function everything (doc) {
  const roots = [...doc.share].sort(byKey).map(([name, root]) => [name, full(root)])
  return JSON.stringify(roots.filter(([, { map, list }]) => map.length || list.length))
}

const KINDS = [Y.XmlText, Y.XmlHook, Y.XmlElement, Y.XmlFragment, Y.Text, Y.Array, Y.Map]
const kind = (type) => KINDS.findIndex((one) => type instanceof one)

/** Neighbours of one format are one piece, however many items they are. */
function full (type) {
  const pieces = []
  const formats = new Map()
  for (const { content, countable } of present(type)) {
    if (content instanceof Y.ContentFormat) {
      if (content.value === null) formats.delete(content.key)
      else formats.set(content.key, content.value)
    } else if (content instanceof Y.ContentString) {
      const given = JSON.stringify([...formats].sort(byKey))
      const last = pieces.at(-1)
      if (last?.text !== undefined && last.formats === given) last.text += content.str
      else pieces.push({ text: content.str, formats: given })
    } else if (countable) {
      const given = JSON.stringify([...formats].sort(byKey))
      for (const value of content.getContent()) pieces.push({ value: fullValue(value), formats: given })
    }
  }
  return { map: entries(type).map(([key, value]) => [key, fullValue(value)]), list: pieces }
}

/** Unlike JSON it knows one value from another. */
function fullValue (value) {
  if (value instanceof Y.AbstractType) return { type: kind(value), name: value.nodeName ?? value.hookName, ...full(value) }
  if (value instanceof Y.Doc) return { doc: value.guid }
  if (value instanceof Uint8Array) return { bytes: [...value] }
  if (Array.isArray(value)) return value.map(fullValue)
  if (typeof value === 'object' && value !== null) return { object: Object.entries(value).map(([key, one]) => [key, fullValue(one)]) }
  if (Number.isFinite(value) && !Object.is(value, -0)) return value
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value
  return { [typeof value]: Object.is(value, -0) ? '-0' : String(value) }
}
