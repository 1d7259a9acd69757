/** In place of lib/session.js: nobody is signed in; what the page asks of the server is kept for the test. */
export const asked = [];
globalThis.asked = asked;
export async function call(method, path, body) {
  asked.push([method, path, body]);
  return null;
}

export const freshToken = async () => "token";
