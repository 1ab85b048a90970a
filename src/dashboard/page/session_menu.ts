import { popover } from '../controls/popover.ts';
import { button, element } from '../view/element.ts';

/** What this browser keeps of the session, and the way to end it; nothing where the server wants no token. */
export function sessionMenu(): HTMLElement[] {
  if (!document.documentElement.hasAttribute('data-guarded')) return [];
  const trouble = element('p', { class: 'error', role: 'alert', hidden: true });
  const leave = async (): Promise<void> => {
    try {
      const { ok, status } = await fetch('/logout', { method: 'POST' });
      if (!ok && status !== 401) throw new Error(`the server answered with status ${status}`);
      location.reload();
    } catch (error) {
      trouble.textContent = error instanceof Error ? error.message : String(error);
      trouble.hidden = false;
    }
  };
  const kept = element(
    'p',
    { class: 'kept' },
    'This browser keeps a cookie made from the token, not the token itself, for 30 days after the login. Nothing else is stored; the view is in the address only.',
  );
  const menu = popover('Session', 'What this browser stores, and log out', [
    kept,
    button('Log out', 'Remove the cookie', () => void leave(), { class: 'row' }),
    trouble,
  ]);
  return [menu.button, menu.box];
}
