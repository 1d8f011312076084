/** The channel to the host that started this process: Electron's parent port, or Node's IPC. */

interface ParentPort {
  on(event: 'message', listener: (event: { readonly data: unknown }) => void): void;
  postMessage(message: unknown): void;
}

export interface Channel {
  send(frame: Uint8Array): void;
  /** @param end called where the host is gone, or sends what is not a frame */
  listen(onFrame: (frame: Uint8Array) => void, end: () => void): void;
}

function electronChannel(port: ParentPort): Channel {
  return {
    send: (frame) => port.postMessage(frame),
    listen: (onFrame, end) => port.on('message', ({ data }) => (data instanceof Uint8Array ? onFrame(data) : end())),
  };
}

function nodeChannel(send: (message: unknown) => void): Channel {
  return {
    send,
    listen: (onFrame, end) => {
      process.on('message', (message: unknown) => (message instanceof Uint8Array ? onFrame(message) : end()));
      process.on('disconnect', end);
    },
  };
}

/** @throws Error where this program was not started by a host */
export function openChannel(): Channel {
  const port = (process as { parentPort?: ParentPort }).parentPort;
  if (port !== undefined) return electronChannel(port);
  const send = process.send?.bind(process);
  if (send === undefined) throw new Error('this program is started by Strongroom, not by hand');
  return nodeChannel((message) => void send(message));
}
