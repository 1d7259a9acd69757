// Share a file: node share.mjs CHAT_URL NOTIFY_URL EMAIL CHAT_ID PATH, with the password in $CHAT_PASSWORD.
import { openAsBlob } from "node:fs";
import { basename } from "node:path";

import { client, sender, Session } from "fechatter-client";

const [chatUrl, , email, chatId, path] = process.argv.slice(2);
const session = new Session({ send: sender({ base: chatUrl }) });
await session.signIn(email, process.env.CHAT_PASSWORD);
const ours = client({ token: session.token, base: chatUrl });
const { workspace_id: workspaceId } = await ours.chats.get(Number(chatId));
const file = await openAsBlob(path);
const progressed = (bytes) => console.log(`${bytes} of ${file.size} bytes`);
const id = await ours.upload({ workspaceId, file, name: basename(path), progressed });
const { seq } = await ours.messages.post(Number(chatId), { files: [id] });
console.log(`posted ${basename(path)} as message ${seq}`);
