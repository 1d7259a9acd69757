// Posts that survive a lost connection, each once: node outbox.mjs CHAT_URL NOTIFY_URL EMAIL CHAT_ID TEXT…, with the password in $CHAT_PASSWORD.
import { client, keptInMemory, Outbox, sender, Session } from "fechatter-client";

const [chatUrl, , email, chatId, ...texts] = process.argv.slice(2);
const session = new Session({ send: sender({ base: chatUrl }) });
await session.signIn(email, process.env.CHAT_PASSWORD);
const { messages } = client({ token: session.token, base: chatUrl });
const outbox = new Outbox({
  kept: keptInMemory(), // or that of a Store, which is on disk
  post: ({ chatId: chat, body, key }) => messages.post(chat, body, { key }),
  posted: ({ body }, { seq }) => console.log(`${seq}: ${body.content}`),
});
await outbox.open();
for (const content of texts) outbox.add(Number(chatId), { content });
