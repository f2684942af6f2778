// Uploads that go on where they were broken off: tus 1.0.0.

import { Refusal, headers, lost, refused, rest } from "./api.js";

const PIECE = 4 << 20;  // bytes of a request
const HASHED = 256 << 20;  // bytes up to which a file is known before it is sent
const TRIES = 8;  // in a row that are refused; who is not reached is tried for ever
const STALLED = 60_000;  // milliseconds without a byte after which a connection is given up
const HELD = 200;  // songs whose uploads are remembered
const VERSION = { "Tus-Resumable": "1.0.0" };

const kept = () => JSON.parse(localStorage.getItem("uploads") || "{}");
const key = file => [file.name, file.size, file.lastModified].join("/");
function keep(file, where) {
  const all = kept();
  if (where) all[key(file)] = where; else delete all[key(file)];
  localStorage.setItem("uploads", JSON.stringify(Object.fromEntries(Object.entries(all).slice(-20))));
}

// All that this browser holds of each song: who lets go of a song lets go of all of it.
const holds = () => JSON.parse(localStorage.getItem("holds") || "{}");
const hold = all => localStorage.setItem("holds", JSON.stringify(Object.fromEntries(Object.entries(all).slice(-HELD))));
function held(song, where) {
  const { [song]: before = [], ...others } = holds();
  hold({ ...others, [song]: [...new Set([...before, where])] });
}

const base64 = text => btoa(String.fromCharCode(...new TextEncoder().encode(text)));

async function digest(file) {  // hexadecimal, or "" where the browser does not say
  if (!crypto.subtle || file.size > HASHED) return "";
  const bytes = new Uint8Array(await crypto.subtle.digest("SHA-256", await file.arrayBuffer()));
  return [...bytes].map(b => b.toString(16).padStart(2, "0")).join("");
}

function send(method, path, more, body, progress, signal) {  // XMLHttpRequest, for fetch tells no progress of what it sends
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open(method, path);
    for (const [name, value] of Object.entries(headers({ ...VERSION, ...more }))) request.setRequestHeader(name, value);
    let patience = null;
    const wait = () => { clearTimeout(patience); patience = setTimeout(() => { reject(new Error("lost")); request.abort(); }, STALLED); };
    wait();
    request.upload.onprogress = e => { wait(); progress?.(e.loaded); };
    request.onloadend = () => clearTimeout(patience);
    request.onload = () => {
      if (request.status < 300) return resolve(request);
      let said = {};
      try { said = JSON.parse(request.responseText); } catch { /* a proxy's page */ }
      reject(new Refusal(request.status, said.detail || request.statusText, said.code || ""));
    };
    request.onerror = request.ontimeout = () => reject(new Error("lost"));
    request.onabort = () => reject(new DOMException("stopped", "AbortError"));
    signal.addEventListener("abort", () => request.abort(), { once: true });
    request.send(body);
  });
}

// Send a file; returns {upload, song}. progress is told the bytes that have come, and null while nobody is reached.
// Throws a Refusal, or AbortError.
export async function upload(file, progress, signal) {
  let where = kept()[key(file)], offset = null;
  for (let failed = 0; ; ) {
    try {
      if (where && offset === null) {
        const told = await send("HEAD", where, {}, null, null, signal);
        offset = Number(told.getResponseHeader("Upload-Offset"));
      }
      if (!where) {
        const sum = await digest(file);
        const about = [`filename ${base64(file.name || "recording.webm")}`, ...(sum ? [`sha256 ${base64(sum)}`] : [])];
        const made = await send("POST", "/uploads", { "Upload-Length": file.size, "Upload-Metadata": about.join(",") }, null, null, signal);
        where = new URL(made.getResponseHeader("Location"), location.href).pathname;
        offset = Number(made.getResponseHeader("Upload-Offset") || 0);
        keep(file, where);
      }
      while (offset < file.size) {
        progress(offset);
        const piece = file.slice(offset, offset + PIECE);
        const more = { "Upload-Offset": offset, "Content-Type": "application/offset+octet-stream" };
        const told = await send("PATCH", where, more, piece, sent => progress(offset + sent), signal);
        offset = Number(told.getResponseHeader("Upload-Offset"));
        failed = 0;
      }
      progress(file.size);
      keep(file, null);
      const known = await (await fetch(where, { headers: headers(), signal })).json();
      held(known.song, where);
      return { upload: where, song: known.song };
    } catch (error) {
      if (error.name === "AbortError") throw error;
      if (error instanceof Refusal && [404, 410].includes(error.status) && where) {
        keep(file, null);
        where = offset = null;
      } else if (error instanceof Refusal && ![409, 423, 429, 460, 500, 502, 503, 504].includes(error.status)) throw error;
      if (++failed > TRIES && !lost(error)) throw error;
      if (lost(error)) progress(null);
      offset = null;
      await Promise.race([rest(Math.min(500 * 2 ** failed, 15_000)), new Promise(resolve => {
        for (const [target, event] of [[signal, "abort"], [window, "online"]]) target.addEventListener(event, resolve, { once: true });
      })]);
      if (signal.aborted) throw new DOMException("stopped", "AbortError");
    }
  }
}

export async function drop(where) {  // one upload
  const response = await fetch(where, { method: "DELETE", headers: headers(VERSION) });
  if (!response.ok && response.status !== 404) throw await refused(response);
  hold(Object.fromEntries(Object.entries(holds()).map(([song, all]) => [song, all.filter(one => one !== where)]).filter(([, all]) => all.length)));
}

export async function forget(song) {  // all uploads of a song
  for (const where of holds()[song] || []) await drop(where);
}
