// node peer.js PORT ADDRESS VALUE: learn the namespace over HTTP, listen to ADDRESS by WebSocket, move it by UDP to VALUE.
// Says a line of JSON for each: what was learned, and each message that was heard.
"use strict";
const dgram = require("node:dgram");
const { DiscoveredService } = require("oscquery");
const osc = require("osc-min");
const WebSocket = require("ws");

const [port, address, value] = process.argv.slice(2);
const say = line => process.stdout.write(JSON.stringify(line) + "\n");

async function main() {
  const host = new DiscoveredService("127.0.0.1", Number(port));
  await host.update();
  const methods = host.flat().map(({ full_path, access, tags, arguments: values }) => ({ full_path, access, tags, values }));
  say({ host: host.hostInfo, methods });
  const socket = new WebSocket(`ws://${host.hostInfo.wsIp}:${host.hostInfo.wsPort}/`);
  socket.on("open", () => {
    socket.send(JSON.stringify({ COMMAND: "LISTEN", DATA: address }));
    const message = osc.toBuffer({ address, args: [{ type: "float", value: Number(value) }] });
    const wire = dgram.createSocket("udp4");
    wire.send(message, host.hostInfo.oscPort, host.hostInfo.oscIp, () => wire.close());
  });
  socket.on("message", (data, isBinary) => {
    if (!isBinary) return;
    const message = osc.fromBuffer(data);
    say({ heard: [message.address, ...message.args.map(a => a.value)] });
  });
}

main();
