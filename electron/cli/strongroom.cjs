#!/usr/bin/env node
// The `strongroom` command. Plain CommonJS for any Node: it runs the program on Node 24 or later, here or on the one that the project brings.
'use strict';
const { spawn } = require('node:child_process');
const { existsSync } = require('node:fs');
const { constants } = require('node:os');
const { dirname, join } = require('node:path');
const { pathToFileURL } = require('node:url');

const needed = 24;

function major(version) {
  return Number(version.split('.')[0]);
}

/** The binary of the npm package `node`, where it was installed beside this file or above. */
function ownNode() {
  try {
    const folder = dirname(require.resolve('node/package.json', { paths: [__dirname] }));
    const path = [join(folder, 'bin', 'node'), join(folder, 'bin', 'node.exe')].find((candidate) => existsSync(candidate));
    return path === process.execPath ? undefined : path;
  } catch {
    return undefined;
  }
}

async function here() {
  const { main } = await import(pathToFileURL(join(__dirname, 'main.ts')).href);
  process.exitCode = await main(process.argv.slice(2));
}

function there(node) {
  const child = spawn(node, [__filename, ...process.argv.slice(2)], { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => fail(`cannot run ${node}: ${error.message}`));
  child.on('exit', (code, signal) => {
    process.exitCode = signal === null ? code : 128 + (constants.signals[signal] || 0);
  });
}

function fail(message) {
  process.stderr.write(`strongroom: ${message}\n`);
  process.exitCode = 70;
}

if (major(process.versions.node) >= needed) here().catch((error) => fail(error instanceof Error ? error.message : 'cannot start'));
else if (ownNode() !== undefined) there(ownNode());
else fail(`needs Node ${needed} or later, this is ${process.versions.node}; run \`npm ci\` in its folder, which brings one, or install Node ${needed}`);
