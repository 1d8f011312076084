/** Makes a build that leaks: loaded before the program, it rewrites one line of one source file on its way in. The leak test must catch each. */
import { registerHooks } from 'node:module';

const [file = '', find = '', replacement = ''] = JSON.parse(process.env.STRONGROOM_LEAK ?? '[]') as string[];

registerHooks({
  load(url, context, nextLoad) {
    const loaded = nextLoad(url, context);
    if (file === '' || !url.endsWith(file)) return loaded;
    const source = String(loaded.source);
    if (!source.includes(find)) throw new Error(`the leak does not fit: ${file} has no "${find}"`);
    return { ...loaded, source: source.replace(find, replacement) };
  },
});
