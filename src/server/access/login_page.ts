import { createHash } from 'node:crypto';

const STYLE =
  ':root{color-scheme:dark light}body{max-width:26rem;margin:12vh auto;padding:0 1rem;font:1rem/1.5 system-ui,sans-serif}' +
  'label,input{display:block;width:100%;box-sizing:border-box}input,button{margin:.5rem 0;padding:.5rem;font:inherit}' +
  '[role=alert]{font-weight:600}small{opacity:.85}';

/** A link to a view names it behind the #, which no form sends by itself: it is kept over the redirection. */
const SCRIPT = 'document.forms[0].action += location.hash';

/** Comes again from here: a browser sends the cookie along then, and not when a link of another site led to us. */
const RETURN = 'location.replace("/login" + location.hash)';

const hashOf = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

/** The page has nothing but its own style, script and form. */
export const LOGIN_POLICY = [
  "default-src 'none'",
  `style-src ${hashOf(STYLE)}`,
  `script-src ${hashOf(SCRIPT)} ${hashOf(RETURN)}`,
  'img-src data:',
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ');

/** For a visit that a link of another site led to, on which the browser keeps the cookie back. */
export function returnPage(): string {
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>hzstat</title><link rel="icon" href="data:,"><a href="/login">hzstat</a><script>${RETURN}</script></html>\n`;
}

/** Asks for the token, and says what becomes of it. @param trouble why it is asked again */
export function loginPage(cookieDays: number, trouble?: string): string {
  const alert = trouble === undefined ? '' : `<p role="alert">${trouble}</p>`;
  return (
    '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">' +
    `<title>hzstat: log in</title><link rel="icon" href="data:,"><style>${STYLE}</style><h1>hzstat</h1>${alert}` +
    '<form method="post" action="/login"><label for="token">Token of this server</label>' +
    '<input id="token" name="token" type="password" autocomplete="current-password" required autofocus>' +
    '<button>Log in</button></form>' +
    `<p><small>Your browser will keep a cookie made from the token for ${cookieDays} days, not the token itself. ` +
    '“Log out” in the menu of the dashboard removes it.</small></p>' +
    `<script>${SCRIPT}</script></html>\n`
  );
}
