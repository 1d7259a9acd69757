// hocuspocus' server as its documentation starts it, on the port that is given; all else is its default, so it asks for
// no authentication and stores nothing.
import { Server } from '@hocuspocus/server'

await new Server({ address: '127.0.0.1', port: Number(process.argv[2]), quiet: true }).listen()
