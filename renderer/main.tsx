/** The window starts here. */
import './security/trustedTypes.ts';
import '@fontsource-variable/inter/index.css';
import '@fontsource/ibm-plex-mono/latin-400.css';
import '@mantine/core/styles.css';
import '@mantine/spotlight/styles.css';
import '@mantine/notifications/styles.css';
import './theme/strongroom.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { withoutJit } from '../shared/validation/jitless.ts';
import { App } from './App.tsx';

withoutJit();

const root = document.getElementById('root');
if (root !== null) {
  createRoot(root).render(
    <StrictMode>
      <App />
    </StrictMode>,
  );
}
