/** The bridge of the window in Electron: one function per method of the contract, and nothing of Electron's. */
import { contextBridge, ipcRenderer, webUtils } from 'electron';
import { windowChannel, windowEventChannel } from '../../shared/ipc/channels.ts';
import { windowMethodNames } from '../../shared/ipc/methodNames.ts';

/** Answers and requests cross as text: what is not plain data is refused where it is written. */
const ask = async (name: string, request: unknown, call: string): Promise<unknown> => JSON.parse(String(await ipcRenderer.invoke(windowChannel, 'call', name, JSON.stringify(request), call)));

contextBridge.exposeInMainWorld('strongroom', {
  methods: Object.fromEntries(windowMethodNames.map((name) => [name, (request: unknown, call: string) => ask(name, request, call)])), // SECURITY: a function per method; no channel is in reach of the page (checklist 20)
  cancel: (call: string) => void ipcRenderer.invoke(windowChannel, 'cancel', call),
  onEvent: (listener: (event: unknown) => void) => void ipcRenderer.on(windowEventChannel, (_event, told: unknown) => listener(told)),
  // SECURITY: the path goes to the main process and not to the page; a file that the page made has none
  grantDropped: (file: File, use: string) => ipcRenderer.invoke(windowChannel, 'dropped', webUtils.getPathForFile(file), use),
});
