// A live count of what is unread: node replica.mjs CHAT_URL NOTIFY_URL EMAIL, with the password in $CHAT_PASSWORD.
import { client, events, Replica, sender, Session } from "fechatter-client";

const [chatUrl, notifyUrl, email] = process.argv.slice(2);
const session = new Session({ send: sender({ base: chatUrl }) });
await session.signIn(email, process.env.CHAT_PASSWORD);
const ours = client({ token: session.token, base: chatUrl });
let replica;
for await (const event of events({ client: ours, token: session.token, sockets: notifyUrl.replace("http", "ws") })) {
  if (event.kind === "Snapshot") replica = new Replica(event.data);
  else if (!replica.apply(event).chats.size) continue;
  console.log(`unread: ${[...replica.chats.values()].reduce((sum, { unread }) => sum + unread, 0)}`);
}
