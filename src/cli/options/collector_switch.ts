/** What a collector can be switched to. */
export const SWITCHES = ['on', 'off'] as const;

export type Switch = (typeof SWITCHES)[number];
