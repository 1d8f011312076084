/** The names of Electron's channels: one for calls of each window, one for events. Guessing them is of no use: who calls is checked at the other end. */
export const windowChannel = 'strongroom:window';
export const windowEventChannel = 'strongroom:event';
export const promptChannel = 'strongroom:prompt';
