// hocuspocus' server as its documentation starts it, on the port that is given; all else is its default, so it asks for
// no authentication and stores nothing. A second argument is a file with the JSON of a page, with which documents begin.
import { Server } from '@hocuspocus/server'
import { readFileSync } from 'node:fs'
import * as Y from 'yjs'

const [port, file] = process.argv.slice(2)
const page = file ? JSON.parse(readFileSync(file, 'utf8')) : null

function shared(value) {
  return Object(value) === value ? new Y.Map(Object.entries(value).map(([key, inner]) => [key, shared(inner)])) : value
}

await new Server({
  address: '127.0.0.1',
  port: Number(port),
  quiet: true,
  ...(page && {
    async onLoadDocument({ document }) {
      for (const [id, component] of Object.entries(page.components)) document.getMap('components').set(id, shared(component))
    },
  }),
}).listen()
