// Uploads one content by tus-js-client, in steps that each continue the one before. From stdin: {endpoint, token, content
// (base64), steps}; a step has tus-js-client's options, and `stopAfter` bytes it is given up, with `terminate` for good. To
// stdout: for each step its requests as [method, status], and the file that the upload has become.
import { readFileSync } from 'node:fs'
import { Upload } from 'tus-js-client'

const { endpoint, token, content, steps } = JSON.parse(readFileSync(0, 'utf8'))
const bytes = Buffer.from(content, 'base64')

function run ({ stopAfter = Infinity, terminate = false, ...options }, uploadUrl) {
  const requests = []
  let file = null
  return new Promise((resolve, reject) => {
    const upload = new Upload(bytes, {
      endpoint,
      uploadUrl,
      headers: { Authorization: `Bearer ${token}` },
      metadata: { filename: 'größe.bin' },
      retryDelays: null,
      ...options,
      onAfterResponse: (request, response) => {
        requests.push([request.getMethod(), response.getStatus()])
        file = response.getHeader('File-Id') ?? file
      },
      onError: reject,
      onSuccess: () => resolve({ url: upload.url, requests, file }),
      onChunkComplete: (_, accepted) => {
        if (accepted < stopAfter || accepted === bytes.length) return
        upload.abort(terminate).then(() => resolve({ url: upload.url, requests, file }), reject)
      },
    })
    upload.start()
  })
}

const done = []
for (const step of steps) done.push(await run(step, done.at(-1)?.url ?? null))
console.log(JSON.stringify(done.map(({ requests, file }) => ({ requests, file }))))
