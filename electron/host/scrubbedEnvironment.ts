/** What of this environment the process of a PKCS#11 module gets. */

/** SECURITY: the child gets these and the module's own variables, nothing else: no token, password or proxy of this user's shell. */
export function scrubbedEnvironment(own: Readonly<Record<string, string>>): Record<string, string> {
  const kept = ['HOME', 'LANG', 'SystemRoot', 'USERPROFILE'].flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]]));
  return { PATH: '/usr/bin:/bin', ...Object.fromEntries(kept), ...own };
}
