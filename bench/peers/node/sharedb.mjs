// ShareDB's server over WebSockets, as its README starts it. Arguments: port, how many pages, a file with the content of
// each, and the URL of a PostgreSQL. Without a URL ShareDB 7 keeps documents in memory; with one it is the newest
// ShareDB that sharedb-postgres takes (5.2), since its tables are those of that package.
import WebSocketJSONStream from '@teamwork/websocket-json-stream'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import { WebSocketServer } from 'ws'

const require = createRequire(import.meta.url)
const [port, pages, file, url] = process.argv.slice(2)

let backend
if (url) {
  const ShareDB = createRequire(require.resolve('sharedb-postgres'))('sharedb')
  const Postgres = require('sharedb-postgres')
  backend = new ShareDB({ db: new Postgres({ connectionString: url }) })
} else {
  const ShareDB = require('sharedb')
  backend = new ShareDB()
}

const content = readFileSync(file, 'utf8')
const connection = backend.connect()
for (let page = 0; page < Number(pages); page++) {
  await new Promise((resolve, reject) => {
    connection.get('pages', String(page)).create(JSON.parse(content), (error) => (error ? reject(error) : resolve()))
  })
}

const server = createServer()
new WebSocketServer({ server }).on('connection', (socket) => {
  // What a client sends after it has gone is nobody's concern.
  socket.on('error', () => {})
  const stream = new WebSocketJSONStream(socket)
  stream.on('error', () => {})
  backend.listen(stream)
})
server.listen(Number(port), '127.0.0.1')
