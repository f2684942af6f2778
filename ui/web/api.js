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

// Events of these jobs until all have ended; `tell` is given each. Calls stop() of what it returns to leave.
export function follow(jobs, tell) {
  const leave = new AbortController();
  let last = "";
  async function once() {
    const query = jobs.map(id => `job=${id}`).join("&");
    const more = last ? { "Last-Event-ID": last } : {};
    const response = await fetch(`/events?${query}`, { headers: headers(more), signal: leave.signal });
    if (!response.ok) throw await refused(response);
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    for (let text = ""; ;) {
      const { done, value } = await reader.read();
      if (done) return;
      text += value;
      const events = text.split("\n\n");
      text = events.pop();
      for (const event of events) {
        const fields = Object.fromEntries(event.split("\n").map(line => [line.split(": ", 1)[0], line.slice(line.indexOf(": ") + 2)]));
        if (fields.id) last = fields.id;
        if (fields.event === "job") tell(JSON.parse(fields.data));
      }
    }
  }
  (async () => {
    for (let wait = 500; !leave.signal.aborted; wait = Math.min(2 * wait, 10_000)) {
      try {
        await once();
        return;
      } catch (error) {
        if (leave.signal.aborted || (error instanceof Refusal && error.status === 404)) return;
        await rest(wait);
      }
    }
  })();
  return { stop: () => leave.abort() };
}
