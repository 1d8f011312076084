/** The command palette: every page, every action, every key by its name. */
import { Spotlight } from '@mantine/spotlight';
import type { SpotlightActionData } from '@mantine/spotlight';
import type { ReactElement } from 'react';
import { useAnswer } from '../client/useAnswer.ts';
import { go } from '../client/route.ts';
import type { PageName } from '../client/route.ts';
import { useWindow } from '../client/windowState.ts';
import { purposeWords, stateWords } from '../parts/text.ts';
import { algorithmWord } from '../parts/algorithmText.ts';

const places: readonly (readonly [PageName, string, string, string?])[] = [
  ['generate', 'Generate a key', 'in the vault or on a token'],
  ['import', 'Import a wrapped key', 'under a transport or wrapping key of this vault', 'wrapped'],
  ['import', 'Import a key file', 'PKCS#8, PKCS#12, PEM, JWK, OpenSSH, hex or raw', 'file'],
  ['derive', 'Derive or agree on a key', 'HKDF, ECDH, X25519, ML-KEM'],
  ['use', 'Sign, verify, encrypt or decrypt files', 'and authentication codes, with a key of this vault'],
  ['distribute', 'Distribute a key', 'wrapped to a recipient'],
  ['recipients', 'Add a recipient', 'by its public key or certificate'],
  ['tokens', 'Tokens and modules', 'add a module, initialise a token'],
  ['tokens', 'Copy keys to another token', 'a plan first, then copies with proof'],
  ['log', 'Verify or export the log', 'and prove an entry'],
  ['vault', 'Vault and safety', 'ways in, recovery sheet, new epoch, backups, identity file, check everything'],
  ['vault', 'Back the vault up', 'or check a backup, or rehearse a restore'],
  ['sheet', 'Make a recovery sheet', 'words on paper that open the vault when the passphrase is lost'],
  ['overview', 'Overview', 'what needs you'],
  ['keys', 'All keys', ''],
  ['settings', 'Settings', 'appearance, idle lock, seal'],
];

/** More are found by typing on. */
const shownAtMost = 12;

export function Palette(): ReactElement {
  const { lock } = useWindow();
  const keys = useAnswer('key.list', {}).value?.keys ?? [];
  const actions: SpotlightActionData[] = [
    ...places.map(([page, label, description, of]) => ({ id: label, label, description, onClick: () => go(page, of) })),
    { id: 'lock', label: 'Lock the vault', description: 'Ctrl L', onClick: () => void lock() },
    ...keys.map((key) => ({ id: `key ${key.id}`, label: key.name, description: `${purposeWords[key.purpose]}, ${algorithmWord(key.algorithm)}, ${stateWords[key.state]}`, onClick: () => go('key', key.name) })),
  ];
  return <Spotlight actions={actions} shortcut="mod + K" limit={shownAtMost} nothingFound="Nothing is named like that" highlightQuery scrollable maxHeight={420} searchProps={{ placeholder: 'Find a key or an action', 'aria-label': 'Find a key or an action' }} transitionProps={{ duration: 0 }} attributes={{ content: { 'aria-label': 'Find a key or an action' } }} />;
}
