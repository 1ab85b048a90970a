/** One of the things a panel lists: an interface, a device, a mount point, a group. */
export interface Item {
  /** Title of the panel. */
  readonly panel: string;
  readonly name: string;
}

/** What can be pointed at: a panel, one of its items, a moment in the past, or a key. */
export type Target =
  | { readonly kind: 'panel'; readonly panel: string }
  | { readonly kind: 'item'; readonly item: Item }
  | { readonly kind: 'moment'; readonly timestamp: string }
  | { readonly kind: 'key'; readonly key: { readonly name: string; readonly sequence: string } };
