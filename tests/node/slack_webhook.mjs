// Posts by Slack's own client of incoming webhooks: its URL, and messages as JSON. To stdout: what it was answered.
import { IncomingWebhook } from '@slack/webhook'

const [url, ...messages] = process.argv.slice(2)
const webhook = new IncomingWebhook(url, { username: 'ci' })
const answers = []
for (const message of messages) {
  try {
    answers.push((await webhook.send(JSON.parse(message))).text)
  } catch (error) {
    answers.push(error.body ?? error.message)
  }
}
console.log(JSON.stringify(answers))
