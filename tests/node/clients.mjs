// Clients of boards for the tests: one process with many of them. A line of JSON on stdin is a call, and has its answer
// on stdout: {"id": 1, "do": "open", "name": "ada", …} → {"id": 1, "value": …} or {"id": 1, "error": "…"}.

import { createInterface } from 'node:readline'
import { HocuspocusProvider, HocuspocusProviderWebsocket } from '@hocuspocus/provider'
import * as decoding from 'lib0/decoding'
import * as encoding from 'lib0/encoding'
import WebSocket from 'ws'
import * as sync from 'y-protocols/sync'
import { WebsocketProvider } from 'y-websocket'
import { WebsocketProvider as WebsocketProvider1 } from 'y-websocket-1'
import { WebsocketProvider as WebsocketProvider2 } from 'y-websocket-2'
import * as Y from 'yjs'
import * as hocuspocus2 from 'hocuspocus-provider-2'
import * as hocuspocus3 from 'hocuspocus-provider-3'
import { play, random, scribe, shown } from './scripts.mjs'

// As a browser's: an error that nobody listens for ends nothing.
class BrowserSocket extends WebSocket {
  constructor (url, protocols) {
    super(url, protocols)
    this.on('error', () => {})
  }
}

// By their major versions; without one it is the newest.
const yWebSockets = { 1: WebsocketProvider1, 2: WebsocketProvider2, 3: WebsocketProvider }
const hocuspocuses = { 2: hocuspocus2, 3: hocuspocus3, 4: { HocuspocusProvider, HocuspocusProviderWebsocket } }

const clients = new Map()
// Of hocuspocus' clients that share one, by the name that the test gives it.
const sockets = new Map()

console.warn = (text) => {
  for (const client of clients.values()) {
    if (client.kind === 'yjs' && text.includes(client.provider.url)) client.told({ denied: text.split('\n').at(-1) })
  }
}

// What all kinds have in common; each has connect, disconnect, cut (as a crash or a lost network: no farewell; it comes back),
// silence (cut for good), synced, setState and destroy; and renew (comes back with another token) where a token opens a socket.
class Client {
  constructor (kind) {
    this.kind = kind
    this.doc = new Y.Doc()
    this.log = []
    this.waiting = []
    this.doc.on('update', () => this.told(null))
  }

  // Something has happened: whoever waits looks again.
  told (event) {
    if (event !== null) this.log.push(event)
    this.waiting = this.waiting.filter(({ holds, done }) => !holds() || (done(), false))
  }

  until (holds) {
    return new Promise((resolve) => {
      this.waiting.push({ holds, done: resolve })
      this.told(null)
    })
  }

  get text () {
    return this.doc.getText('text')
  }

  // Edits that are not known to be durable; y-websocket's protocol does not tell.
  get unsynced () {
    return null
  }

  others () {
    return [...this.provider.awareness.getStates()].filter(([id]) => id !== this.doc.clientID).map(([, state]) => state)
  }

  setState (state) {
    this.provider.awareness.setLocalState(state)
  }
}

class YWebSocketClient extends Client {
  constructor ({ url, board, token, version = 3, connect = true, state = null, params = {} }) {
    super('yjs')
    const protocols = token ? ['fechatter', `bearer.${token}`] : []
    this.provider = new yWebSockets[version](url, board, this.doc, {
      connect: false,
      disableBc: true,
      params,
      protocols,
      // The first version knows of no protocols.
      WebSocketPolyfill: version === 1 ? class extends BrowserSocket { constructor (url) { super(url, protocols) } } : BrowserSocket
    })
    if (state !== null) this.setState(state)
    this.heard = 0
    const handle = this.provider.messageHandlers[1]
    this.provider.messageHandlers[1] = (...message) => { this.heard++; handle(...message) }
    this.provider.on('connection-close', (event) => this.told({ close: event?.code ?? null, reason: event?.reason }))
    this.provider.on('closed', ({ code }) => this.told({ final: code }))
    this.provider.on('sync', (synced) => this.told({ synced }))
    this.provider.awareness.on('change', () => this.told(null))
    if (connect) this.connect()
  }

  get synced () {
    return this.provider.synced
  }

  connect () {
    this.provider.connect()
  }

  renew (token) {
    this.provider.protocols = ['fechatter', `bearer.${token}`]
    this.connect()
  }

  disconnect () {
    this.provider.disconnect()
  }

  async cut () {
    this.provider.ws?.terminate()
    await this.until(() => !this.synced)
  }

  async silence () {
    this.provider.shouldConnect = false
    await this.cut()
    await this.until(() => this.provider.ws === null)
  }

  move (url) {
    this.provider.serverUrl = url
  }

  destroy () {
    this.provider.destroy()
  }
}

class HocuspocusClient extends Client {
  // `socket` names one that is shared with others; `session`: several may have the same document on it. A list of tokens are
  // those that a function gives, one after the other.
  constructor ({ url, board, token, version = 4, state = null, socket = null, session = false }) {
    super('hocuspocus')
    this.ownSocket = socket === null
    const npm = hocuspocuses[version]
    this.socket = sockets.get(socket) ?? new npm.HocuspocusProviderWebsocket({
      url, WebSocketPolyfill: BrowserSocket, delay: 50, minDelay: 50, maxDelay: 500
    })
    if (!this.ownSocket) sockets.set(socket, this.socket)
    this.provider = new npm.HocuspocusProvider({
      websocketProvider: this.socket, name: board, document: this.doc, sessionAwareness: session,
      token: Array.isArray(token) ? () => token.length > 1 ? token.shift() : token[0] : token
    })
    if (state !== null) this.setState(state)
    this.provider.on('authenticated', (about) => this.told({ scope: about?.scope ?? null }))
    this.provider.on('authenticationFailed', ({ reason }) => this.told({ denied: reason }))
    this.provider.on('close', ({ event }) => this.told({ close: event.code, reason: event.reason }))
    this.provider.on('synced', () => this.told({ synced: true }))
    this.provider.on('unsyncedChanges', () => this.told(null))
    this.provider.awareness.on('change', () => this.told(null))
    this.provider.attach?.() // the second version has done so
  }

  get synced () {
    return this.provider.synced
  }

  get unsynced () {
    return this.provider.unsyncedChanges
  }

  connect () {
    this.socket.connect()
  }

  disconnect () {
    this.socket.disconnect()
  }

  async cut () {
    this.socket.webSocket?.terminate()
    await this.until(() => !this.synced)
  }

  async silence () {
    this.socket.shouldConnect = false
    await this.cut()
  }

  move (url) {
    this.socket.configuration.url = url
  }

  async sign_in (token) {
    this.provider.configuration.token = token
    await this.provider.sendToken()
    this.provider.startSync()
  }

  destroy () {
    this.provider.destroy()
    if (this.ownSocket) this.socket.destroy()
  }
}

// As seed 000 has it: JSON, with the sync protocol's messages in base64.
class JsonClient extends Client {
  constructor ({ url, board, token, state = null }) {
    super('json')
    Object.assign(this, { url, board, token, state, present: new Map(), unacknowledged: new Set(), refs: 0, synced: false })
    this.doc.on('update', (update, origin) => {
      if (origin !== this) this.sendSync((encoder) => sync.writeUpdate(encoder, update))
    })
    this.connect()
  }

  get unsynced () {
    return this.unacknowledged.size
  }

  connect () {
    this.wanted = true
    this.ws = new BrowserSocket(`${this.url}/${this.board}`, ['fechatter', `bearer.${this.token}`])
    this.ws.onmessage = ({ data }) => this.receive(JSON.parse(data))
    this.ws.onclose = ({ code, reason }) => {
      this.synced = false
      this.present.clear()
      this.unacknowledged.clear()
      this.told({ close: code, reason })
      if (code >= 4400 && code < 4500) {
        this.wanted = false
        this.told({ final: code })
      }
      if (this.wanted) setTimeout(() => this.wanted && this.connect(), 50)
    }
  }

  renew (token) {
    this.token = token
    this.connect()
  }

  send (message) {
    if (this.ws.readyState === WebSocket.OPEN) this.ws.send(JSON.stringify(message))
  }

  // What is edited offline is in the answer to the server's step 1.
  sendSync (write, tracked = true) {
    if (this.ws.readyState !== WebSocket.OPEN) return
    const encoder = encoding.createEncoder()
    write(encoder)
    const ref = ++this.refs
    if (tracked) this.unacknowledged.add(ref)
    this.send({ type: 'yjs:sync', data: Buffer.from(encoding.toUint8Array(encoder)).toString('base64'), ref })
  }

  receive (message) {
    const { type, client_id: client } = message
    if (type === 'ready') {
      this.id = client
      this.sendSync((encoder) => sync.writeSyncStep1(encoder, this.doc), false)
      if (this.state !== null) this.setState(this.state)
    } else if (type === 'yjs:sync') {
      const decoder = decoding.createDecoder(new Uint8Array(Buffer.from(message.data, 'base64')))
      const encoder = encoding.createEncoder()
      const kind = sync.readSyncMessage(decoder, encoder, this.doc, this)
      if (kind === sync.messageYjsSyncStep2) this.synced = true
      if (encoding.length(encoder) > 0) this.sendSync((other) => encoding.writeUint8Array(other, encoding.toUint8Array(encoder)))
    } else if (type === 'yjs:ack') {
      this.unacknowledged.delete(message.ref)
    } else if (type === 'presence:leave') {
      this.present.delete(client)
    } else if (type === 'presence:join' || type === 'presence:sync') {
      const { type: _, client_id: __, ...state } = message
      if (client !== this.id) this.present.set(client, { ...this.present.get(client), ...state })
    } else if (type === 'error') {
      this.told({ denied: message.code, ref: message.ref })
    }
    this.told(type === 'yjs:sync' || type.startsWith('presence') ? null : { [type]: message.role ?? null })
  }

  others () {
    return [...this.present.values()]
  }

  setState ({ cursor = null, selection = [], viewport }) {
    this.state = { cursor, selection, viewport }
    this.send({ type: 'presence:update', cursor, selection })
    if (viewport) this.send({ type: 'presence:viewport', ...viewport })
  }

  disconnect () {
    this.wanted = false
    this.ws.close()
  }

  async cut () {
    this.ws.terminate()
    await this.until(() => !this.synced)
  }

  async silence () {
    this.wanted = false
    await this.cut()
  }

  move (url) {
    this.url = url
  }

  destroy () {
    this.disconnect()
  }
}

const kinds = { yjs: YWebSocketClient, hocuspocus: HocuspocusClient, json: JsonClient }

const calls = {
  open (client, { kind = 'yjs', ...call }) {
    clients.get(call.name)?.destroy()
    clients.set(call.name, new kinds[kind](call))
    return clients.get(call.name).doc.clientID
  },
  synced: (client) => client.until(() => client.synced),
  connect: (client) => client.connect(),
  disconnect: (client) => client.disconnect(),
  cut: (client) => client.cut(),
  silence: (client) => client.silence(),
  renew: (client, { token }) => client.renew(token),
  // Comes back to another server from now on.
  move: (client, { url }) => client.move(url),
  sign_in: (client, { token }) => client.sign_in(token),
  insert: (client, { at = 0, text }) => client.text.insert(Math.min(at, client.text.length), text),
  append: (client, { text }) => client.text.insert(client.text.length, text),
  remove: (client, { at = 0, length }) => client.text.delete(at, length),
  fill: (client, { amount }) => { for (let i = 0; i < amount; i++) client.text.insert(client.text.length, `${i} `) },
  // Random edits of all types, at every UTF-16 position, and presence with odd values; the connection is cut now and then.
  async roam (client, { seed, steps }) {
    const chance = random(seed)
    const { edit, pick, below } = scribe(chance)
    for (let step = 0; step < steps; step++) {
      client.doc.transact(() => edit(client.doc))
      if (chance() < 0.1) client.setState({ cursor: { x: below(9), y: -0 }, selection: [pick(['a', '😀'.slice(0, 1)])], name: '😀'.slice(1) })
      if (chance() < 0.05) await client.cut()
      await new Promise((resolve) => setTimeout(resolve, below(10)))
    }
  },
  // Until all of them are synced and have one document, which is told as a string.
  async alike (_, { names }) {
    const asked = names.map((name) => clients.get(name))
    let document = null
    const look = () => {
      if (document !== null) return true
      if (!asked.every((client) => client.synced)) return false
      if (new Set(asked.map(({ doc }) => String([...Y.decodeStateVector(Y.encodeStateVector(doc))].sort()))).size > 1) return false
      const documents = new Set(asked.map(({ doc }) => shown([Y.encodeStateAsUpdate(doc)])))
      if (documents.size === 1) document = [...documents][0]
      return document !== null
    }
    await Promise.any(asked.map((client) => client.until(look)))
    return document
  },
  // How they differ from the first, for whoever reads a failure.
  apart (_, { names }) {
    const documents = names.map((name) => shown([Y.encodeStateAsUpdate(clients.get(name).doc)]))
    return names.map((name, number) => {
      const { synced, unsynced, log } = clients.get(name)
      let at = 0
      while (at < documents[0].length && documents[number][at] === documents[0][at]) at++
      return [name, synced, unsynced, log.slice(-3), at < documents[0].length && documents.map((one) => one.slice(Math.max(at - 40, 0), at + 40))[number]]
    })
  },
  text: (client) => client.text.toString(),
  shows: (client, { text }) => client.until(() => client.text.toString() === text),
  has: (client, { text }) => client.until(() => client.text.toString().includes(text)),
  unsynced: (client) => client.unsynced,
  // Until all of its edits are known to be durable.
  kept: (client) => client.until(() => client.synced && client.unsynced === 0),
  state: (client, { state }) => client.setState(state),
  others: (client) => client.others(),
  async sees (client, { amount, like = {} }) {
    const holds = (state) => Object.entries(like).every(([key, value]) => JSON.stringify(state[key]) === JSON.stringify(value))
    await client.until(() => client.others().filter(holds).length === amount)
    return client.others()
  },
  async event (client, { key }) {
    await client.until(() => client.log.some((event) => key in event))
    return client.log.find((event) => key in event)
  },
  heard: (client) => client.heard,
  forget (client) { client.log = [] },
  events: (client) => client.log,
  update: (client) => Buffer.from(Y.encodeStateAsUpdate(client.doc)).toString('base64'),
  // What Yjs makes of updates: each root as JSON.
  made (_, { updates, roots }) {
    const doc = new Y.Doc()
    for (const update of updates) Y.applyUpdate(doc, Buffer.from(update, 'base64'))
    return Object.fromEntries(Object.entries(roots).map(([name, type]) => [name, doc.get(name, Y[type]).toJSON()]))
  },
  // The updates of one random script for each seed.
  scripts: (_, { seeds, steps }) => seeds.map((seed) => play(seed, steps).map(encoded)),
  // What Yjs makes of each list of updates, all there is to see; or why it fails.
  shown: (_, { lists }) => lists.map((updates) => {
    try {
      return shown(updates.map(decoded))
    } catch (error) {
      return String(error)
    }
  }),
  close (client, { name }) {
    client.destroy()
    clients.delete(name)
  },
  // What a test has left goes before the next one begins.
  close_all () {
    for (const client of clients.values()) client.destroy()
    for (const socket of sockets.values()) socket.destroy()
    clients.clear()
    sockets.clear()
  }
}

const encoded = (bytes) => Buffer.from(bytes).toString('base64')
const decoded = (text) => new Uint8Array(Buffer.from(text, 'base64'))

for await (const line of createInterface({ input: process.stdin })) {
  const call = JSON.parse(line)
  Promise.resolve()
    .then(() => calls[call.do](clients.get(call.name), call))
    .then((value = null) => ({ value }), (error) => ({ error: String(error.stack) }))
    .then((answer) => process.stdout.write(JSON.stringify({ id: call.id, ...answer }) + '\n'))
}
process.exit(0)
