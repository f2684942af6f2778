// OSC 1.0 in forty lines, and the socket
let socket, wanted = [];
const show = {}, values = {};
const text = new TextEncoder(), plain = new TextDecoder();
const padded = s => { const b = text.encode(s), a = new Uint8Array(b.length + 4 - b.length % 4); a.set(b); return a; };
function encode(address, ...args) {
  let tags = ",";
  const parts = args.map(a => {
    if (typeof a === "boolean") { tags += a ? "T" : "F"; return new Uint8Array(0); }
    if (typeof a === "string") { tags += "s"; return padded(a); }
    tags += "f"; const d = new DataView(new ArrayBuffer(4)); d.setFloat32(0, a); return new Uint8Array(d.buffer);
  });
  return new Blob([padded(address), padded(tags), ...parts]);
}
function decode(buffer) {
  const view = new DataView(buffer), bytes = new Uint8Array(buffer);
  let at = 0;
  const string = () => {
    const end = bytes.indexOf(0, at), s = plain.decode(bytes.subarray(at, end));
    at = end + 4 - end % 4;
    return s;
  };
  const address = string(), tags = string();
  const take = {
    f: () => view.getFloat32((at += 4) - 4), i: () => view.getInt32((at += 4) - 4), d: () => view.getFloat64((at += 8) - 8),
    h: () => Number(view.getBigInt64((at += 8) - 8)), s: string, T: () => true, F: () => false, N: () => null,
  };
  return [address, [...tags.slice(1)].map(tag => take[tag]())];
}
const send = (...message) => { if (socket && socket.readyState === 1) socket.send(encode(...message)); };
function connect() {
  socket = new WebSocket(location.origin.replace(/^http/, "ws") + "/");
  socket.binaryType = "arraybuffer";
  socket.onopen = () => load().then(() => document.body.classList.add("on"), () => socket.close());
  socket.onmessage = e => {
    if (typeof e.data !== "string") set(...decode(e.data));
    else if (/^PATH_/.test(JSON.parse(e.data).COMMAND)) { clearTimeout(connect.redraw); connect.redraw = setTimeout(load, 50); }
  };
  socket.onclose = () => {
    document.body.classList.remove("on");
    document.getElementById("engine").textContent = "looking for the host";
    setTimeout(connect, 1000);
  };
}
