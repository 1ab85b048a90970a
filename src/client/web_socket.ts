/** What the client needs of a WebSocket; browsers and Node 22 bring one, Node 20 borrows one from `ws`. */
export interface Socket {
  onopen: (() => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: ((event: { code: number; reason: string }) => void) | null;
  onerror: ((event: unknown) => void) | null;
  send(text: string): void;
  close(code?: number, reason?: string): void;
}

/** Opens a socket that hands over binary messages as ArrayBuffers. */
export async function openSocket(url: string, token: string | undefined): Promise<Socket> {
  // Only Node can send the header; a browser is let in by the cookie of its first visit.
  if (typeof process === 'undefined' || !process.versions?.node) {
    const socket = new WebSocket(url);
    socket.binaryType = 'arraybuffer';
    return socket as Socket;
  }
  const { WebSocket: NodeWebSocket } = await import('ws');
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const socket = new NodeWebSocket(url, { headers, perMessageDeflate: false });
  socket.binaryType = 'arraybuffer';
  return socket as Socket;
}
