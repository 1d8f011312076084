/**
 * `npm start`: opens the window. Until there is one, says so and names what works. The exit status is 0: nothing failed, and npm would
 * bury the two commands under an error report.
 */
const { DISPLAY, WAYLAND_DISPLAY } = process.env;
const display = process.platform !== 'linux' || Boolean(DISPLAY || WAYLAND_DISPLAY);

process.stdout.write(`Strongroom has no window yet. This machine has ${display ? 'a display' : 'no display'}; what there is runs in the terminal:

  npm run demo              the whole job: a key generated, wrapped out, rotated, destroyed
  npm run cli -- --help     the command line
`);
