// A real provider of OpenID Connect for the tests: npm's oidc-provider on a free port of this machine, which it says in a
// line of JSON. Arguments: the client's redirect_uri, post_logout_redirect_uri and backchannel_logout_uri. Whatever
// name somebody signs in with there is their subject.

import { createServer } from 'node:http'
import Provider from 'oidc-provider'

const [redirectUri, afterLogout, backchannel] = process.argv.slice(2)
const server = createServer()
server.listen(0, '127.0.0.1', () => {
  const issuer = `http://127.0.0.1:${server.address().port}`
  const provider = new Provider(issuer, {
    clients: [{
      client_id: 'fechatter',
      client_secret: 'a secret of the tests',
      redirect_uris: [redirectUri],
      post_logout_redirect_uris: [afterLogout],
      backchannel_logout_uri: backchannel,
      backchannel_logout_session_required: true
    }],
    pkce: { required: () => true },
    features: {
      backchannelLogout: { enabled: true },
      devInteractions: { enabled: true },
      rpInitiatedLogout: { enabled: true }
    },
    claims: { openid: ['sub', 'sid'], email: ['email', 'email_verified'], profile: ['name'] },
    // By itself it tells no server on a loopback address that somebody has signed out.
    fetch: (url, { dispatcher, ...options }) => fetch(url, options),
    cookies: { keys: ['of the tests'] },
    findAccount: (_, id) => ({
      accountId: id,
      claims: () => ({ sub: id, name: 'Ada Lovelace', email: `${id}@corp.example`, email_verified: true })
    })
  })
  server.on('request', provider.callback())
  console.log(JSON.stringify({ issuer }))
})
