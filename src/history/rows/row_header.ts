/** Slots before the values of every snapshot of history, be it on its way to the disk or read back. */
export const UNIX_US = 0;
export const SEQUENCE = 1;
/** Under which number the batch has told the layout; of snapshots that stand beside their layout it says nothing. */
export const LAYOUT_ID = 2;
/** Slots of values that follow. */
export const VALUE_SLOTS = 3;
export const HEADER_SLOTS = 4;
