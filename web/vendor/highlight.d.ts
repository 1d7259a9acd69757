/** What is between two places of a code, and of which kind; see web/chat/text/code.js. */
export function tokenizeWith(
  code: string,
  language: unknown,
  onToken: (text: string, kind?: string) => void,
  options?: { languages?: Record<string, unknown> },
): void;
export const languages: Record<string, unknown>;
