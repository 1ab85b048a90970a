/** Text that changes often: only the characters are exchanged, and only when they differ. */
export class LiveText {
  readonly node = document.createTextNode('');

  set(text: string): void {
    if (this.node.data !== text) this.node.data = text;
  }
}
