// The service: requests with the token, refusals as sentences, and events that go on after a lost connection.

let token = localStorage.getItem("token") || "";
const found = new URLSearchParams(location.hash.slice(1)).get("token");
if (found) {
  setToken(found);
  history.replaceState(null, "", location.pathname);
}

export function setToken(value) {
  token = value;
  localStorage.setItem("token", value);
}

export function headers(more = {}) {
  return token ? { Authorization: `Bearer ${token}`, ...more } : more;
}

export class Refusal extends Error {
  constructor(status, detail, code) {
    super(detail);
    this.status = status;
    this.code = code;
  }
}

const FIRST = 500;  // milliseconds until the same is tried again
const AWAY = [502, 503, 504];  // what a proxy says while the service is away
const SILENT = 40_000;  // milliseconds of a stream that is never silent for more than 15 s

// Whether nobody was reached: each browser has words of its own for that, and all in one language.
export const lost = error => error instanceof TypeError || error.message === "lost" || (error instanceof Refusal && AWAY.includes(error.status));

export async function refused(response) {
  const text = await response.text();
  try {
    const { detail, code } = JSON.parse(text);
    return new Refusal(response.status, detail, code);
  } catch {
    return new Refusal(response.status, text.slice(0, 200) || response.statusText, "");
  }
}

export async function ask(method, path, body) {
  const more = body === undefined ? {} : { "Content-Type": "application/json" };
  const response = await fetch(path, { method, headers: headers(more), body: body && JSON.stringify(body) });
  if (!response.ok) throw await refused(response);
  return response.status === 204 ? null : response.json();
}

export function uuid() {  // version 4; crypto.randomUUID is not there on plain http
  const b = crypto.getRandomValues(new Uint8Array(16));
  b[6] = b[6] & 15 | 64;
  b[8] = b[8] & 63 | 128;
  const s = [...b].map(x => x.toString(16).padStart(2, "0")).join("");
  return [s.slice(0, 8), s.slice(8, 12), s.slice(12, 16), s.slice(16, 20), s.slice(20)].join("-");
}

export const rest = ms => new Promise(resolve => setTimeout(resolve, ms));

// Events of these jobs until all have ended; `tell` is given each, `gone` the id of one that somebody has deleted.
// Call stop() of what it returns to leave.
export function follow(jobs, tell, gone = () => {}) {
  const leave = new AbortController(), open = new Set(jobs);
  function heard(job) {
    if (job.state !== "queued" && job.state !== "running") open.delete(job.id);
    if (!leave.signal.aborted) tell(job);
  }
  async function look() {  // a stream has ended, and there are jobs that have not: the service has stopped, or they are gone
    for (const id of open) {
      try {
        heard(await ask("GET", `/jobs/${id}`));
      } catch (error) {
        if (!(error instanceof Refusal && error.status === 404)) throw error;
        open.delete(id);
        gone(id);
      }
    }
  }
  let last = "", wait = FIRST;
  async function once() {
    const query = [...open].map(id => `job=${id}`).join("&");
    const more = last ? { "Last-Event-ID": last } : {};
    const attempt = new AbortController(), end = () => attempt.abort();
    let patience = setTimeout(end, SILENT);  // who wakes up has a connection that looks open and is none
    leave.signal.addEventListener("abort", end, { once: true });
    const response = await fetch(`/events?${query}`, { headers: headers(more), signal: attempt.signal });
    if (!response.ok) throw await refused(response);
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    for (let text = ""; ;) {
      const { done, value } = await reader.read();
      clearTimeout(patience);
      if (done) return;
      patience = setTimeout(end, SILENT);
      text += value;
      const events = text.split("\n\n");
      text = events.pop();
      for (const event of events) {
        const fields = Object.fromEntries(event.split("\n").map(line => [line.split(": ", 1)[0], line.slice(line.indexOf(": ") + 2)]));
        if (fields.id) last = fields.id;
        wait = FIRST;
        if (fields.event === "job") heard(JSON.parse(fields.data));
      }
    }
  }
  (async () => {
    for (; !leave.signal.aborted; wait = Math.min(2 * wait, 10_000)) {
      try {
        await once();
        if (open.size) await look();
      } catch (error) {
        if (error instanceof Refusal && error.status === 404) await look().catch(() => {});
      }
      if (!open.size) return;
      await rest(wait);
    }
  })();
  return { stop: () => leave.abort() };
}

// The job when it has ended; a signal may give it up.
export function ending(id, signal) {
  return new Promise((resolve, reject) => {
    const gone = () => reject(new Refusal(404, "there is no such job, or its time is over", "gone"));
    const stream = follow([id], job => ["queued", "running"].includes(job.state) || resolve(job), gone);
    signal?.addEventListener("abort", () => { stream.stop(); reject(new DOMException("stopped", "AbortError")); }, { once: true });
  });
}
