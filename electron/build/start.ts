/** `npm start`: opens the window. Until there is one, says so and names what works. Not a failure: the exit status is 0. */
const display = process.platform !== 'linux' || Boolean(process.env.DISPLAY ?? process.env.WAYLAND_DISPLAY);

process.stdout.write(`Strongroom has no window yet.${display ? '' : ' This machine has no display either.'}

  npm run demo              the whole job in the terminal: a key generated, wrapped out, rotated, destroyed
  npm run cli -- --help     the command line
`);
