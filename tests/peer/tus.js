// node tus.js ENDPOINT FILE MEMORY: send a file by tus-js-client: stop in the middle, go on from what it remembers, and
// begin another that is let go of. Says a line of JSON for each: what had come when it stopped and went on, where it is.
"use strict";
const fs = require("node:fs");
const tus = require("tus-js-client");

const [endpoint, file, memory] = process.argv.slice(2);
const say = line => process.stdout.write(JSON.stringify(line) + "\n");
const CHUNK = 70_000;  // bytes

function upload(data, more) {
  return new tus.Upload(data, {
    endpoint,
    chunkSize: CHUNK,
    retryDelays: [0, 100, 200, 400],
    metadata: { filename: "song.wav", filetype: "audio/wav" },
    urlStorage: new tus.FileUrlStorage(memory),
    fingerprint: async () => "the song",
    ...more,
  });
}

const part = (data, enough) => new Promise((resolve, reject) => {
  const first = upload(data, {
    onError: reject,
    onChunkComplete: async (_, came) => { if (came >= enough) { await first.abort(); resolve({ came, url: first.url }); } },
  });
  first.start();
});

const rest = data => new Promise((resolve, reject) => {
  const from = [];
  const second = upload(data, { onError: reject, onProgress: came => from.push(came), onSuccess: () => resolve({ from: from[0], url: second.url }) });
  second.findPreviousUploads().then(found => {
    if (found.length !== 1) reject(new Error(`${found.length} uploads are remembered`));
    second.resumeFromPreviousUpload(found[0]);
    second.start();
  });
});

const letGo = data => new Promise((resolve, reject) => {
  const third = upload(data, {
    fingerprint: async () => "another",
    onError: reject,
    onChunkComplete: async () => { const { url } = third; await third.abort(true); resolve({ url }); },
  });
  third.start();
});

async function main() {
  const data = fs.readFileSync(file);
  say({ stopped: await part(data, 3 * CHUNK) });
  say({ done: await rest(data) });
  say({ gone: await letGo(data) });
}

main().catch(error => { process.stderr.write(`${error}\n`); process.exit(1); });
