// ws as its documentation starts it: it holds connections and says nothing. SIGUSR2 collects garbage, so that what is
// measured is what the connections keep.
import { WebSocketServer } from 'ws'

new WebSocketServer({ host: '127.0.0.1', port: Number(process.argv[2]), backlog: 4096 }).on('connection', (socket) => {
  socket.on('error', () => {})
})
process.on('SIGUSR2', () => globalThis.gc())
