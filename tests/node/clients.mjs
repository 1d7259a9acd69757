// Clients of boards for the tests: one process with many of them. A line of JSON on stdin is a call, and has its answer
// on stdout: {"id": 1, "do": "open", "name": "ada", …} → {"id": 1, "value": …} or {"id": 1, "error": "…"}.

import { createInterface } from 'node:readline'
import WebSocket from 'ws'
import { WebsocketProvider } from 'y-websocket'
import * as Y from 'yjs'

const clients = new Map()

console.warn = (text) => {
  for (const client of clients.values()) {
    if (text.includes(client.provider.url)) client.told({ denied: text.split('\n').at(-1) })
  }
}

class Client {
  constructor ({ url, board, token, connect = true, state = null, params = {} }) {
    this.doc = new Y.Doc()
    this.log = []
    this.waiting = []
    this.provider = new WebsocketProvider(url, board, this.doc, {
      connect: false,
      disableBc: true,
      params,
      protocols: token ? ['fechatter', `bearer.${token}`] : [],
      WebSocketPolyfill: WebSocket
    })
    if (state !== null) this.provider.awareness.setLocalState(state)
    this.heard = 0
    const handle = this.provider.messageHandlers[1]
    this.provider.messageHandlers[1] = (...message) => { this.heard++; handle(...message) }
    this.provider.on('connection-close', (event) => this.told({ close: event?.code ?? null, reason: event?.reason }))
    this.provider.on('closed', ({ code }) => this.told({ final: code }))
    this.provider.on('sync', (synced) => this.told({ synced }))
    this.provider.awareness.on('change', () => this.told(null))
    this.doc.on('update', () => this.told(null))
    if (connect) this.provider.connect()
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

  others () {
    return [...this.provider.awareness.getStates()].filter(([id]) => id !== this.doc.clientID).map(([, state]) => state)
  }
}

const calls = {
  open (client, call) {
    clients.get(call.name)?.provider.destroy()
    clients.set(call.name, new Client(call))
    return clients.get(call.name).doc.clientID
  },
  synced: (client) => client.until(() => client.provider.synced),
  connect: (client) => client.provider.connect(),
  disconnect: (client) => client.provider.disconnect(),
  // As a crash or a lost network: no farewell.
  cut: (client) => client.provider.ws.terminate(),
  async silence (client) {
    client.provider.shouldConnect = false
    client.provider.ws.terminate()
    await client.until(() => client.provider.ws === null)
  },
  insert: (client, { at = 0, text }) => client.text.insert(Math.min(at, client.text.length), text),
  append: (client, { text }) => client.text.insert(client.text.length, text),
  remove: (client, { at = 0, length }) => client.text.delete(at, length),
  fill: (client, { amount }) => { for (let i = 0; i < amount; i++) client.text.insert(client.text.length, `${i} `) },
  text: (client) => client.text.toString(),
  shows: (client, { text }) => client.until(() => client.text.toString() === text),
  has: (client, { text }) => client.until(() => client.text.toString().includes(text)),
  state: (client, { state }) => client.provider.awareness.setLocalState(state),
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
  close (client, { name }) {
    client.provider.destroy()
    clients.delete(name)
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  const call = JSON.parse(line)
  Promise.resolve()
    .then(() => calls[call.do](clients.get(call.name), call))
    .then((value = null) => ({ value }), (error) => ({ error: String(error.stack) }))
    .then((answer) => process.stdout.write(JSON.stringify({ id: call.id, ...answer }) + '\n'))
}
process.exit(0)
