#!/usr/bin/env node
// The `strongroom` command. Plain CommonJS for any Node from 12: it runs the program on Node 24 or later, here or on the one that the project brings.
'use strict';
// Without the prefix `node:`, which Node 12 does not know.
const { spawn } = require('child_process');
const { existsSync } = require('fs');
const { constants } = require('os');
const { dirname, join } = require('path');
const { pathToFileURL } = require('url');

const needed = 24;
const internal = 70;
/** Where `npm ci` is run; this file's real place, also when it was started through a link. */
const project = join(__dirname, '..', '..');

function major(version) {
  return Number(version.split('.')[0]);
}

function fail(message) {
  process.stderr.write(`strongroom: ${message}\n`);
  process.exitCode = internal;
}

/** The binary of the npm package `node`, where it was installed beside this file or above, if it is not this one already. */
function ownNode() {
  try {
    const folder = dirname(require.resolve('node/package.json', { paths: [__dirname] }));
    const path = [join(folder, 'bin', 'node'), join(folder, 'bin', 'node.exe')].find((candidate) => existsSync(candidate));
    return path === process.execPath ? undefined : path;
  } catch (_notInstalled) {
    return undefined;
  }
}

function whyNot(error) {
  if (error && error.code === 'ERR_MODULE_NOT_FOUND') return `is not installed completely; run \`npm ci\` in ${project}`;
  return error instanceof Error ? error.message : 'cannot start';
}

/** In this process: nothing native is loaded before the version was looked at. */
async function here() {
  const { main } = await import(pathToFileURL(join(__dirname, 'main.ts')).href);
  process.exitCode = await main(process.argv.slice(2));
}

/** On the project's Node, with this terminal; its end is ours. */
function there(node) {
  const child = spawn(node, [__filename].concat(process.argv.slice(2)), { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => fail(`cannot run ${node}: ${error.message}`));
  child.on('exit', (code, signal) => {
    process.exitCode = signal === null ? code : 128 + (constants.signals[signal] || 0);
  });
}

const own = ownNode();
if (major(process.versions.node) >= needed) here().catch((error) => fail(whyNot(error)));
else if (own !== undefined) there(own);
else fail(`needs Node ${needed} or later, this is ${process.versions.node}; run \`npm ci\` in ${project}, which brings one, or install Node ${needed}`);
