// What happens, one line each: node follow.mjs CHAT_URL NOTIFY_URL EMAIL, with the password in $CHAT_PASSWORD.
import { client, events, sender, Session } from "fechatter-client";

const [chatUrl, notifyUrl, email] = process.argv.slice(2);
const session = new Session({ send: sender({ base: chatUrl }) });
await session.signIn(email, process.env.CHAT_PASSWORD);
const ours = client({ token: session.token, base: chatUrl });
const sockets = notifyUrl.replace("http", "ws");
for await (const { kind, data } of events({ client: ours, token: session.token, sockets })) {
  if (kind === "Snapshot") console.log(`chats: ${data.chats.map(({ name }) => name).join(", ")}`);
  else if (kind === "NewMessage") console.log(`chat ${data.chat_id}: ${data.content}`);
}
