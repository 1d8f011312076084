/** The bridge of the trusted prompt in Electron. */
import { contextBridge, ipcRenderer } from 'electron';
import { promptChannel } from '../../shared/ipc/channels.ts';

contextBridge.exposeInMainWorld('strongroomPrompt', {
  sitting: () => ipcRenderer.invoke(promptChannel, 'sitting'),
  onSitting: () => undefined, // each question has a window of its own
  answer: (answer: unknown) => ipcRenderer.invoke(promptChannel, 'answer', answer),
  complete: (typed: string) => ipcRenderer.invoke(promptChannel, 'complete', typed),
});
