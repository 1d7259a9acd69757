// Sign in and post: node post.mjs CHAT_URL NOTIFY_URL EMAIL CHAT TEXT, with the password in $CHAT_PASSWORD.
import { client, sender, Session } from "fechatter-client";

const [chatUrl, , email, name, text] = process.argv.slice(2);
const session = new Session({ send: sender({ base: chatUrl }) });
await session.signIn(email, process.env.CHAT_PASSWORD);
const { chats, messages } = client({ token: session.token, base: chatUrl });
for await (const chat of chats.list()) {
  if (chat.name !== name) continue;
  const { seq } = await messages.post(chat.id, { content: text }, { key: crypto.randomUUID() });
  console.log(`posted as message ${seq} in ${name}`);
}
