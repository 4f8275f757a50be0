// Loaded before a process's own files (node --import): changes them as they are read. See plant.ts.
import fs from 'node:fs';
import { registerHooks, syncBuiltinESMExports } from 'node:module';

const bugs = JSON.parse(Buffer.from(globalThis.plantedBugs, 'base64url').toString());

function changed(path, text) {
  let result = text;
  for (const { file, find, replace } of bugs) {
    if (!path.endsWith(file)) continue;
    const place = new RegExp(find, 'g');
    if (result.search(place) === -1) {
      throw new Error(
        `The bug cannot be planted: ${path} no longer has "${find}". Write it anew in plant.ts.`,
      );
    }
    result = result.replace(place, replace);
  }
  return result;
}

// Lua scripts are read with readFileSync.
const { readFileSync } = fs;
fs.readFileSync = (path, ...rest) => {
  const read = readFileSync(path, ...rest);
  return typeof read === 'string' ? changed(String(path), read) : read;
};
syncBuiltinESMExports();

registerHooks({
  load(url, context, nextLoad) {
    const loaded = nextLoad(url, context);
    if (loaded.source === undefined || loaded.source === null || !url.startsWith('file:')) return loaded;
    return { ...loaded, source: changed(url, Buffer.from(loaded.source).toString()) };
  },
});
